// Inferences whose outputs are classifications, or whose tensors lie in shared memory.
#include "server/protocol/inference.h"

#include <gmock/gmock.h>

#include "runtime/repository_fixture_test.h"
#include "server/protocol/shared_memory_fixture_test.h"

namespace oarlock {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What an inference ended with, copied.
struct Ended {
  absl::Status status;
  struct Output {
    std::string name;
    DType dtype;
    Shape shape;
    std::vector<std::string> texts;
    std::vector<float> floats;
    bool binary;
    bool in_shared_memory;
  };
  std::vector<Output> outputs;
  CopyReport copies;
};

class InferenceTest : public RepositoryTest {
 protected:
  InferenceTest() { inference_->shared_memory = &regions_; }

  void Serve(const std::string& script, const std::string& manifest = "", int64_t max_batch_size = 0) {
    Put("m/m.fake", script);
    if (!manifest.empty()) Put("m/model.yaml", "schema: 1\n" + manifest);
    ModelConfig model = Model("m");
    if (max_batch_size > 0) model.batching.emplace().max_batch_size = max_batch_size;
    MustApply(Of({model}));
  }
  ParsedInput& GiveInput(std::vector<float> values, const Shape& shape) {
    values_ = std::move(values);
    ParsedInput& input = inference_->request.inputs.emplace_back();
    input.name = "x";
    input.view = {DType::kF32, shape, reinterpret_cast<const std::byte*>(values_.data()), values_.size() * 4};
    return input;
  }
  ParsedInput& ShareInput(const Shape& shape, SharedMemoryPart part, DType dtype = DType::kF32) {
    ParsedInput& input = inference_->request.inputs.emplace_back();
    input.name = "x";
    input.view = {dtype, shape};
    input.shared_memory = std::move(part);
    return input;
  }
  ParsedOutput& Want(std::string name, int64_t classification = 0) {
    ParsedOutput& output = inference_->request.outputs.emplace_back();
    output.name = std::move(name);
    output.classification = classification;
    return output;
  }
  // Asks, once; what was given is gone afterwards.
  Ended Run() {
    Ended ended;
    const auto picked = repository_->Pick("m", {}, {});
    EXPECT_TRUE(picked.ok()) << picked.status();
    bool done = false;
    inference_->Start(*picked, [&](absl::Status status, const InferenceAnswer& answer) {
      ended.status = std::move(status);
      for (const ResponseOutput& output : answer.outputs) ended.outputs.push_back(Copy(output));
      ended.copies = answer.response.copies();
      done = true;
    });
    RunAll();
    EXPECT_TRUE(done);
    inference_ = std::make_shared<Inference>();
    inference_->shared_memory = &regions_;
    return ended;
  }
  static Ended::Output Copy(const ResponseOutput& output) {
    Ended::Output copy{std::string(output.name), output.view.dtype, output.view.shape, {}, {}, output.binary,
                       output.in_shared_memory};
    if (output.view.dtype == DType::kBytes && !output.in_shared_memory) {
      const auto texts = BytesElements(output.view.bytes(), *output.view.shape.ElementCount());
      EXPECT_TRUE(texts.ok()) << texts.status();
      if (texts.ok()) copy.texts.assign(texts->begin(), texts->end());
    }
    const auto floats = output.view.As<float>();
    copy.floats.assign(floats.begin(), floats.end());
    return copy;
  }
  void ExpectRefused(absl::StatusCode code, std::string_view part) {
    const Ended ended = Run();
    EXPECT_EQ(ended.status.code(), code) << ended.status;
    EXPECT_THAT(std::string(MessageOf(ended.status)), HasSubstr(std::string(part)));
    EXPECT_THAT(ended.outputs, IsEmpty());
  }

  SharedMemory regions_{true, Limits()};
  std::vector<float> values_;
  std::shared_ptr<Inference> inference_ = std::make_shared<Inference>();
};

TEST_F(InferenceTest, AnOutputBecomesItsBestClasses) {
  Serve(Add(1));
  for (const bool binary : {false, true}) {
    GiveInput({1, 5, 3, 2, 9, 8, 7, 6}, {2, 4});
    Want("y", 2).binary_data = binary;
    const Ended ended = Run();
    ASSERT_TRUE(ended.status.ok()) << ended.status;
    ASSERT_EQ(ended.outputs.size(), 1u);
    EXPECT_EQ(ended.outputs[0].dtype, DType::kBytes);
    EXPECT_EQ(ended.outputs[0].shape, (Shape{2, 2}));
    EXPECT_EQ(ended.outputs[0].binary, binary);
    EXPECT_THAT(ended.outputs[0].texts, ElementsAre("6:1", "4:2", "10:0", "9:1"));
  }
}

TEST_F(InferenceTest, OutputsOfFixedSizeAndOneDimAreClassifiedToo) {
  Serve("input x FP32 4\noutput y FP32 4\n");
  GiveInput({1, 5, 3, 2}, {4});
  Want("y", 9).binary_data = true;
  const Ended ended = Run();
  ASSERT_TRUE(ended.status.ok()) << ended.status;
  EXPECT_EQ(ended.outputs[0].shape, Shape{4});
  EXPECT_THAT(ended.outputs[0].texts, ElementsAre("5:1", "3:2", "2:3", "1:0"));
}

TEST_F(InferenceTest, WithBatchingOneDimIsTheBatchs) {
  Serve("input x FP32 -1\noutput y FP32 -1\n", "", 8);
  GiveInput({1, 5, 3}, {3});
  Want("y", 2);
  const Ended ended = Run();
  ASSERT_TRUE(ended.status.ok()) << ended.status;
  EXPECT_EQ(ended.outputs[0].shape, (Shape{3, 1}));
  EXPECT_THAT(ended.outputs[0].texts, ElementsAre("1:0", "5:0", "3:0"));
}

TEST_F(InferenceTest, ScoresOfTopKKeepTheirClassesAndLabels) {
  Put("m/labels.txt", "ant\nbee\ncat\ndog\n");
  Serve("input x FP32 -1,4\noutput y FP32 -1,4\n", "postprocess: {top_k: {k: 3, labels: labels.txt}}\n");
  GiveInput({1, 5, 3, 2, 9, 8, 7, 6}, {2, 4});
  Want("score", 2);
  Want("class");
  Ended ended = Run();
  ASSERT_TRUE(ended.status.ok()) << ended.status;
  ASSERT_EQ(ended.outputs.size(), 2u);  // labels were computed, and were not asked for
  EXPECT_EQ(ended.outputs[0].shape, (Shape{2, 2}));
  EXPECT_THAT(ended.outputs[0].texts, ElementsAre("5:1:bee", "3:2:cat", "9:0:ant", "8:1:bee"));
  EXPECT_EQ(ended.outputs[1].name, "class");
  EXPECT_EQ(ended.outputs[1].dtype, DType::kI64);
  GiveInput({1, 5, 3, 2}, {1, 4});
  Want("label", 1);
  ExpectRefused(absl::StatusCode::kInvalidArgument, "output 'label': is BYTES");
}

TEST_F(InferenceTest, WithoutAFileOfLabelsThereAreNone) {
  Serve("input x FP32 -1,4\noutput y FP32 -1,4\n", "postprocess: {top_k: {k: 3}}\n");
  GiveInput({1, 5, 3, 2}, {1, 4});
  Want("score", 7);
  const Ended ended = Run();
  ASSERT_TRUE(ended.status.ok()) << ended.status;
  EXPECT_THAT(ended.outputs[0].texts, ElementsAre("5:1", "3:2", "2:3"));
}

TEST_F(InferenceTest, WhatCannotBeClassifiedIsRefused) {
  Serve("input x FP32 -1,4\ninput b BOOL -1\noutput y FP32 -1,4\noutput o BOOL -1\n");
  GiveInput({1, 5, 3, 2}, {1, 4});
  Want("o", 1);
  ExpectRefused(absl::StatusCode::kInvalidArgument, "output 'o': is BOOL; a classification takes");
  GiveInput({1, 5, 3, 2}, {1, 4});
  Want("z", 1);
  ExpectRefused(absl::StatusCode::kInvalidArgument, "");
  GiveInput({1, 5, 3, 2}, {1, 4});
  Want("y", 1).shared_memory = SharedMemoryPart{"r", 0, 16};
  ExpectRefused(absl::StatusCode::kInvalidArgument, "a classification cannot be written to shared memory");
}

TEST_F(InferenceTest, TensorsAreReadFromAndWrittenToSharedMemory) {
  Serve(Add(1));
  SharedObject in(64);
  SharedObject out(64);
  in.Put<float>(16, {1, 2, 3, 4});
  ASSERT_TRUE(regions_.Register({"in", in.key(), 8, 56}).ok());
  ASSERT_TRUE(regions_.Register({"out", out.key(), 0, 64}).ok());
  ShareInput({1, 4}, {"in", 8, 16});
  Want("y").shared_memory = SharedMemoryPart{"out", 4, 60};
  const Ended ended = Run();
  ASSERT_TRUE(ended.status.ok()) << ended.status;
  EXPECT_TRUE(ended.outputs[0].in_shared_memory);
  EXPECT_FALSE(ended.outputs[0].binary);
  EXPECT_EQ(ended.outputs[0].shape, (Shape{1, 4}));
  EXPECT_EQ(ended.outputs[0].dtype, DType::kF32);
  EXPECT_THAT(ended.outputs[0].floats, IsEmpty());
  EXPECT_THAT(out.Get<float>(0, 6), ElementsAre(0, 2, 3, 4, 5, 0));
  EXPECT_EQ(ended.copies[CopyReason::kUntrusted].count, 1);
  EXPECT_EQ(ended.copies[CopyReason::kUntrusted].bytes, 16);
}

TEST_F(InferenceTest, PartsThatDoNotFitAreRefused) {
  Serve(Add(1));
  const SharedObject object(64);
  ASSERT_TRUE(regions_.Register({"r", object.key(), 0, 64}).ok());
  const auto refuse_input = [&](SharedMemoryPart part, std::string_view text,
                                absl::StatusCode code = absl::StatusCode::kInvalidArgument) {
    ShareInput({1, 4}, std::move(part));
    ExpectRefused(code, text);
  };
  refuse_input({"r", 0, 17}, "input 'x': FP32 [1,4] takes 16 bytes; shared_memory_byte_size is 17");
  refuse_input({"r", 49, 16}, "16 bytes from 49 on are not within region 'r', which has 64");
  refuse_input({"r", UINT64_MAX - 7, 16}, "are not within region 'r'");
  refuse_input({"r", 0, std::nullopt}, "'shared_memory_byte_size' is missing");
  refuse_input({"", 0, 16}, "'shared_memory_region' is missing");
  refuse_input({"s", 0, 16}, "input 'x': no region of shared memory 's'", absl::StatusCode::kNotFound);
  const auto refuse_output = [&](SharedMemoryPart part, std::string_view text,
                                 absl::StatusCode code = absl::StatusCode::kInvalidArgument) {
    GiveInput({1, 2, 3, 4}, {1, 4});
    Want("y").shared_memory = std::move(part);
    ExpectRefused(code, text);
  };
  refuse_output({"r", 0, 15}, "output 'y' is FP32 [1,4] and takes 16 bytes; shared_memory_byte_size is 15");
  refuse_output({"r", 60, 16}, "output 'y': 16 bytes from 60 on are not within region 'r'");
  refuse_output({"r", 0, std::nullopt}, "'shared_memory_byte_size' is missing");
  refuse_output({"s", 0, 16}, "output 'y': no region", absl::StatusCode::kNotFound);
  EXPECT_THAT(object.Get<float>(0, 4), ElementsAre(0, 0, 0, 0));
}

TEST_F(InferenceTest, AnOutputThatDoesNotFitLeavesTheOthersUnwritten) {
  Serve("input x FP32 -1,4\ninput z FP32 -1,4\noutput y FP32 -1,4\noutput w FP32 -1,4\nop add 1\n");
  const SharedObject object(64);
  ASSERT_TRUE(regions_.Register({"r", object.key(), 0, 64}).ok());
  GiveInput({1, 2, 3, 4}, {1, 4});
  inference_->request.inputs.push_back(inference_->request.inputs[0]);
  inference_->request.inputs[1].name = "z";
  Want("y").shared_memory = SharedMemoryPart{"r", 0, 16};
  Want("w").shared_memory = SharedMemoryPart{"r", 16, 8};
  ExpectRefused(absl::StatusCode::kInvalidArgument, "output 'w'");
  EXPECT_THAT(object.Get<float>(0, 4), ElementsAre(0, 0, 0, 0));
}

TEST_F(InferenceTest, BytesAreCheckedOnceTheyAreOurs) {
  Serve("input x BYTES -1\noutput y BYTES -1\n");
  SharedObject object(64);
  object.Put<uint32_t>(0, {2, 0x6261, 100});
  ASSERT_TRUE(regions_.Register({"r", object.key(), 0, 64}).ok());
  const auto bytes = [&](uint64_t size_bytes, int64_t count) {
    ShareInput({count}, {"r", 0, size_bytes}, DType::kBytes);
    Want("y");
    return Run();
  };
  const Ended good = bytes(6, 1);
  ASSERT_TRUE(good.status.ok()) << good.status;
  EXPECT_THAT(good.outputs[0].texts, ElementsAre("ab"));
  EXPECT_EQ(bytes(6, 2).status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(bytes(5, 1).status.code(), absl::StatusCode::kInvalidArgument);
  object.Put<uint32_t>(0, {0xFFFFFFFF});
  EXPECT_THAT(std::string(MessageOf(bytes(64, 1).status)), HasSubstr("says 4294967295 bytes; 60 are left"));
  EXPECT_EQ(bytes(0, 0).status, absl::OkStatus());
}

TEST_F(InferenceTest, ARequestTakesNoMoreThanItsLimit) {
  Limits limits;
  limits.shm_request_bytes_max = 40;
  repository_ = std::make_unique<Repository>(&stepped_, limits);
  Serve("input x FP32 -1,4\ninput z FP32 -1,4\noutput y FP32 -1,4\noutput w FP32 -1,4\n");
  const SharedObject object(64);
  ASSERT_TRUE(regions_.Register({"r", object.key(), 0, 64}).ok());
  ShareInput({1, 4}, {"r", 0, 16});
  ShareInput({1, 4}, {"r", 0, 16}).name = "z";
  EXPECT_EQ(Run().status, absl::OkStatus());
  ShareInput({2, 4}, {"r", 0, 32});
  ShareInput({1, 4}, {"r", 0, 16}).name = "z";
  ExpectRefused(absl::StatusCode::kInvalidArgument, "input 'z': the request takes more bytes");
}

TEST_F(InferenceTest, WhatIsUnregisteredMeanwhileIsStillWritten) {
  Serve(Add(1));
  const SharedObject object(64);
  ASSERT_TRUE(regions_.Register({"r", object.key(), 0, 64}).ok());
  const auto picked = repository_->Pick("m", {}, {});
  ASSERT_TRUE(picked.ok());
  // Another request holds the one execution, so that this one waits.
  const std::vector<float> x = {0, 0, 0, 0};
  InferenceResponse held;
  ASSERT_TRUE(picked->Infer(Request(x), &held).ok());
  GiveInput({1, 2, 3, 4}, {1, 4});
  Want("y").shared_memory = SharedMemoryPart{"r", 0, 16};
  absl::Status ended = Internal("not yet");
  inference_->Start(*picked, [&](absl::Status status, const InferenceAnswer&) { ended = std::move(status); });
  EXPECT_EQ(ended.code(), absl::StatusCode::kInternal);
  ASSERT_TRUE(regions_.UnregisterAll().ok());
  const SharedObject other(64);
  ASSERT_TRUE(regions_.Register({"r", other.key(), 0, 64}).ok());
  held.Release();
  RunAll();
  EXPECT_EQ(ended, absl::OkStatus());
  EXPECT_THAT(object.Get<float>(0, 4), ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(other.Get<float>(0, 4), ElementsAre(0, 0, 0, 0));
}

TEST_F(InferenceTest, WithoutSharedMemoryItsPartsAreRefused) {
  Serve(Add(1));
  const SharedMemory off(false, Limits());
  for (const SharedMemory* const regions : {static_cast<const SharedMemory*>(nullptr), &off}) {
    inference_->shared_memory = regions;
    ShareInput({1, 4}, {"r", 0, 16});
    ExpectRefused(absl::StatusCode::kUnimplemented, "Client shared memory is disabled");
    inference_->shared_memory = regions;
    GiveInput({1, 2, 3, 4}, {1, 4});
    Want("y").shared_memory = SharedMemoryPart{};
    ExpectRefused(absl::StatusCode::kUnimplemented, "Client shared memory is disabled");
  }
}

}  // namespace
}  // namespace oarlock

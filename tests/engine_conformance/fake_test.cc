// What a script can make the fake engine do.
#include <chrono>
#include <thread>

#include "conformance.h"

namespace oarlock {
namespace {

using absl::StatusCode;

constexpr std::string_view kAdd = "input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\n";

SampleFiles Scripted(std::string_view more, std::string_view ports = kAdd) {
  SampleFiles files;
  files.format = Format::kFake;
  files.model = std::string(ports) + std::string(more);
  return files;
}

absl::Status LoadStatus(const SampleFiles& files) { return EngineUnderTest("fake")->Load(files.source(), {}).status(); }

class FakeRun {
 public:
  explicit FakeRun(const SampleFiles& files) : execution(MustMake(MustLoad("fake", files))) {
    EXPECT_TRUE(execution->BindInput(0, ViewOf(x, {2, 4}), &reason).ok());
  }
  std::vector<float> x = Counting<float>(8);
  std::unique_ptr<EngineExecution> execution;
  CopyReason reason = CopyReason::kNone;
};

TEST(FakeEngine, CancelEndsADelayedRun) {
  FakeRun run(Scripted("delay_us 3600000000\n"));
  absl::Status status;
  std::thread runner([&] { status = run.execution->Run(); });
  while (!run.execution->Cancel()) std::this_thread::yield();
  runner.join();
  ExpectError(status, StatusCode::kCancelled, {"cancelled"});
  EngineOutput output;
  ExpectError(run.execution->Output(0, &output), StatusCode::kFailedPrecondition, {});
}

TEST(FakeEngine, DelaysAreOnTopOfEachOther) {
  FakeRun run(Scripted("delay_us 2000\nrow_delay_us 4000\n"));
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(run.execution->Run().ok());
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(10));
  EXPECT_EQ(ValuesOf<float>(*run.execution, 0), Counting<float>(8, 1));
}

TEST(FakeEngine, FailsEveryNthRun) {
  FakeRun run(Scripted("fail_run 3 UNAVAILABLE the moon is full\n"));
  for (int i = 1; i <= 9; ++i) {
    const absl::Status status = run.execution->Run();
    if (i % 3 == 0) {
      ExpectError(status, StatusCode::kUnavailable, {"the moon is full"});
    } else {
      EXPECT_TRUE(status.ok()) << status;
    }
  }
}

TEST(FakeEngine, FailsToLoad) {
  ExpectError(LoadStatus(Scripted("load_delay_us 1000\nfail_load RESOURCE_EXHAUSTED no room\n")),
              StatusCode::kResourceExhausted, {"no room"});
}

TEST(FakeEngine, SeesItsSourceChange) {
  auto files = Scripted("keeps_source\n");
  const auto model = MustLoad("fake", files);
  EXPECT_TRUE(model->keeps_source());
  const auto execution = MustMake(model);
  const auto x = Counting<float>(8);
  CopyReason reason;
  ASSERT_TRUE(execution->BindInput(0, ViewOf(x, {2, 4}), &reason).ok());
  ASSERT_TRUE(execution->Run().ok());
  files.model.back() = ' ';
  ExpectError(execution->Run(), StatusCode::kInternal, {"source changed"});
}

TEST(FakeEngine, StrictAlignmentCopies) {
  const auto execution = MustMake(MustLoad("fake", Scripted("strict_alignment\n")));
  alignas(64) std::byte memory[64 + 32] = {};
  CopyReason reason;
  ASSERT_TRUE(execution->BindInput(0, {DType::kF32, {2, 4}, memory, 32}, &reason).ok());
  EXPECT_EQ(reason, CopyReason::kNone);
  ASSERT_TRUE(execution->BindInput(0, {DType::kF32, {2, 4}, memory + 4, 32}, &reason).ok());
  EXPECT_EQ(reason, CopyReason::kUnaligned);
  ASSERT_TRUE(execution->Run().ok());
  EXPECT_EQ(ValuesOf<float>(*execution, 0), std::vector<float>(8, 1));
}

TEST(FakeEngine, DynamicOutputStaysInTheEngine) {
  FakeRun run(Scripted("dynamic_output\n"));
  std::vector<float> room(8);
  ASSERT_TRUE(run.execution->BindOutput(0, DType::kF32, {2, 4}, room.data(), 32, &run.reason).ok());
  EXPECT_EQ(run.reason, CopyReason::kDynamicOutput);
  ExpectError(run.execution->OutputShape(0).status(), StatusCode::kFailedPrecondition, {"after the run"});
  ASSERT_TRUE(run.execution->Run().ok());
  EXPECT_EQ(ValuesOf<float>(*run.execution, 0), Counting<float>(8, 1));
  EXPECT_EQ(room, std::vector<float>(8));
}

TEST(FakeEngine, TellsOtherRowsThanItMakes) {
  const auto model = MustLoad("fake", Scripted("told_rows 7\n"));
  EXPECT_EQ(model->outputs()[0].shape, (Shape{7, 4}));
  EXPECT_EQ(model->inputs()[0].shape, (Shape{kDynamic, 4}));
  const auto execution = MustMake(model);
  const auto x = Counting<float>(8);
  CopyReason reason;
  ASSERT_TRUE(execution->BindInput(0, ViewOf(x, {2, 4}), &reason).ok());
  ASSERT_TRUE(execution->Run().ok());
  EXPECT_EQ(ValuesOf<float>(*execution, 0), Counting<float>(8, 1));
}

TEST(FakeEngine, ComputesEachDtype) {
  for (const DTypeRow& row : DTypeRows()) {
    const bool computes = row.size_bytes > 0 && row.name != "BOOL" && row.name != "FP16" && row.name != "BF16";
    const auto files = Scripted("op double\n", fmt::format("input x {0} 2\noutput y {0} 2\n", row.name));
    if (!computes) {
      ExpectError(LoadStatus(files), StatusCode::kUnimplemented, {"'x'", row.name});
      continue;
    }
    const auto execution = MustMake(MustLoad("fake", files));
    auto x = Tensor::Allocate(row.dtype, Shape{2});
    const bool is_float = row.dtype == DType::kF32 || row.dtype == DType::kF64;
    std::memset(x->data(), 0, x->size_bytes());
    x->data()[is_float ? x->size_bytes() / 2 - 1 : 0] = std::byte{0x40};  // 2.0 or 64
    CopyReason reason;
    ASSERT_TRUE(execution->BindInput(0, x->view(), &reason).ok());
    ASSERT_TRUE(execution->Run().ok());
    EngineOutput output;
    ASSERT_TRUE(execution->Output(0, &output).ok());
    auto y = Tensor::Clone(output.view);
    if (row.dtype == DType::kF32) {
      EXPECT_EQ(y->view().As<float>()[0], 4.0F);
    } else if (row.dtype == DType::kF64) {
      EXPECT_EQ(y->view().As<double>()[0], 4.0);
    } else {
      EXPECT_EQ(y->data()[0], std::byte{0x80}) << row.name;
    }
    EXPECT_EQ(y->data()[row.size_bytes], std::byte{0}) << row.name;
  }
}

TEST(FakeEngine, MovesStrings) {
  const auto execution = MustMake(MustLoad("fake", Scripted("", "input x BYTES -1\noutput y BYTES -1\n")));
  const std::vector<std::string> words = {"one", "", "three"};
  const auto x = Tensor::FromStrings(words);
  CopyReason reason;
  ASSERT_TRUE(execution->BindInput(0, x->view(), &reason).ok());
  ASSERT_TRUE(execution->Run().ok());
  EngineOutput output;
  ASSERT_TRUE(execution->Output(0, &output).ok());
  const auto elements = BytesElements(output.view.bytes(), 3);
  ASSERT_TRUE(elements.ok()) << elements.status();
  EXPECT_EQ((*elements)[2], "three");
}

TEST(FakeEngine, SaysWhichLineOfTheScriptIsWrong) {
  const auto expect = [](std::string_view line, std::string_view word) {
    ExpectError(LoadStatus(Scripted(line)), StatusCode::kInvalidArgument, {"line 4", word});
  };
  expect("bananas", "'bananas' is no key");
  expect("op halve", "'halve' is no op");
  expect("delay_us soon", "delay is no number");
  expect("told_rows many", "rows is no number");
  expect("fail_load SOMEHOW", "'SOMEHOW' is no code");
  expect("input q FP33 1", "'FP33' is no dtype");
  expect("input q FP32 1,,2", "dim is no number");
  expect("input q FP32 1,1,1,1,1,1,1,1,1", "too many dims");
  expect("dynamic_output now", "more than the key takes");
  ExpectError(LoadStatus(Scripted("output q FP32 1\n")), StatusCode::kInvalidArgument, {"an input for each output"});
}

TEST(FakeEngine, ComparesTheSizeOfTheWeights) {
  auto files = Scripted("weights 8\n");
  ExpectError(LoadStatus(files), StatusCode::kInvalidArgument, {"0 bytes", "asks for 8"});
  files.weights = "8 bytes.";
  EXPECT_EQ(MustLoad("fake", files)->memory().weights_private_bytes, 8u);
}

TEST(FakeEngine, RaceSafetyIsTold) {
  EXPECT_TRUE(MustLoad("fake", Scripted("race_safe\n"))->inputs()[0].race_safe);
  EXPECT_FALSE(MustLoad("fake", Scripted(""))->inputs()[0].race_safe);
}

}  // namespace
}  // namespace oarlock

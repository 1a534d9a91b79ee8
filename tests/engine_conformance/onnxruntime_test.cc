// What is true of ONNX Runtime alone: strings, weights in other files, outputs in place, its own traps.
#include <dlfcn.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/cpu.h"
#include "base/file.h"
#include "onnx_runs.h"

namespace oarlock {
namespace {

using absl::StatusCode;

std::string Packed(const std::vector<std::string>& elements) {
  std::string packed;
  for (const std::string& element : elements) EXPECT_TRUE(AppendBytesElement(element, &packed).ok());
  return packed;
}

TensorView BytesView(const std::string& packed, const Shape& shape) {
  return {DType::kBytes, shape, reinterpret_cast<const std::byte*>(packed.data()), packed.size()};
}

std::string TextOf(EngineExecution& execution, size_t index, CopyReason* copied) {
  EngineOutput output;
  EXPECT_TRUE(execution.Output(index, &output).ok());
  *copied = output.copied;
  return {reinterpret_cast<const char*>(output.view.data), output.view.size_bytes};
}

TEST(OnnxRuntime, PrintsNothing) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  for (std::string_view name : {"add_static", "unknown_operator", "nonzero_dynamic"}) {
    auto files = Onnx(name);
    (void)EngineUnderTest("onnxruntime")->Load(files.source(), {});
    files.model = "garbage";
    EXPECT_FALSE(EngineUnderTest("onnxruntime")->Load(files.source(), {}).ok());
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST(OnnxRuntime, StringsOfAnyBytesGoThrough) {
  const auto execution = MustMake(MustLoad("onnxruntime", Onnx("strings_dynamic")));
  CopyReason reason = CopyReason::kNone;
  for (const std::vector<std::string>& elements :
       {std::vector<std::string>{"one", "", std::string("\0zero\0", 6), "\xff\xfe"}, {}, {std::string(100'000, 'x')}}) {
    const std::string packed = Packed(elements);
    const auto count = static_cast<int64_t>(elements.size());
    ASSERT_TRUE(execution->BindInput(0, BytesView(packed, {count}), &reason).ok());
    EXPECT_EQ(reason, CopyReason::kStrings);
    ASSERT_TRUE(execution->Run().ok());
    EXPECT_EQ(TextOf(*execution, 0, &reason), packed);
    EXPECT_EQ(reason, CopyReason::kStrings);
  }
}

TEST(OnnxRuntime, StringsAreReadAnewAtEachRun) {
  const auto execution = MustMake(MustLoad("onnxruntime", Onnx("strings_dynamic")));
  std::string packed = Packed({"abc", "def"});
  CopyReason reason = CopyReason::kNone;
  ASSERT_TRUE(execution->BindInput(0, BytesView(packed, {2}), &reason).ok());
  ASSERT_TRUE(execution->Run().ok());
  packed[4] = 'X';
  ASSERT_TRUE(execution->Run().ok());
  EXPECT_EQ(TextOf(*execution, 0, &reason), packed);
  // Lengths that lie, put there after binding.
  packed[0] = '\x7f';
  ExpectError(execution->Run(), StatusCode::kInvalidArgument, {"'text'", "element 0", "127 bytes"});
  packed[0] = '\x02';
  ExpectError(execution->Run(), StatusCode::kInvalidArgument, {"'text'", "element 1"});
}

TEST(OnnxRuntime, StringsGoToRoomThatHoldsThem) {
  const auto execution = MustMake(MustLoad("onnxruntime", Onnx("strings_dynamic")));
  const std::string packed = Packed({"abc", "def"});
  std::string room(packed.size(), '!');
  CopyReason reason = CopyReason::kNone;
  ASSERT_TRUE(execution->BindInput(0, BytesView(packed, {2}), &reason).ok());
  ASSERT_TRUE(execution->BindOutput(0, DType::kBytes, {2}, room.data(), room.size(), &reason).ok());
  ASSERT_TRUE(execution->Run().ok());
  EXPECT_EQ(room, packed);
  room.assign(room.size(), '!');
  ASSERT_TRUE(execution->BindOutput(0, DType::kBytes, {2}, room.data(), room.size() - 1, &reason).ok());
  ASSERT_TRUE(execution->Run().ok());
  EXPECT_EQ(TextOf(*execution, 0, &reason), packed);
  EXPECT_EQ(room, std::string(room.size(), '!'));
}

TEST(OnnxRuntime, KeepsIntegersWhole) {
  const auto execution = MustMake(MustLoad("onnxruntime", Onnx("add_two")));
  const auto b = Counting<float>(4);
  const std::vector<int64_t> a = {1, (int64_t{1} << 40) + 1, INT64_MIN};
  CopyReason reason;
  ASSERT_TRUE(execution->BindInput(0, ViewOf(b, {1, 4}), &reason).ok());
  ASSERT_TRUE(execution->BindInput(1, ViewOf(a, {3}), &reason).ok());
  ASSERT_TRUE(execution->Run().ok());
  EXPECT_EQ(ValuesOf<int64_t>(*execution, 1), (std::vector<int64_t>{2, (int64_t{1} << 40) + 2, INT64_MIN + 1}));
}

TEST(OnnxRuntime, DynamicOutputIsInPlaceWhereItsDimsFollowFromTheInputs) {
  const auto model = MustLoad("onnxruntime", Onnx("add_dynamic"));
  EXPECT_TRUE(model->outputs()[0].in_place);
  const auto execution = MustMake(model);
  std::vector<float> room(64, -1.0F);
  CopyReason reason;
  ASSERT_TRUE(execution->BindOutput(0, DType::kF32, {}, room.data(), room.size() * sizeof(float), &reason).ok());
  for (int64_t rows : {3, 16, 1}) {
    const auto x = Counting<float>(static_cast<size_t>(rows) * 4);
    ASSERT_TRUE(execution->BindInput(0, ViewOf(x, {rows, 4}), &reason).ok());
    EXPECT_EQ(*execution->OutputShape(0), (Shape{rows, 4}));
    ASSERT_TRUE(execution->Run().ok());
    EngineOutput output;
    ASSERT_TRUE(execution->Output(0, &output).ok());
    EXPECT_EQ(output.view.data, reinterpret_cast<const std::byte*>(room.data()));
    EXPECT_EQ(output.copied, CopyReason::kNone);
    EXPECT_EQ(std::vector<float>(room.begin(), room.begin() + rows * 4), Counting<float>(x.size(), 1));
  }
}

TEST(OnnxRuntime, DataDependentOutputIsNeverWrittenPastItsRoom) {
  const auto model = MustLoad("onnxruntime", Onnx("nonzero_dynamic"));
  EXPECT_EQ(model->outputs()[0].shape, (Shape{2, kDynamic}));
  const auto execution = MustMake(model);
  ExpectNothingPastTheRoom(*execution);
}

// The program says [a,b] and computes [b,a].
TEST(OnnxRuntime, DimsThatTheProgramGetsWrongAreFoundOutAtTheRun) {
  const auto execution = MustMake(MustLoad("onnxruntime", Onnx("wrong_dims")));
  const auto x = Counting<float>(16);
  std::vector<float> room(16, -1.0F);
  CopyReason reason;
  ASSERT_TRUE(execution->BindInput(0, ViewOf(x, {1, 16}), &reason).ok());
  ASSERT_TRUE(execution->BindOutput(0, DType::kF32, {1, 8}, room.data(), 32, &reason).ok());
  for (int i = 0; i < 3; ++i) {
    const absl::Status status = execution->Run();
    ASSERT_TRUE(status.ok()) << status;
    EngineOutput output;
    ASSERT_TRUE(execution->Output(0, &output).ok());
    EXPECT_EQ(output.view.shape, (Shape{16, 1}));
    EXPECT_EQ(ValuesOf<float>(*execution, 0), x);
    EXPECT_EQ(room, std::vector<float>(16, -1.0F));
  }
}

TEST(OnnxRuntime, InputsThatDoNotGoTogetherAreTheRequestsFault) {
  ExpectDimsThatDoNotGoTogetherToFail(*MustMake(MustLoad("onnxruntime", Onnx("sum_dynamic"))));
}

TEST(OnnxRuntime, CancelStopsARunBetweenOperators) {
  ExpectCancelToStopARun(*MustMake(MustLoad("onnxruntime", Onnx("matmul_chain"))));
}

TEST(OnnxRuntime, ManyCancelsNeverFallOnTheNextRun) {
  const auto execution = MustMake(MustLoad("onnxruntime", Onnx("relu_1x16")));
  const std::vector<float> x(16, 1.0F);
  CopyReason reason;
  ASSERT_TRUE(execution->BindInput(0, ViewOf(x, {1, 16}), &reason).ok());
  std::atomic<bool> done = false;
  std::thread canceller([&] {
    while (!done) execution->Cancel();
  });
  for (int i = 0; i < 2000; ++i) {
    const absl::Status status = execution->Run();
    EXPECT_TRUE(status.ok() || status.code() == StatusCode::kCancelled) << status;
  }
  done = true;
  canceller.join();
  EXPECT_TRUE(execution->Run().ok());
}

// A weight in another file, opened by the host: ONNX Runtime gets bytes and looks for no file.
struct External {
  // y = x * w, and w the identity.
  explicit External(Weights weights) : files(Onnx("external_large")) {
    const std::string path = OARLOCK_SOURCE_DIR "/tests/models/onnx/external_large.weights";
    auto read = weights == Weights::kShared ? MapFile(path, 1 << 20) : ReadFile(path, 1 << 20);
    EXPECT_TRUE(read.ok());
    file = *std::move(read);
    constants.push_back({"w", {DType::kF32, {64, 64}, file.bytes().data(), file.size_bytes()}, false});
  }
  ModelSource source() const {
    ModelSource source = files.source();
    source.constants = constants;
    return source;
  }
  SampleFiles files;
  FileBytes file;
  std::vector<ModelConstant> constants;
};

std::vector<float> RunExternal(const std::shared_ptr<CompiledModel>& model) {
  const auto execution = MustMake(model);
  const auto x = Counting<float>(64);
  CopyReason reason;
  EXPECT_TRUE(execution->BindInput(0, ViewOf(x, {1, 64}), &reason).ok());
  EXPECT_TRUE(execution->Run().ok());
  return ValuesOf<float>(*execution, 0);
}

TEST(OnnxRuntime, TakesWeightsOfOtherFilesFromTheHost) {
  for (Weights weights : {Weights::kPacked, Weights::kShared}) {
    const External external(weights);
    EngineOptions options;
    options.weights = weights;
    const auto model = EngineUnderTest("onnxruntime")->Load(external.source(), options);
    ASSERT_TRUE(model.ok()) << model.status();
    EXPECT_EQ(RunExternal(*model), Counting<float>(64)) << NameOf(weights);
  }
}

// Whether the session reads the host's memory after the load is what keeps_source() tells the host.
TEST(OnnxRuntime, SaysWhetherItKeepsTheHostsMemory) {
  for (Weights weights : {Weights::kPacked, Weights::kShared}) {
    External external(Weights::kPacked);
    EngineOptions options;
    options.weights = weights;
    const auto model = EngineUnderTest("onnxruntime")->Load(external.source(), options);
    ASSERT_TRUE(model.ok()) << model.status();
    std::fill_n(external.file.mutable_bytes().data(), external.file.size_bytes(), std::byte{0});
    const bool read_anew = RunExternal(*model) == std::vector<float>(64);
    EXPECT_EQ((*model)->keeps_source(), read_anew) << NameOf(weights);
  }
}

TEST(OnnxRuntime, LooksForNoFileItself) {
  const External external(Weights::kPacked);
  // Right beside it, and in the working directory besides: neither is looked for.
  std::filesystem::copy_file(OARLOCK_SOURCE_DIR "/tests/models/onnx/external_large.weights", "external_large.weights",
                             std::filesystem::copy_options::overwrite_existing);
  const absl::Status status = EngineUnderTest("onnxruntime")->Load(external.files.source(), {}).status();
  std::filesystem::remove("external_large.weights");
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << status;
}

TEST(OnnxRuntime, WeightsOfABranchInAnotherFileAreRefusedByName) {
  External external(Weights::kPacked);
  external.constants[0].nested = true;
  ExpectError(EngineUnderTest("onnxruntime")->Load(external.source(), {}).status(), StatusCode::kUnimplemented,
              {"'w'", "main graph"});
}

TEST(OnnxRuntime, ComputesInTheTypesOfTheModelOnly) {
  EngineOptions options;
  options.precision = Precision::kBF16;
  ExpectError(EngineUnderTest("onnxruntime")->Load(Onnx("add_static").source(), options).status(),
              StatusCode::kUnimplemented, {"precision: f32"});
}

TEST(OnnxRuntime, MoreThreadsComeFromOnePool) {
  EngineOptions options;
  options.threads_per_execution = 2;
  const auto count = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), std::filesystem::directory_iterator());
  };
  const auto first = MustMake(MustLoad("onnxruntime", Onnx("matmul_chain"), options));
  const auto before = count();
  std::vector<std::unique_ptr<EngineExecution>> more;
  for (int i = 0; i < 8; ++i) more.push_back(MustMake(MustLoad("onnxruntime", Onnx("matmul_chain"), options)));
  EXPECT_EQ(count(), before);
  const std::vector<float> x(64 * 64, 0.01F);
  CopyReason reason;
  for (const auto& execution : more) {
    ASSERT_TRUE(execution->BindInput(0, ViewOf(x, {64, 64}), &reason).ok());
    ASSERT_TRUE(execution->Run().ok());
  }
}

// A host's globals are destroyed after the library's, which were made later.
TEST(OnnxRuntimeDeathTest, ObjectsOfTheHostMayOutliveItsGlobals) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto leave_it_to_exit = [] {
    static std::unique_ptr<EngineExecution> execution;
    static EngineRegistry registry(OARLOCK_BUILD_DIR "/lib/oarlock/engines");
    const auto files = Onnx("add_static");
    execution = MustMake(*(*registry.Get("onnxruntime"))->Load(files.source(), {}));
    std::exit(7);
  };
  EXPECT_EXIT(leave_it_to_exit(), testing::ExitedWithCode(7), "");
}

// The plugin alone, without the folder of its library.
TEST(OnnxRuntimeDeathTest, MissingLibraryIsNamedWithWhatInstallsIt) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto folder = std::filesystem::temp_directory_path() / "oarlock_onnxruntime_alone";
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(OARLOCK_BUILD_DIR "/lib/oarlock/engines/liboarlock_engine_onnxruntime.so",
                             folder / "liboarlock_engine_onnxruntime.so",
                             std::filesystem::copy_options::overwrite_existing);
  const auto load = [&] {
    std::fputs(EngineRegistry(folder).Get("onnxruntime").status().ToString().c_str(), stderr);
    std::_Exit(7);
  };
  EXPECT_EXIT(load(), testing::ExitedWithCode(7),
              "FAILED_PRECONDITION.*onnxruntime/libonnxruntime.so.1.32.0.*./scripts/bootstrap");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace oarlock

// OpenVINO's own traps, and its formats.
#include <dlfcn.h>
#include <csignal>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "base/cpu.h"
#include "onnx_runs.h"
#include "tensor/npy.h"

namespace oarlock {
namespace {

using absl::StatusCode;

SampleFiles Paddle(std::string_view name) {
  return ReadSampleFile(Format::kPaddle, fmt::format("paddle/{}/inference.pdmodel", name),
                        fmt::format("paddle/{}/inference.pdiparams", name));
}
SampleFiles Ir() { return ReadSampleFile(Format::kOpenVinoIr, "openvino/add.xml", "openvino/add.bin"); }

absl::Status LoadStatus(const SampleFiles& files) {
  return EngineUnderTest("openvino")->Load(files.source(), {}).status();
}

// The greatest difference from what Paddle itself computed.
double ErrorOf(std::string_view name, std::string_view input, Precision precision) {
  const std::string folder = fmt::format("{}/tests/models/paddle/{}/", OARLOCK_SOURCE_DIR, name);
  const auto x = ReadNpy(fmt::format("{}in.{}.npy", folder, input), {});
  const auto expected = ReadNpy(folder + "out.0.npy", {});
  EXPECT_TRUE(x.ok() && expected.ok());
  EngineOptions options;
  options.precision = precision;
  const auto execution = MustMake(MustLoad("openvino", Paddle(name), options));
  CopyReason reason;
  EXPECT_TRUE(execution->BindInput(0, x->view(), &reason).ok());
  EXPECT_TRUE(execution->Run().ok());
  EngineOutput output;
  EXPECT_TRUE(execution->Output(0, &output).ok());
  EXPECT_EQ(output.view.shape, expected->shape());
  const auto a = output.view.As<float>();
  const auto b = expected->view().As<float>();
  if (a.size() != b.size() || a.empty()) return INFINITY;
  double error = 0;
  for (size_t i = 0; i < a.size(); ++i) error = std::max(error, std::abs(double{a[i]} - double{b[i]}));
  return error;
}

TEST(OpenVino, AgreesWithPaddleInFloat32) {
  EXPECT_LT(ErrorOf("mlp", "x", Precision::kF32), 1e-5);
  EXPECT_LT(ErrorOf("lenet", "image", Precision::kF32), 1e-5);
}

TEST(OpenVino, ComputesInBFloat16OnlyWhenAsked) {
  EXPECT_EQ(MustLoad("openvino", Paddle("lenet"))->precision(), Precision::kF32);
  if (!CpuFlags().contains("avx512_bf16")) {
    GTEST_SKIP() << "this CPU has no avx512_bf16, and OpenVINO then computes in float32";
  }
  EngineOptions options;
  options.precision = Precision::kBF16;
  EXPECT_EQ(MustLoad("openvino", Paddle("lenet"), options)->precision(), Precision::kBF16);
  const double error = ErrorOf("lenet", "image", Precision::kBF16);
  EXPECT_GT(error, 1e-5);  // narrower, and it shows
  EXPECT_LT(error, 0.05);
}

TEST(OpenVino, NamesPaddlePortsAsPaddleDoes) {
  const auto model = MustLoad("openvino", Paddle("mlp"));
  EXPECT_EQ(model->inputs()[0].name, "x");
  EXPECT_EQ(model->inputs()[0].shape, (Shape{kDynamic, 16}));
  EXPECT_EQ(model->outputs()[0].name, "save_infer_model/scale_0.tmp_0");
}

TEST(OpenVino, NamesAnOnnxOutputAsTheGraphDoes) {
  EXPECT_EQ(MustLoad("openvino", Onnx("identity_named"))->outputs()[0].name, "out");
}

TEST(OpenVino, PrintsNothing) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  for (const SampleFiles& files : {Paddle("mlp"), Onnx("add_static"), Ir()}) {
    EXPECT_TRUE(LoadStatus(files).ok());
    SampleFiles garbage = files;
    garbage.model = "garbage";
    EXPECT_FALSE(LoadStatus(garbage).ok());
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST(OpenVino, RunsItsOwnFormatOverLentWeights) {
  const auto files = Ir();
  const auto model = MustLoad("openvino", files);
  EXPECT_TRUE(model->keeps_source());
  EXPECT_EQ(model->inputs()[0].name, "x");
  EXPECT_EQ(model->outputs()[0].name, "y");
  const auto execution = MustMake(model);
  const std::vector<float> x(16, 0.5F);
  CopyReason reason;
  ASSERT_TRUE(execution->BindInput(0, ViewOf(x, {1, 16}), &reason).ok());
  ASSERT_TRUE(execution->Run().ok());
  EXPECT_EQ(ValuesOf<float>(*execution, 0), Counting<float>(16, 0.5F));
  auto cut = Ir();
  cut.weights.resize(60);
  ExpectError(LoadStatus(cut), StatusCode::kInvalidArgument, {"OpenVINO IR"});
}

TEST(OpenVino, FindsOnnxWeightsBesideTheModel) {
  auto files = Onnx("external");
  const auto execution = MustMake(MustLoad("openvino", files));
  const std::vector<float> x(16, 0.5F);
  CopyReason reason;
  ASSERT_TRUE(execution->BindInput(0, ViewOf(x, {1, 16}), &reason).ok());
  ASSERT_TRUE(execution->Run().ok());
  EXPECT_EQ(ValuesOf<float>(*execution, 0), Counting<float>(16, 0.5F));
  files.path.clear();
  ExpectError(LoadStatus(files), StatusCode::kInvalidArgument, {"external"});
}

TEST(OpenVino, DataDependentOutputIsNeverWrittenPastItsRoom) {
  ExpectNothingPastTheRoom(*MustMake(MustLoad("openvino", Onnx("nonzero_dynamic"))));
}

TEST(OpenVino, RefusesIntegersThatItWouldCut) {
  const auto execution = MustMake(MustLoad("openvino", Onnx("add_two")));
  const auto b = Counting<float>(4);
  const std::vector<int64_t> a = {1, (int64_t{1} << 40) + 1, 2};
  CopyReason reason;
  ASSERT_TRUE(execution->BindInput(0, ViewOf(b, {1, 4}), &reason).ok());
  ASSERT_TRUE(execution->BindInput(1, ViewOf(a, {3}), &reason).ok());
  ExpectError(execution->Run(), StatusCode::kInvalidArgument, {"'a'", "1099511627777", "element 1", "32 bits"});
}

TEST(OpenVino, StringsAreRefusedByPort) {
  ExpectError(LoadStatus(Onnx("string_input")), StatusCode::kUnimplemented, {"input 'text'", "string"});
}

// A sound model that this version cannot convert: a branch whose result has no name in the program.
TEST(OpenVino, ModelThatItCannotConvertIsNotCalledBroken) {
  const auto files = Paddle("ctrl_if");
  ExpectError(LoadStatus(files), StatusCode::kUnimplemented, {"cannot be converted", "without names"});
  std::vector<UnsupportedOperator> unsupported;
  ExpectError(EngineUnderTest("openvino")->Probe(files.source(), &unsupported), StatusCode::kUnimplemented, {});
}

TEST(OpenVino, CutPaddleFilesAreSurvived) {
  const auto whole = Paddle("mlp");
  for (size_t size = 1; size < whole.model.size(); size += 97) {
    auto files = whole;
    files.model.resize(size);
    files.model.shrink_to_fit();
    const absl::Status status = LoadStatus(files);
    EXPECT_TRUE(status.code() == StatusCode::kInvalidArgument || status.code() == StatusCode::kUnimplemented)
        << size << ": " << status;
  }
  for (size_t size = 0; size < whole.weights.size(); size += 41) {
    auto files = whole;
    files.weights.resize(size);
    files.weights.shrink_to_fit();
    ExpectError(LoadStatus(files), StatusCode::kInvalidArgument, {});
  }
}

class OpenVinoThreads : public testing::TestWithParam<int> {};

// With one stream of one thread OpenVINO loses exceptions and cancels: the answer is that of the run before.
TEST_P(OpenVinoThreads, AFailedRunLeavesNoOlderAnswer) {
  if (UsableCpuCount() < GetParam()) GTEST_SKIP() << "there are not so many cores";
  EngineOptions options;
  options.threads_per_execution = GetParam();
  ExpectDimsThatDoNotGoTogetherToFail(*MustMake(MustLoad("openvino", Onnx("sum_dynamic"), options)));
}

TEST_P(OpenVinoThreads, CancelStopsARunBetweenOperators) {
  if (UsableCpuCount() < GetParam()) GTEST_SKIP() << "there are not so many cores";
  EngineOptions options;
  options.threads_per_execution = GetParam();
  ExpectCancelToStopARun(*MustMake(MustLoad("openvino", Onnx("matmul_chain"), options)));
}

INSTANTIATE_TEST_SUITE_P(OneAndTwo, OpenVinoThreads, testing::Values(1, 2));

std::set<std::string> Threads() {
  std::set<std::string> ids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) ids.insert(entry.path().filename());
  return ids;
}

TEST(OpenVino, ItsThreadsTakeNoSignals) {
  if (UsableCpuCount() < 2) GTEST_SKIP() << "on one core OpenVINO makes no threads";
  const auto before = Threads();
  EngineOptions options;
  options.threads_per_execution = 2;
  const auto execution = MustMake(MustLoad("openvino", Onnx("matmul_chain"), options));
  const std::vector<float> x(64 * 64, 0.01F);
  CopyReason reason;
  ASSERT_TRUE(execution->BindInput(0, ViewOf(x, {64, 64}), &reason).ok());
  ASSERT_TRUE(execution->Run().ok());
  // Those of earlier tests count as well: OpenVINO keeps them.
  const auto after = Threads();
  size_t seen = 0;
  for (const std::string& id : after) {
    if (id == std::to_string(getpid())) continue;
    std::ifstream status("/proc/self/task/" + id + "/status");
    for (std::string line; std::getline(status, line);) {
      if (!line.starts_with("SigBlk:")) continue;
      const uint64_t blocked = std::stoull(line.substr(7), nullptr, 16);
      for (int signal : {SIGURG, SIGTERM, SIGINT, SIGPROF, SIGUSR1}) {
        EXPECT_NE(blocked & (uint64_t{1} << (signal - 1)), 0u) << "thread " << id << " takes signal " << signal;
      }
      ++seen;
    }
  }
  EXPECT_GE(seen, 1u) << before.size();
}

// In a process of its own: here the plugin is open already.
TEST(OpenVinoDeathTest, IsRefusedBesideAForeignTbb) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto folder = std::filesystem::temp_directory_path() / "oarlock_foreign_tbb";
  std::filesystem::create_directories(folder);
  const auto foreign = folder / "libtbb.so.12.99";
  std::filesystem::copy_file(OARLOCK_TEST_TBB, foreign, std::filesystem::copy_options::overwrite_existing);
  const auto load = [&] {
    if (dlopen(foreign.c_str(), RTLD_NOW) == nullptr) std::abort();
    std::fputs(Registry().Get("openvino").status().ToString().c_str(), stderr);
    std::_Exit(7);
  };
  EXPECT_EXIT(load(), testing::ExitedWithCode(7), "FAILED_PRECONDITION.*libtbb.so.12.*libtbb.so.12.99.*do not mix");
  std::filesystem::remove_all(folder);
}

// A host's globals are destroyed after OpenVINO's, which were made later.
TEST(OpenVinoDeathTest, ObjectsOfTheHostMayOutliveItsGlobals) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto leave_it_to_exit = [] {
    static std::unique_ptr<EngineExecution> execution;
    static EngineRegistry registry(OARLOCK_BUILD_DIR "/lib/oarlock/engines");
    const auto files = Onnx("add_static");
    execution = MustMake(*(*registry.Get("openvino"))->Load(files.source(), {}));
    std::exit(7);
  };
  EXPECT_EXIT(leave_it_to_exit(), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace oarlock

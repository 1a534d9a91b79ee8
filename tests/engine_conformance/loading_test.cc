#include <dlfcn.h>

#include "conformance.h"

namespace oarlock {
namespace {

TEST_P(EngineConformance, SaysWhoItIs) {
  const auto engine = EngineUnderTest(GetParam());
  EXPECT_EQ(engine->name(), GetParam());
  EXPECT_FALSE(engine->version().empty());
  const auto devices = engine->Devices();
  ASSERT_FALSE(devices.empty());
  EXPECT_EQ(devices[0].id, "CPU");
  EXPECT_FALSE(devices[0].name.empty());
}

// So that a host of another ABI can name both numbers (oarlock/engine.h).
TEST_P(EngineConformance, ShowsItsAbiToAHostOfAnother) {
  const auto engine = EngineUnderTest(GetParam());
  void* const plugin = dlopen(engine->path().c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
  ASSERT_NE(plugin, nullptr);
  const auto entry = reinterpret_cast<oar_engine_entry_fn>(dlsym(plugin, OAR_ENGINE_ENTRY));
  const oar_engine_api* const api = entry(OAR_ENGINE_ABI + 98);
  ASSERT_NE(api, nullptr);
  EXPECT_EQ(api->abi, OAR_ENGINE_ABI);
  dlclose(plugin);  // the reference taken here; the engine keeps its own
}

TEST_P(EngineConformance, ReadsItsFormatAndNoUnknownOne) {
  const auto engine = EngineUnderTest(GetParam());
  EXPECT_TRUE(engine->Reads(Files(Sample::kAddStatic).format));
  EXPECT_FALSE(engine->Reads(Format::kUnknown));
  EXPECT_FALSE(engine->Reads(Format::kPaddlePir));
  auto files = Files(Sample::kAddStatic);
  files.format = Format::kTorchScript;
  EXPECT_EQ(engine->Load(files.source(), {}).status().code(), absl::StatusCode::kUnimplemented);
}

TEST_P(EngineConformance, DescribesStaticPorts) {
  const auto model = Load(Sample::kAddStatic);
  ASSERT_EQ(model->inputs().size(), 1u);
  ASSERT_EQ(model->outputs().size(), 1u);
  EXPECT_EQ(model->inputs()[0].name, "x");
  EXPECT_EQ(model->inputs()[0].dtype, DType::kF32);
  EXPECT_TRUE(model->inputs()[0].rank_known);
  EXPECT_EQ(model->inputs()[0].shape, (Shape{1, 16}));
  EXPECT_EQ(model->outputs()[0].name, "y");
  EXPECT_EQ(model->outputs()[0].shape, (Shape{1, 16}));
  EXPECT_TRUE(model->outputs()[0].in_place);
  EXPECT_EQ(model->precision(), Precision::kF32);
  EXPECT_EQ(model->engine()->name(), GetParam());
}

TEST_P(EngineConformance, DescribesDynamicDims) {
  const auto model = Load(Sample::kAddDynamic);
  EXPECT_EQ(model->inputs()[0].shape, (Shape{kDynamic, 4}));
  EXPECT_EQ(model->outputs()[0].shape, (Shape{kDynamic, 4}));
}

TEST_P(EngineConformance, KeepsTheOrderOfThePorts) {
  const auto model = Load(Sample::kAddTwo);
  ASSERT_EQ(model->inputs().size(), 2u);
  ASSERT_EQ(model->outputs().size(), 2u);
  EXPECT_EQ(model->inputs()[0].name, "b");
  EXPECT_EQ(model->inputs()[1].name, "a");
  EXPECT_EQ(model->inputs()[1].dtype, DType::kI64);
  EXPECT_EQ(model->outputs()[0].name, "z");
  EXPECT_EQ(model->outputs()[1].name, "y");
  EXPECT_EQ(model->outputs()[1].dtype, DType::kI64);
}

TEST_P(EngineConformance, ProbingNamesEveryUnsupportedOperator) {
  const auto engine = EngineUnderTest(GetParam());
  std::vector<UnsupportedOperator> unsupported;
  EXPECT_TRUE(engine->Probe(Files(Sample::kAddStatic).source(), &unsupported).ok());
  EXPECT_TRUE(unsupported.empty());
  const absl::Status status = engine->Probe(Files(Sample::kUnknownOperator).source(), &unsupported);
  ExpectError(status, absl::StatusCode::kUnimplemented, {});
  ASSERT_EQ(unsupported.size(), 2u);
  EXPECT_EQ(unsupported[0].type, "Frobnicate");
  EXPECT_EQ(unsupported[0].count, 2u);
  EXPECT_EQ(unsupported[1].type, "Twiddle");
  EXPECT_EQ(unsupported[1].count, 1u);
}

TEST_P(EngineConformance, LoadingRefusesAnUnsupportedOperatorByName) {
  const auto model = EngineUnderTest(GetParam())->Load(Files(Sample::kUnknownOperator).source(), {});
  ExpectError(model.status(), absl::StatusCode::kUnimplemented, {"Frobnicate"});
}

TEST_P(EngineConformance, GarbageIsRefused) {
  auto files = Files(Sample::kAddStatic);
  for (const std::string& garbage : {std::string("no model"), std::string(4096, '\0'), std::string(4096, '\xff')}) {
    files.model = garbage;
    ExpectError(EngineUnderTest(GetParam())->Load(files.source(), {}).status(), absl::StatusCode::kInvalidArgument, {});
    std::vector<UnsupportedOperator> unsupported;
    ExpectError(EngineUnderTest(GetParam())->Probe(files.source(), &unsupported), absl::StatusCode::kInvalidArgument,
                {});
  }
  files.model.clear();
  ExpectError(EngineUnderTest(GetParam())->Load(files.source(), {}).status(), absl::StatusCode::kInvalidArgument,
              {"empty"});
}

// A file cut at any place is refused, or is a shorter model that is whole: never a crash, never another code.
TEST_P(EngineConformance, EveryTruncationIsSurvived) {
  const auto whole = Files(Sample::kAddTwo);
  size_t refused = 0;
  for (size_t size = 1; size < whole.model.size(); size += 3) {
    auto files = whole;
    files.model.resize(size);
    files.model.shrink_to_fit();  // so that a sanitizer sees a read past the end
    const auto model = EngineUnderTest(GetParam())->Load(files.source(), {});
    if (model.ok()) continue;
    ++refused;
    const auto code = model.status().code();
    EXPECT_TRUE(code == absl::StatusCode::kInvalidArgument || code == absl::StatusCode::kUnimplemented)
        << size << ": " << model.status();
  }
  EXPECT_GT(refused, whole.model.size() / 6);
}

TEST_P(EngineConformance, OptionsThatAreNoneAreRefused) {
  if (GetParam() == "fake") GTEST_SKIP() << "the fake engine has no threads and no devices";
  const auto files = Files(Sample::kAddStatic);
  const auto load = [&](EngineOptions options) {
    return EngineUnderTest(GetParam())->Load(files.source(), options).status();
  };
  EngineOptions options;
  options.threads_per_execution = 0;
  ExpectError(load(options), absl::StatusCode::kInvalidArgument, {"threads_per_execution", "0"});
  options = {};
  options.executions = -1;
  ExpectError(load(options), absl::StatusCode::kInvalidArgument, {"executions", "-1"});
  options = {};
  options.device = "TPU";
  ExpectError(load(options), absl::StatusCode::kInvalidArgument, {"TPU", "CPU"});
}

}  // namespace
}  // namespace oarlock

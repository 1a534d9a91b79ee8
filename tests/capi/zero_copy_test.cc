// What oar_predictor_check_zero_copy() foretells is what a run reports, for every condition on every engine.
#include <optional>
#include <ostream>

#include "fixture.h"

namespace oarlock::capi_test {
namespace {

struct Model {
  std::string name;
  std::string engine;
  std::string script;  // of the fake engine; else `path`
  std::string path;
};
void PrintTo(const Model& model, std::ostream* out) { *out << model.name; }

std::vector<Model> Models() {
  std::vector<Model> models = {
      {"Fake", "fake", kAdd, ""},
      {"FakeStrictAlignment", "fake", With(kAdd, "strict_alignment\n"), ""},
      {"FakeRaceSafe", "fake", With(kAdd, "race_safe\n"), ""},
      {"FakeDynamicOutput", "fake", With(kAdd, "dynamic_output\n"), ""},
      {"FakeOpenRows", "fake", "input x FP32 -1,16\noutput y FP32 -1,16\nop double\n", ""},
  };
#ifdef OARLOCK_HAS_ONNXRUNTIME
  models.push_back({"OnnxRuntimeStatic", "onnxruntime", "", "onnx/relu_1x16.onnx"});
#endif
#ifdef OARLOCK_HAS_OPENVINO
  models.push_back({"OpenVinoStatic", "openvino", "", "onnx/relu_1x16.onnx"});
#endif
  return models;
}

class ZeroCopy : public CApi, public testing::WithParamInterface<Model> {
 protected:
  void SetUp() override {
    CApi::SetUp();
    runtime_ = NewRuntime();
    auto options = FakeOptions();
    options.engine = GetParam().engine.c_str();
    if (GetParam().path.empty()) {
      predictor_ = Load(runtime_.get(), GetParam().script, options);
    } else {
      options.format = OAR_FORMAT_UNKNOWN;
      const std::string path = OARLOCK_SOURCE_DIR "/tests/models/" + GetParam().path;
      ASSERT_TRUE(Ok(oar_predictor_load, runtime_.get(), path.c_str(), &options, predictor_.out()));
    }
    wanted_ = Run(Of<float>({1, 16}, Numbers(16, -4)).get());
  }
  void TearDown() override {
    predictor_.Reset();
    runtime_.Reset();
    CApi::TearDown();
  }

  std::vector<float> Run(oar_tensor x) {
    Owned<oar_tensor> y;
    EXPECT_TRUE(Ok(oar_predictor_infer, predictor_.get(), nullptr, &x, size_t{1}, y.out(), size_t{1}));
    return Elements<float>(y.get());
  }

  // `offset` bytes from a multiple of 64; `step` elements apart.
  Owned<oar_tensor> Wrapped(size_t offset, int64_t step = 1, oar_tensor_flags flags = 0) {
    std::memset(memory_, 0, sizeof memory_);
    const Dims dims{1, 16};
    const Dims strides{16 * step, step};
    for (size_t i = 0; i < 16; ++i) {
      const float number = static_cast<float>(i) - 4;
      std::memcpy(memory_ + offset + i * static_cast<size_t>(step) * sizeof(float), &number, sizeof number);
    }
    auto options = Sized<oar_tensor_options>();
    options.strides = strides.data();
    options.flags = flags;
    Owned<oar_tensor> tensor;
    EXPECT_TRUE(Ok(oar_tensor_wrap, memory_ + offset, sizeof memory_ - offset, OAR_DTYPE_F32, dims.data(), 2, &options,
                   nullptr, nullptr, tensor.out()));
    return tensor;
  }

  oar_zero_copy_report Check(oar_port_kind kind, oar_tensor tensor) {
    auto report = Sized<oar_zero_copy_report>();
    EXPECT_TRUE(Ok(oar_predictor_check_zero_copy, predictor_.get(), kind, size_t{0}, tensor, &report));
    EXPECT_EQ(report.condition == OAR_CONDITION_MET, report.text[0] == '\0') << report.text;
    EXPECT_EQ(report.reason != OAR_COPY_NONE, report.condition != OAR_CONDITION_MET && report.is_refused == 0);
    return report;
  }

  // Binds the tensor, runs, and holds the run to what was foretold.
  void ExpectForetold(oar_port_kind kind, oar_tensor tensor, const std::string& what) {
    SCOPED_TRACE(what);
    const oar_zero_copy_report told = Check(kind, tensor);
    const bool is_input = kind == OAR_PORT_KIND_INPUT;
    const auto x = Of<float>({1, 16}, Numbers(16, -4));
    Owned<oar_runner> runner;
    ASSERT_TRUE(Ok(oar_runner_create, predictor_.get(), runner.out()));
    ASSERT_TRUE(Ok(oar_runner_bind_input, runner.get(), size_t{0}, x.get()));
    const Answer bound = is_input ? Ask(oar_runner_bind_input, runner.get(), size_t{0}, tensor)
                                  : Ask(oar_runner_bind_output, runner.get(), size_t{0}, tensor);
    EXPECT_EQ(bound.code != OAR_OK, told.is_refused != 0) << bound.text << " / " << told.text;
    if (bound.code != OAR_OK) {
      EXPECT_STREQ(bound.text.c_str(), told.text);
      return;
    }
    ASSERT_TRUE(Ok(oar_runner_run, runner.get()));
    auto copies = Sized<oar_copy_report>();
    ASSERT_TRUE(Ok(oar_runner_copy_report, runner.get(), &copies));
    std::optional<oar_copy_entry> found;
    int64_t size_bytes = 0;
    for (int32_t i = 0; i < copies.copy_count; ++i) {
      const oar_copy_entry& entry = copies.entries[i];
      size_bytes += entry.size_bytes;
      if (entry.kind != kind) continue;
      EXPECT_FALSE(found) << "counted twice";
      EXPECT_EQ(entry.index, 0);
      EXPECT_EQ(entry.size_bytes, 64);
      found = entry;
    }
    EXPECT_EQ(copies.size_bytes, size_bytes);
    EXPECT_EQ(found ? found->condition : OAR_CONDITION_MET, told.condition) << told.text;
    EXPECT_EQ(found ? found->reason : OAR_COPY_NONE, told.reason) << told.text;
    if (!is_input) {
      EXPECT_EQ(Elements<float>(tensor), wanted_);
      return;
    }
    oar_view view{};
    ASSERT_TRUE(Ok(oar_runner_output, runner.get(), size_t{0}, &view));
    const auto* const numbers = static_cast<const float*>(view.data);
    EXPECT_EQ(std::vector<float>(numbers, numbers + 16), wanted_);
  }

  Owned<oar_runtime> runtime_;
  Owned<oar_predictor> predictor_;
  std::vector<float> wanted_;
  alignas(64) unsigned char memory_[2 * 16 * sizeof(float) + 64];
};

TEST_P(ZeroCopy, InputsAreCopiedAsForetold) {
  for (const size_t offset : {0, 1, 2, 4, 8, 16, 32}) {
    ExpectForetold(OAR_PORT_KIND_INPUT, Wrapped(offset).get(), "offset " + std::to_string(offset));
  }
  ExpectForetold(OAR_PORT_KIND_INPUT, Wrapped(0, 2).get(), "gaps");
  ExpectForetold(OAR_PORT_KIND_INPUT, Wrapped(1, 2).get(), "gaps and misaligned");
  ExpectForetold(OAR_PORT_KIND_INPUT, Wrapped(0, 1, OAR_TENSOR_READ_ONLY).get(), "read-only");
  ExpectForetold(OAR_PORT_KIND_INPUT, Wrapped(0, 1, OAR_TENSOR_SHARED_WITH_PEER).get(), "shared");
  ExpectForetold(OAR_PORT_KIND_INPUT, Wrapped(1, 1, OAR_TENSOR_SHARED_WITH_PEER).get(), "shared and misaligned");
  ExpectForetold(OAR_PORT_KIND_INPUT, Of<int32_t>({1, 16}, std::vector<int32_t>(16)).get(), "another dtype");
  ExpectForetold(OAR_PORT_KIND_INPUT, Of<float>({1, 15}, Numbers(15)).get(), "another dim");
  ExpectForetold(OAR_PORT_KIND_INPUT, Of<float>({16}, Numbers(16)).get(), "another rank");
}

TEST_P(ZeroCopy, OutputsAreCopiedAsForetold) {
  for (const size_t offset : {0, 1, 2, 4, 8, 16, 32}) {
    ExpectForetold(OAR_PORT_KIND_OUTPUT, Wrapped(offset).get(), "offset " + std::to_string(offset));
  }
  ExpectForetold(OAR_PORT_KIND_OUTPUT, Wrapped(0, 2).get(), "gaps");
  ExpectForetold(OAR_PORT_KIND_OUTPUT, Wrapped(0, 1, OAR_TENSOR_READ_ONLY).get(), "read-only");
  ExpectForetold(OAR_PORT_KIND_OUTPUT, Of<int32_t>({1, 16}, std::vector<int32_t>(16)).get(), "another dtype");
}

INSTANTIATE_TEST_SUITE_P(Engines, ZeroCopy, testing::ValuesIn(Models()),
                         [](const testing::TestParamInfo<Model>& model) { return model.param.name; });

// The order in which conditions are looked at is that of the header, and the numbers say what would be right.
class ZeroCopyReport : public CApi {
 protected:
  oar_zero_copy_report Check(const std::string& script, oar_port_kind kind, oar_tensor tensor) {
    const auto runtime = NewRuntime();
    const auto predictor = Load(runtime.get(), script);
    auto report = Sized<oar_zero_copy_report>();
    EXPECT_TRUE(Ok(oar_predictor_check_zero_copy, predictor.get(), kind, size_t{0}, tensor, &report));
    return report;
  }
};

TEST_F(ZeroCopyReport, SaysWhichConditionFailsAndWhatWouldBeRight) {
  const auto good = Of<float>({1, 16}, Numbers(16));
  EXPECT_EQ(Check(kAdd, OAR_PORT_KIND_INPUT, good.get()).condition, OAR_CONDITION_MET);

  const auto integers = Of<int64_t>({1, 16}, std::vector<int64_t>(16));
  auto report = Check(kAdd, OAR_PORT_KIND_INPUT, integers.get());
  EXPECT_EQ(report.condition, OAR_CONDITION_DTYPE);
  EXPECT_EQ(report.is_refused, 1);
  EXPECT_EQ(report.wanted, OAR_DTYPE_F32);
  EXPECT_EQ(report.found, OAR_DTYPE_I64);

  const auto shorter = Of<float>({1, 4}, Numbers(4));
  report = Check(kAdd, OAR_PORT_KIND_OUTPUT, shorter.get());
  EXPECT_EQ(report.condition, OAR_CONDITION_SIZE);
  EXPECT_EQ(report.is_refused, 1);
  EXPECT_EQ(report.wanted, 64);
  EXPECT_EQ(report.found, 16);

  alignas(64) unsigned char memory[128] = {};
  const int64_t dims[] = {1, 16};
  Owned<oar_tensor> misaligned;
  ASSERT_TRUE(
      Ok(oar_tensor_wrap, memory + 2, size_t{64}, OAR_DTYPE_F32, dims, 2, nullptr, nullptr, nullptr, misaligned.out()));
  report = Check(kAdd, OAR_PORT_KIND_INPUT, misaligned.get());
  EXPECT_EQ(report.condition, OAR_CONDITION_ALIGNMENT);
  EXPECT_EQ(report.reason, OAR_COPY_UNALIGNED);
  EXPECT_EQ(report.is_refused, 0);
  EXPECT_EQ(report.wanted, 4);
  EXPECT_EQ(report.found, 2);

  Owned<oar_tensor> not_strict;
  ASSERT_TRUE(Ok(oar_tensor_wrap, memory + 16, size_t{64}, OAR_DTYPE_F32, dims, 2, nullptr, nullptr, nullptr,
                 not_strict.out()));
  EXPECT_EQ(Check(kAdd, OAR_PORT_KIND_INPUT, not_strict.get()).condition, OAR_CONDITION_MET);
  report = Check(With(kAdd, "strict_alignment\n"), OAR_PORT_KIND_INPUT, not_strict.get());
  EXPECT_EQ(report.condition, OAR_CONDITION_ALIGNMENT);
  EXPECT_EQ(report.wanted, 64);
  EXPECT_EQ(report.found, 16);

  report = Check(With(kAdd, "dynamic_output\n"), OAR_PORT_KIND_OUTPUT, good.get());
  EXPECT_EQ(report.condition, OAR_CONDITION_DYNAMIC_SHAPE);
  EXPECT_EQ(report.reason, OAR_COPY_DYNAMIC_OUTPUT);

  std::vector<float> lent(16);
  const auto shared = Over(lent.data(), 16, {1, 16}, OAR_TENSOR_SHARED_WITH_PEER);
  report = Check(kAdd, OAR_PORT_KIND_INPUT, shared.get());
  EXPECT_EQ(report.condition, OAR_CONDITION_RACE);
  EXPECT_EQ(report.reason, OAR_COPY_UNTRUSTED);
}

}  // namespace
}  // namespace oarlock::capi_test

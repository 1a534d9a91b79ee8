#include "sample.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "base/file.h"

namespace oarlock {
namespace {

std::string_view FakeScript(Sample sample) {
  switch (sample) {
    case Sample::kAddStatic:
      return "input x FP32 1,16\noutput y FP32 1,16\nop add 1\n";
    case Sample::kAddDynamic:
      return "input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\n";
    case Sample::kAddTwo:
      return "input b FP32 1,4\ninput a INT64 3\noutput z FP32 1,4\noutput y INT64 3\nop add 1\n";
    case Sample::kUnknownOperator:
      return "input x FP32 1,4\noutput y FP32 1,4\nunsupported Frobnicate 2\nunsupported Twiddle 1\n";
  }
  return {};
}

std::string_view OnnxFile(Sample sample) {
  switch (sample) {
    case Sample::kAddStatic:
      return "onnx/add_static.onnx";
    case Sample::kAddDynamic:
      return "onnx/add_dynamic.onnx";
    case Sample::kAddTwo:
      return "onnx/add_two.onnx";
    case Sample::kUnknownOperator:
      return "onnx/unknown_operator.onnx";
  }
  return {};
}

std::string TextOf(std::string_view path) {
  const auto bytes = ReadFile(std::string(OARLOCK_SOURCE_DIR "/tests/models/") + std::string(path), 1 << 30);
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.ok() ? std::string(bytes->text()) : std::string();
}

template <typename T>
std::vector<T> Copied(EngineExecution& execution, size_t index) {
  EngineOutput output;
  const absl::Status status = execution.Output(index, &output);
  EXPECT_TRUE(status.ok()) << status;
  if (!status.ok()) return {};
  const auto values = output.view.As<T>();
  EXPECT_EQ(values.size_bytes(), output.view.size_bytes) << "the output has another dtype";
  return {values.begin(), values.end()};
}

}  // namespace

ModelSource SampleFiles::source() const {
  ModelSource source;
  source.format = format;
  source.model = std::as_bytes(std::span(model));
  source.weights = std::as_bytes(std::span(weights));
  source.model_path = path;
  return source;
}

SampleFiles ReadSampleFile(Format format, std::string_view path, std::string_view weights_path) {
  SampleFiles files;
  files.format = format;
  files.model = TextOf(path);
  if (!weights_path.empty()) files.weights = TextOf(weights_path);
  files.path = std::string(OARLOCK_SOURCE_DIR "/tests/models/") + std::string(path);
  return files;
}

SampleFiles FilesOf(std::string_view engine, Sample sample) {
  if (engine != "fake") return ReadSampleFile(Format::kOnnx, OnnxFile(sample));
  SampleFiles files;
  files.format = Format::kFake;
  files.model = FakeScript(sample);
  return files;
}

std::vector<std::string> EnginesUnderTest() {
  // Asked for once for each test.
  static const std::vector<std::string> engines = [] {
    std::vector<std::string> names = {"fake"};
#ifdef OARLOCK_TEST_OPENVINO
    names.emplace_back("openvino");
#else
    std::puts("engine conformance: openvino is left out, for this build has OARLOCK_ENGINE_OPENVINO=OFF");
#endif
#ifdef OARLOCK_TEST_ONNXRUNTIME
    names.emplace_back("onnxruntime");
#else
    std::puts("engine conformance: onnxruntime is left out, for this build has OARLOCK_ENGINE_ONNXRUNTIME=OFF");
#endif
    return names;
  }();
  return engines;
}

EngineRegistry& Registry() {
  // Never destroyed: engines outlive it.
  static EngineRegistry& registry = *new EngineRegistry(OARLOCK_BUILD_DIR "/lib/oarlock/engines");
  return registry;
}

std::shared_ptr<Engine> EngineUnderTest(std::string_view name) {
  auto engine = Registry().Get(name);
  EXPECT_TRUE(engine.ok()) << engine.status();
  return engine.ok() ? *engine : nullptr;
}

std::shared_ptr<CompiledModel> MustLoad(std::string_view engine, const SampleFiles& files, EngineOptions options) {
  auto model = EngineUnderTest(engine)->Load(files.source(), options);
  EXPECT_TRUE(model.ok()) << model.status();
  return model.ok() ? *model : nullptr;
}

std::unique_ptr<EngineExecution> MustMake(const std::shared_ptr<CompiledModel>& model) {
  auto execution = model->NewExecution();
  EXPECT_TRUE(execution.ok()) << execution.status();
  return execution.ok() ? std::move(*execution) : nullptr;
}

template <>
std::vector<float> ValuesOf(EngineExecution& execution, size_t index) {
  return Copied<float>(execution, index);
}
template <>
std::vector<int64_t> ValuesOf(EngineExecution& execution, size_t index) {
  return Copied<int64_t>(execution, index);
}

}  // namespace oarlock

// The models that every engine must be able to run, in each engine's own format.
#ifndef OARLOCK_TESTS_ENGINE_CONFORMANCE_SAMPLE_H_
#define OARLOCK_TESTS_ENGINE_CONFORMANCE_SAMPLE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "engine/registry.h"
#include "tensor/tensor.h"

namespace oarlock {

enum class Sample {
  kAddStatic,        // FP32 x[1,16] -> y = x + 1
  kAddDynamic,       // FP32 x[-1,4] -> y = x + 1
  kAddTwo,           // FP32 b[1,4], INT64 a[3] -> z = b + 1, y = a + 1
  kUnknownOperator,  // Frobnicate twice, Twiddle once
};

// A model's bytes, at an address of their own.
struct SampleFiles {
  Format format = Format::kUnknown;
  std::string model;
  std::string weights;
  std::string path;
  ModelSource source() const;
};
SampleFiles FilesOf(std::string_view engine, Sample sample);
SampleFiles ReadSampleFile(Format format, std::string_view path, std::string_view weights_path = {});

// The engines of this build, by name. Prints those left out, and why.
std::vector<std::string> EnginesUnderTest();
// One registry for the whole program: a plugin is opened once.
EngineRegistry& Registry();
std::shared_ptr<Engine> EngineUnderTest(std::string_view name);

// Loads and fails the test if that does not work.
std::shared_ptr<CompiledModel> MustLoad(std::string_view engine, const SampleFiles& files, EngineOptions options = {});
std::unique_ptr<EngineExecution> MustMake(const std::shared_ptr<CompiledModel>& model);

template <typename T>
TensorView ViewOf(const std::vector<T>& values, const Shape& shape) {
  return {DTypeOf<T>(), shape, reinterpret_cast<const std::byte*>(values.data()), values.size() * sizeof(T)};
}

// 0, 1, 2, ... plus `start`.
template <typename T>
std::vector<T> Counting(size_t count, T start = T{0}) {
  std::vector<T> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = static_cast<T>(start + static_cast<T>(i));
  return values;
}

// The values of an output after a run; fails the test if there are none.
template <typename T>
std::vector<T> ValuesOf(EngineExecution& execution, size_t index);
template <>
std::vector<float> ValuesOf(EngineExecution& execution, size_t index);
template <>
std::vector<int64_t> ValuesOf(EngineExecution& execution, size_t index);

}  // namespace oarlock

#endif  // OARLOCK_TESTS_ENGINE_CONFORMANCE_SAMPLE_H_

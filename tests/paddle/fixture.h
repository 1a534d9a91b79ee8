// The models of tests/models/paddle_*: a directory each, with the same model as several versions of Paddle write it and
// with what Paddle answers (tools/paddle makes them).
#ifndef OARLOCK_TESTS_PADDLE_FIXTURE_H_
#define OARLOCK_TESTS_PADDLE_FIXTURE_H_

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "engine/engine.h"
#include "tensor/tensor.h"

namespace oarlock {

// Directories below tests/models/`group`, by name.
std::vector<std::string> FixtureNames(const std::string& group);

struct Fixture {
  std::filesystem::path directory;
  std::map<std::string, Tensor> inputs;
  std::vector<Tensor> outputs;  // as Paddle answers
};
// Fails the test if something cannot be read. `writer`: for outputs of its own, where versions of Paddle differ.
Fixture ReadFixture(const std::string& group, const std::string& name, const std::string& writer);

// Which Paddle wrote it.
inline constexpr const char* kWriters[] = {"legacy26", "pir30", "pir33"};

struct PaddleFiles {
  Format format = Format::kUnknown;  // unknown: this writer has not written the model
  FileBytes program;
  FileBytes weights;
};
PaddleFiles ReadPaddleFiles(const std::filesystem::path& directory, const std::string& writer);

// Empty if `found` is what Paddle answers. Numbers may differ by a part of the largest one of the tensor: FP32 and FP64
// by 1e-5 (engines may compute FP64 in FP32), FP16 by 2e-3; integers and booleans by nothing.
std::string Difference(const TensorView& found, const TensorView& expected);

}  // namespace oarlock

#endif  // OARLOCK_TESTS_PADDLE_FIXTURE_H_

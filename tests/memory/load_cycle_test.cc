// Unloading gives memory and descriptors back: after many load and unload cycles the process is as large as after a
// few.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/rounds_test.h"
#include "resident_bytes.h"
#include "runtime/predictor.h"

namespace oarlock {
namespace {

size_t CountIn(const char* directory) {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(directory)) ++count;
  return count;
}

void Cycle(const std::string& path, Runtime* runtime) {
  PredictorOptions options;
  options.executions = 1;
  auto predictor = Predictor::Create(options, runtime);
  const absl::Status status = predictor->Load(path);
  ASSERT_TRUE(status.ok()) << status;
  const Port& input = predictor->model()->compiled->inputs()[0];
  Shape shape = input.shape;
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape[i] == kDynamic) shape.set_dim(i, 1);
  }
  const auto x = Tensor::Allocate(input.dtype, shape);
  ASSERT_TRUE(x.ok());
  std::fill_n(x->data(), x->size_bytes(), std::byte{0});
  InferenceRequest request;
  request.inputs.push_back(RequestInput::Of(input.name, x->view()));
  InferenceResponse response;
  ASSERT_TRUE(predictor->Infer(request, &response).ok());
  response.Release();
  predictor->Unload();
}

class LoadCycles : public ::testing::TestWithParam<const char*> {};

TEST_P(LoadCycles, ResidentSizeAndDescriptorsStay) {
  Runtime runtime(OARLOCK_BUILD_DIR "/lib/oarlock/engines");
  const std::string path = std::string(OARLOCK_SOURCE_DIR "/") + GetParam();
  for (int i = 0; i < 100; ++i) ASSERT_NO_FATAL_FAILURE(Cycle(path, &runtime));
  const int64_t resident_after_100 = ResidentBytes();
  BringInLibraries();
  const int64_t with_libraries = ResidentBytes();
  const size_t descriptors_after_100 = CountIn("/proc/self/fd");
  const size_t threads_after_100 = CountIn("/proc/self/task");
  for (int i = 100; i < 1000; ++i) ASSERT_NO_FATAL_FAILURE(Cycle(path, &runtime));
  // As if all pages of libraries that came in meanwhile had been there already.
  const int64_t resident_at_the_end = resident_after_100 + ResidentBytes() - with_libraries;
  std::printf("%s: %.1f MB after 100 cycles, %.1f MB after 1000 (%.4fx)\n", GetParam(),
              static_cast<double>(resident_after_100) / 1e6, static_cast<double>(resident_at_the_end) / 1e6,
              static_cast<double>(resident_at_the_end) / static_cast<double>(resident_after_100));
  EXPECT_LE(static_cast<double>(resident_at_the_end), 1.02 * static_cast<double>(resident_after_100));
  EXPECT_EQ(CountIn("/proc/self/fd"), descriptors_after_100);
  EXPECT_EQ(CountIn("/proc/self/task"), threads_after_100);
}

std::vector<const char*> Models() {
  std::vector<const char*> models = {"tests/models/fake/add.fake"};
#ifdef OARLOCK_HAS_OPENVINO
  models.push_back("tests/models/paddle/lenet/inference.pdmodel");
  if (IsLongRun()) models.push_back("tests/models/paddle/mlp/inference.pdmodel");
#endif
#ifdef OARLOCK_HAS_ONNXRUNTIME
  models.push_back("tests/models/onnx/small_net.onnx");
#endif
  return models;
}
INSTANTIATE_TEST_SUITE_P(Models, LoadCycles, ::testing::ValuesIn(Models()));

}  // namespace
}  // namespace oarlock

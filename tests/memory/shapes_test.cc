// Every new shape of a dynamic model makes an engine compile anew. A client that sends ever new shapes must not make
// the process grow without bound.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "resident_bytes.h"
#include "runtime/predictor.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<Predictor> Load(const fs::path& path, const std::string& engine, Runtime* runtime) {
  PredictorOptions options;
  options.executions = 1;
  options.engine = engine;
  auto predictor = Predictor::Create(options, runtime);
  const absl::Status loaded = predictor->Load(path);
  EXPECT_TRUE(loaded.ok()) << loaded;
  return predictor;
}

bool Run(Predictor* predictor, std::string_view input, const Shape& shape) {
  const auto x = Tensor::Allocate(DType::kF32, shape);
  std::fill_n(x->data(), x->size_bytes(), std::byte{0});
  InferenceRequest request;
  request.inputs.push_back(RequestInput::Of(input, x->view()));
  InferenceResponse response;
  return predictor->Infer(request, &response).ok();
}

// Shapes for sizes 64 to 863, each once, in an order that mixes them; the largest comes first.
void ExpectNoGrowth(Predictor* predictor, std::string_view input, Shape (*shape)(int64_t size)) {
  ASSERT_TRUE(Run(predictor, input, shape(863)));
  for (int64_t i = 0; i < 200; ++i) ASSERT_TRUE(Run(predictor, input, shape(64 + i * 37 % 800)));
  const int64_t after_200 = ResidentBytes();
  for (int64_t i = 200; i < 800; ++i) ASSERT_TRUE(Run(predictor, input, shape(64 + i * 37 % 800)));
  const int64_t after_800 = ResidentBytes();
  std::printf("%.1f MB after 200 shapes, %.1f MB after 800\n", static_cast<double>(after_200) / 1e6,
              static_cast<double>(after_800) / 1e6);
  EXPECT_LE(static_cast<double>(after_800), 1.2 * static_cast<double>(after_200));
}

#ifdef OARLOCK_HAS_OPENVINO
TEST(Shapes, EverNewOnesDoNotGrowTheProcessOnOpenVino) {
  // Without the manifest, which would make all pictures one size.
  const fs::path directory = fs::path(::testing::TempDir()) / ("oarlock-shapes-" + std::to_string(::getpid()));
  fs::create_directories(directory);
  for (const char* name : {"inference.json", "inference.pdiparams"}) {
    fs::copy_file(fs::path(OARLOCK_SOURCE_DIR "/examples/waybill/models/waybill") / name, directory / name,
                  fs::copy_options::overwrite_existing);
  }
  Runtime runtime(OARLOCK_BUILD_DIR "/lib/oarlock/engines");
  const auto predictor = Load(directory, "openvino", &runtime);
  fs::remove_all(directory);
  ExpectNoGrowth(predictor.get(), "image", [](int64_t size) { return Shape{1, 1, 32, size}; });
}
#endif

#ifdef OARLOCK_HAS_ONNXRUNTIME
TEST(Shapes, EverNewOnesDoNotGrowTheProcessOnOnnxRuntime) {
  Runtime runtime(OARLOCK_BUILD_DIR "/lib/oarlock/engines");
  const auto predictor = Load(OARLOCK_SOURCE_DIR "/tests/models/onnx/small_net.onnx", "onnxruntime", &runtime);
  ExpectNoGrowth(predictor.get(), "x", [](int64_t size) { return Shape{size, 3, 16, 16}; });
}
#endif

}  // namespace
}  // namespace oarlock

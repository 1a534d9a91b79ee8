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

TEST(Shapes, EverNewOnesDoNotGrowTheProcess) {
  // Without the manifest, which would make all pictures one size.
  const fs::path directory = fs::path(::testing::TempDir()) / ("oarlock-shapes-" + std::to_string(::getpid()));
  fs::create_directories(directory);
  for (const char* name : {"inference.pdmodel", "inference.pdiparams"}) {
    fs::copy_file(fs::path(OARLOCK_SOURCE_DIR "/examples/waybill/models/waybill") / name, directory / name,
                  fs::copy_options::overwrite_existing);
  }
  EngineRegistry engines(OARLOCK_BUILD_DIR "/lib/oarlock/engines");
  PredictorOptions options;
  options.executions = 1;
  auto predictor = Predictor::Create(options, &engines);
  const absl::Status loaded = predictor->Load(directory);
  fs::remove_all(directory);
  ASSERT_TRUE(loaded.ok()) << loaded;

  const auto run = [&predictor](int64_t width) {
    const auto x = Tensor::Allocate(DType::kF32, Shape{1, 1, 32, width});
    std::fill_n(x->data(), x->size_bytes(), std::byte{0});
    InferenceRequest request;
    request.inputs.push_back(RequestInput::Of("image", x->view()));
    InferenceResponse response;
    return predictor->Infer(request, &response).ok();
  };
  // Widths 64 to 863, each once, in an order that mixes them; the widest comes first.
  ASSERT_TRUE(run(863));
  for (int64_t i = 0; i < 200; ++i) ASSERT_TRUE(run(64 + i * 37 % 800));
  const int64_t after_200 = ResidentBytes();
  for (int64_t i = 200; i < 800; ++i) ASSERT_TRUE(run(64 + i * 37 % 800));
  const int64_t after_800 = ResidentBytes();
  std::printf("%.1f MB after 200 shapes, %.1f MB after 800\n", static_cast<double>(after_200) / 1e6,
              static_cast<double>(after_800) / 1e6);
  EXPECT_LE(static_cast<double>(after_800), 1.2 * static_cast<double>(after_200));
}

}  // namespace
}  // namespace oarlock

// Models that the caller has in memory, in the formats of real engines.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fixture.h"

namespace oarlock::capi_test {
namespace {

class MemoryModel : public CApi {};

std::string Bytes(const std::string& path) {
  std::ifstream file(OARLOCK_SOURCE_DIR "/tests/models/" + path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// The second load finds the converted model that the first one kept.
TEST_F(MemoryModel, PaddleIsConvertedOnce) {
  if ((oar_features() & OAR_FEATURE_IMPORTER) == 0) GTEST_SKIP() << "this build has no importer";
#ifndef OARLOCK_HAS_ONNXRUNTIME
  GTEST_SKIP() << "this build has no ONNX Runtime";
#endif
  const std::filesystem::path cache =
      std::filesystem::path(testing::TempDir()) / ("oarlock-memory-" + std::to_string(getpid()));
  auto runtime_options = Sized<oar_runtime_options>();
  runtime_options.cache_dir = cache.c_str();
  runtime_options.engine_path = OARLOCK_BUILD_DIR "/lib/oarlock/engines";
  Owned<oar_runtime> runtime;
  ASSERT_TRUE(Ok(oar_runtime_create, &runtime_options, runtime.out()));
  const std::string program = Bytes("paddle/mlp/inference.pdmodel");
  const std::string weights = Bytes("paddle/mlp/inference.pdiparams");
  auto options = Sized<oar_load_options>();
  options.engine = "onnxruntime";
  std::filesystem::file_time_type written{};
  for (int i = 0; i < 2; ++i) {
    Owned<oar_predictor> predictor;
    ASSERT_TRUE(Ok(oar_predictor_load_memory, runtime.get(), program.data(), program.size(), weights.data(),
                   weights.size(), &options, predictor.out()));
    auto model = Sized<oar_model_description>();
    ASSERT_TRUE(Ok(oar_predictor_describe, predictor.get(), &model));
    EXPECT_EQ(model.format, OAR_FORMAT_PADDLE);
    EXPECT_EQ(model.is_converted, 1);
    EXPECT_EQ(model.warning_count, 0U);
    size_t kept = 0;
    for (const auto& entry : std::filesystem::directory_iterator(cache)) {
      if (entry.path().extension() != ".onnx") continue;
      ++kept;
      if (i == 0) written = entry.last_write_time();
      EXPECT_EQ(entry.last_write_time(), written) << "it was converted again";
    }
    EXPECT_EQ(kept, 1U);
  }
  std::filesystem::remove_all(cache);
}

}  // namespace
}  // namespace oarlock::capi_test

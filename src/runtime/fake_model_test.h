// For the tests of this folder: scripts of the fake engine as model files in a directory of their own, and requests of
// one FP32 input.
#ifndef OARLOCK_RUNTIME_FAKE_MODEL_TEST_H_
#define OARLOCK_RUNTIME_FAKE_MODEL_TEST_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/status.h"
#include "runtime/predictor.h"

namespace oarlock {

inline constexpr char kEngines[] = OARLOCK_BUILD_DIR "/lib/oarlock/engines";
inline constexpr char kAddOne[] = "input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\n";
inline constexpr char kAddOneStatic[] = "input x FP32 1,4\noutput y FP32 1,4\nop add 1\n";

class FakeModels : public ::testing::Test {
 protected:
  FakeModels()
      : root_(std::filesystem::path(::testing::TempDir()) /
              fmt::format("oarlock-runtime-{}-{}", ::getpid(),
                          ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(root_);
  }
  ~FakeModels() override { std::filesystem::remove_all(root_); }

  std::filesystem::path Put(const std::string& name, std::string_view text) {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
    return root_ / name;
  }

  // READY, or the test has failed.
  std::shared_ptr<Predictor> Load(std::string_view script, PredictorOptions options = {}) {
    if (options.executions == 0) options.executions = 1;
    auto predictor = Predictor::Create(std::move(options), &runtime_);
    const absl::Status status = predictor->Load(Put("model.fake", script));
    EXPECT_TRUE(status.ok()) << status;
    return predictor;
  }

  static RequestInput Input(const std::vector<float>& values, std::string_view name = "x") {
    return RequestInput::Of(name, {DType::kF32, Shape{static_cast<int64_t>(values.size() / 4), 4},
                                   reinterpret_cast<const std::byte*>(values.data()), values.size() * sizeof(float)});
  }
  static InferenceRequest Request(const std::vector<float>& values) {
    InferenceRequest request;
    request.inputs.push_back(Input(values));
    return request;
  }
  static std::vector<float> Values(const InferenceResponse& response, size_t index = 0) {
    const auto elements = response.outputs()[index].view.As<float>();
    return {elements.begin(), elements.end()};
  }

  std::filesystem::path root_;
  Runtime runtime_{kEngines, 4};
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_FAKE_MODEL_TEST_H_

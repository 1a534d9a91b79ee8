// A model is replaced every 50 ms while it is asked without a pause: no request is lost, none gets an answer that no
// version gives, and the process does not grow.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <thread>

#include "../memory/resident_bytes.h"
#include "base/file.h"
#include "base/status.h"
#include "runtime/repository.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kEvery(50);
#ifdef OARLOCK_SANITIZED
constexpr std::chrono::seconds kDuration(5);
constexpr std::chrono::seconds kDurationOfFake(5);
#else
constexpr std::chrono::seconds kDuration(60);
constexpr std::chrono::seconds kDurationOfFake(15);
#endif

struct Count {
  std::atomic<int64_t> answered{0};
  std::atomic<int64_t> wrong{0};
  std::atomic<int64_t> ended{0};  // asynchronous ones
  std::atomic<int64_t> asked{0};
};

class Reload : public ::testing::Test {
 protected:
  Reload() : root_(fs::path(::testing::TempDir()) / fmt::format("oarlock-reload-{}", ::getpid())) {
    fs::create_directories(root_ / "m");
  }
  ~Reload() override { fs::remove_all(root_); }

  // Clients ask for `name`, in one thread at once and in another later; `right` judges.
  template <typename Right>
  void Ask(const RequestInput& input, const Right& right, const std::atomic<bool>* stop) {
    std::atomic<int64_t> open{0};
    while (!*stop) {
      const auto picked = repository_.Pick("m", std::nullopt, std::nullopt);
      if (!picked.ok()) {
        ADD_FAILURE() << picked.status();
        return;
      }
      InferenceRequest request;
      request.inputs.push_back(input);
      InferenceResponse response;
      const absl::Status status = picked->Infer(request, &response);
      ++(status.ok() && right(response) ? count_.answered : count_.wrong);
      if (!status.ok()) ADD_FAILURE() << status;
      response.Release();
      if (open >= 8) continue;
      const auto id = picked->InferAsync(request, [&](absl::Status late, InferenceResponse answer) {
        ++(late.ok() && right(answer) ? count_.answered : count_.wrong);
        if (!late.ok()) ADD_FAILURE() << late;
        answer.Release();
        ++count_.ended;
        --open;
      });
      if (!id.ok()) {
        ADD_FAILURE() << id.status();
        return;
      }
      ++count_.asked;
      ++open;
    }
    for (int i = 0; i < 30'000 && open > 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  template <typename Right, typename Replace>
  void Run(std::chrono::seconds duration, const RequestInput& input, const Right& right, const Replace& replace) {
    ModelsConfig config;
    config.models.emplace_back().path = root_ / "m";
    config.models[0].executions = 2;
    config.models[0].batching.emplace();
    config.models[0].batching->max_batch_size = 4;
    const auto apply = [&] {
      replace();
      const absl::Status status = repository_.Apply(config);
      ASSERT_TRUE(status.ok()) << status;
    };
    apply();
    std::atomic<bool> stop{false};
    std::vector<std::thread> clients;
    for (int i = 0; i < 3; ++i) clients.emplace_back([&] { Ask(input, right, &stop); });
    // Before and after are measured alike: under load, a while after the start.
    const auto replace_for = [&](std::chrono::seconds time) {
      int count = 0;
      for (const auto until = steady_clock::now() + time; steady_clock::now() < until && !HasFailure(); ++count) {
        const auto next = steady_clock::now() + kEvery;
        apply();
        std::this_thread::sleep_until(next);
      }
      return count;
    };
    replace_for(std::chrono::seconds(3));
#ifndef OARLOCK_SANITIZED
    BringInLibraries();  // which reads what lies between variables too
#endif
    const int64_t before = ResidentBytes();
    const int replaced = replace_for(duration);
    const int64_t after = ResidentBytes();
    stop = true;
    for (std::thread& client : clients) client.join();
    std::printf("replaced %d times: %ld right answers, %ld wrong, %.1f MB before, %.1f MB after (%.3fx)\n", replaced,
                count_.answered.load(), count_.wrong.load(), static_cast<double>(before) / 1e6,
                static_cast<double>(after) / 1e6, static_cast<double>(after) / static_cast<double>(before));
    EXPECT_EQ(count_.wrong, 0);
    EXPECT_EQ(count_.asked, count_.ended);
    EXPECT_GT(count_.answered, replaced);
    EXPECT_TRUE(repository_.WaitUntilRetired(std::chrono::seconds(30)));
#ifndef OARLOCK_SANITIZED
    EXPECT_LE(static_cast<double>(after), 1.05 * static_cast<double>(before));
#endif
  }

  const fs::path root_;
  Runtime runtime_{OARLOCK_BUILD_DIR "/lib/oarlock/engines"};
  Repository repository_{&runtime_, Limits()};
  Count count_;
};

TEST_F(Reload, EachAnswerIsThatOfAVersionThatWasServed) {
  int written = 0;
  std::atomic<int> newest{0};
  const std::vector<float> x = {1, 2};
  const auto input = RequestInput::Of(
      "x", {DType::kF32, Shape{1, 2}, reinterpret_cast<const std::byte*>(x.data()), x.size() * sizeof(float)});
  Run(
      kDurationOfFake, input,
      [&](const InferenceResponse& response) {
        const auto y = response.outputs()[0].view.As<float>();
        const float added = y[0] - 1;
        return y[1] == 2 + added && added >= 1 && added <= static_cast<float>(newest);
      },
      [&] {
        newest = ++written;
        const std::string script = fmt::format("input x FP32 -1,2\noutput y FP32 -1,2\nop add {}\n", written);
        ASSERT_TRUE(WriteFileAtomic(root_ / "m" / "m.fake", script).ok());
      });
}

#ifdef OARLOCK_HAS_ONNXRUNTIME
TEST_F(Reload, ARealModelToo) {
  const auto bytes = ReadFile(OARLOCK_SOURCE_DIR "/tests/models/onnx/small_net.onnx", Limits().model_file_bytes_max);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const auto replace = [&] { ASSERT_TRUE(WriteFileAtomic(root_ / "m" / "m.onnx", bytes->text()).ok()); };
  replace();
  auto predictor = Predictor::Create({}, &runtime_);
  ASSERT_TRUE(predictor->Load(root_ / "m").ok());
  const Port port = predictor->model()->inputs[0];
  Shape shape = port.shape;
  shape.set_dim(0, 1);
  const auto x = Tensor::Allocate(port.dtype, shape);
  ASSERT_TRUE(x.ok());
  const auto elements = static_cast<size_t>(*shape.ElementCount());
  for (size_t i = 0; i < elements; ++i) reinterpret_cast<float*>(x->data())[i] = static_cast<float>(i % 7) / 7;
  InferenceRequest request;
  request.inputs.push_back(RequestInput::Of(port.name, x->view()));
  InferenceResponse response;
  ASSERT_TRUE(predictor->Infer(request, &response).ok());
  const auto shown = response.outputs()[0].view.As<float>();
  const std::vector<float> expected(shown.begin(), shown.end());
  response.Release();
  predictor->Unload();
  Run(
      kDuration, request.inputs[0],
      [&](const InferenceResponse& answer) {
        const auto y = answer.outputs()[0].view.As<float>();
        if (y.size() != expected.size()) return false;
        for (size_t i = 0; i < y.size(); ++i) {
          if (std::abs(y[i] - expected[i]) > 1e-5F * (1 + std::abs(expected[i]))) return false;
        }
        return true;
      },
      replace);
}
#endif

}  // namespace
}  // namespace oarlock

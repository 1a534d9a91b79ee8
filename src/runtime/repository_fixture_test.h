// For the tests of this folder: a repository of the fake engine's models, whose versions are told apart by what they
// add. No worker runs: a test takes each step itself.
#ifndef OARLOCK_RUNTIME_REPOSITORY_FIXTURE_TEST_H_
#define OARLOCK_RUNTIME_REPOSITORY_FIXTURE_TEST_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/fake_model_test.h"
#include "runtime/repository.h"

namespace oarlock {

inline constexpr std::chrono::milliseconds kLong(30'000);

inline std::string Add(int number) { return fmt::format("input x FP32 -1,4\noutput y FP32 -1,4\nop add {}\n", number); }

class RepositoryTest : public FakeModels {
 protected:
  RepositoryTest() : repository_(std::make_unique<Repository>(&stepped_, Limits())) {}

  // Another file each time, of another size: a look at names, sizes and times sees it.
  std::filesystem::path PutNew(const std::string& name, std::string text) {
    std::filesystem::remove(root_ / name);
    return Put(name, text + std::string(++puts_, '\n'));
  }
  ModelConfig Model(const std::string& path) {
    ModelConfig model;
    model.path = root_ / path;
    model.executions = 1;
    return model;
  }
  ModelConfig Routed(const std::string& path, std::map<int64_t, int64_t> weights,
                     std::map<int64_t, int64_t> shadows = {}) {
    ModelConfig model = Model(path);
    model.route.weights = std::move(weights);
    model.route.shadow_percents = std::move(shadows);
    return model;
  }
  static ModelsConfig Of(std::vector<ModelConfig> models) {
    ModelsConfig config;
    config.models = std::move(models);
    return config;
  }
  void MustApply(const ModelsConfig& config) {
    const absl::Status status = repository_->Apply(config);
    ASSERT_TRUE(status.ok()) << status;
  }

  // What is added to each value, which is what tells versions apart; -1 for an error.
  static int Asked(const RoutedPredictor& picked) {
    const std::vector<float> x = {1, 2, 3, 4};
    InferenceResponse response;
    const absl::Status status = picked.Infer(Request(x), &response);
    return status.ok() ? static_cast<int>(Values(response)[0]) - 1 : -1;
  }
  int Ask(std::string_view name, std::optional<uint64_t> version = {}, std::optional<std::string_view> key = {}) {
    const auto picked = repository_->Pick(name, version, key);
    EXPECT_TRUE(picked.ok()) << picked.status();
    return picked.ok() ? Asked(*picked) : -1;
  }
  std::shared_ptr<Predictor> PredictorOf(std::string_view name, std::optional<uint64_t> version = {}) {
    const auto found = repository_->Find(name, version);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *found : nullptr;
  }
  std::vector<int64_t> VersionsOf(std::string_view name) {
    std::vector<int64_t> versions;
    const auto model = repository_->Model(name);
    if (!model.ok()) return versions;
    for (const auto& [version, variant] : (*model)->variants()) versions.push_back(version);
    return versions;
  }
  const ShadowStatistics& ShadowOf(std::string_view name, int64_t version) {
    return *(*repository_->Model(name))->variants().at(version).shadow;
  }
  // Does all that can be done now; how much that was.
  int RunAll() {
    int count = 0;
    while (stepped_.scheduler()->RunOne()) ++count;
    return count;
  }

  Runtime stepped_{kEngines, 4, 0};
  std::unique_ptr<Repository> repository_;
  size_t puts_ = 0;
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_REPOSITORY_FIXTURE_TEST_H_

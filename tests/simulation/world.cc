#include "world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.h"
#include "base/sha256.h"

namespace oarlock {
namespace {

constexpr int64_t kVersions = 2;

}  // namespace

World::World(std::string name, const WorldOptions& options)
    : root_(std::filesystem::path(::testing::TempDir()) / fmt::format("oarlock-{}-{}", name, ::getpid())),
      options_(options),
      names_({"alone", "batched", "delayed", "padded", "failing"}),
      runtime_(OARLOCK_BUILD_DIR "/lib/oarlock/engines", options.thread_budget, options.worker_count, options.clock) {
  Limits limits;
  limits.queue_requests_max = 24;
  limits.inline_us_max = 1'000'000;  // however long this machine takes for a run
  repository_ = std::make_unique<Repository>(&runtime_, limits);
  for (const std::string& model : names_) {
    for (int64_t version = 1; version <= kVersions; ++version) Write(model, version);
  }
  Restore();
}

World::~World() {
  repository_.reset();
  std::filesystem::remove_all(root_);
}

std::filesystem::path World::Path(const std::string& model, int64_t version) const {
  return root_ / model / fmt::format("{}", version) / "model.fake";
}

void World::Write(const std::string& model, int64_t version) {
  const std::lock_guard lock(mutex_);
  const int added = next_++;
  const std::string script =
      fmt::format("input x FP32 -1,2\noutput y FP32 -1,2\nop add {}\n{}{}", added,
                  options_.run_delay_us > 0 ? fmt::format("delay_us {}\n", options_.run_delay_us) : "",
                  model == "failing" ? "fail_run 5 RESOURCE_EXHAUSTED the engine has had enough\n" : "");
  std::filesystem::create_directories(Path(model, version).parent_path());
  added_[Sha256Hex(std::as_bytes(std::span(script)))] = static_cast<float>(added);
  // In place of the old file at once, as a careful deployment does it.
  EXPECT_TRUE(WriteFileAtomic(Path(model, version), script).ok());
}

float World::AddedBy(const std::string& identity) const {
  const std::lock_guard lock(mutex_);
  return added_.at(identity);
}

ModelConfig World::ConfigOf(const std::string& model) const {
  ModelConfig config;
  config.path = root_ / model;
  config.engine = "fake";
  config.executions = 2;
  config.all_versions = true;
  if (const auto route = routes_.find(model); route != routes_.end()) config.route = route->second;
  if (model == "alone") return config;
  config.batching.emplace();
  config.batching->max_batch_size = 4;
  config.batching->eager = model != "delayed";
  if (model != "batched") config.batching->delay_max = std::chrono::microseconds(300);
  if (model == "padded") config.batching->buckets = {2, 4};
  return config;
}

absl::Status World::Apply(const std::vector<std::string>& models) {
  ModelsConfig config;
  for (const std::string& model : models) config.models.push_back(ConfigOf(model));
  return repository_->Apply(config);
}

void World::Restore() {
  const std::lock_guard changing(changing_);
  const absl::Status status = Apply(names_);
  EXPECT_TRUE(status.ok()) << status;
}

void World::Change(Random* random) {
  const std::lock_guard changing(changing_);
  const std::string& model = names_[(*random)() % names_.size()];
  const auto version = static_cast<int64_t>(1 + (*random)() % kVersions);
  std::vector<std::string> models = names_;
  switch ((*random)() % 4) {
    case 0:
      Write(model, version);
      break;
    case 1:
      std::erase(models, model);  // it comes back with the next change
      break;
    case 2: {
      RouteOptions& route = routes_[model];
      route = RouteOptions();
      route.weights = {{1, static_cast<int64_t>((*random)() % 3)}, {2, 1}};
      if ((*random)() % 2 == 0) route.shadow_percents = {{1, 50}};
      break;
    }
    default: {
      // A file that no engine takes: what is served stays.
      const std::filesystem::path path = root_ / model / "1" / "model.fake";
      EXPECT_TRUE(WriteFileAtomic(path, "input x\n").ok());
      const absl::Status status = Apply(models);
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
      Write(model, 1);
      break;
    }
  }
  const absl::Status status = Apply(models);
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace oarlock

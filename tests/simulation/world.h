// The models that a simulation serves, and changes while it runs: scripts of the fake engine in a directory of their
// own. Every version adds another number, so that an answer tells which one gave it. Thread-safe.
#ifndef OARLOCK_TESTS_SIMULATION_WORLD_H_
#define OARLOCK_TESTS_SIMULATION_WORLD_H_

#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "runtime/repository.h"

namespace oarlock {

struct WorldOptions {
  int thread_budget = 3;
  int worker_count = Scheduler::kAutomatic;
  const Clock* clock = &Clock::Steady();
  int64_t run_delay_us = 0;
};

class World {
 public:
  using Random = std::mt19937_64;

  World(std::string name, const WorldOptions& options);
  ~World();

  Repository& repository() { return *repository_; }
  Scheduler& scheduler() { return *runtime_.scheduler(); }
  const std::vector<std::string>& names() const { return names_; }
  // What a version adds to each element, by its identity.
  float AddedBy(const std::string& identity) const;

  // Something else is served from now on: a file is rewritten, a version or a model comes or goes, or a route changes.
  void Change(Random* random);
  // Everything is served again.
  void Restore();

 private:
  std::filesystem::path Path(const std::string& model, int64_t version) const;
  void Write(const std::string& model, int64_t version);
  absl::Status Apply(const std::vector<std::string>& models);
  ModelConfig ConfigOf(const std::string& model) const;

  const std::filesystem::path root_;
  const WorldOptions options_;
  const std::vector<std::string> names_;
  Runtime runtime_;
  std::unique_ptr<Repository> repository_;
  mutable std::mutex mutex_;
  std::map<std::string, float> added_;  // this and below guarded by mutex_
  int next_ = 1;
  std::mutex changing_;
  std::map<std::string, RouteOptions> routes_;  // guarded by changing_
};

}  // namespace oarlock

#endif  // OARLOCK_TESTS_SIMULATION_WORLD_H_

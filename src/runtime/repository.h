// The models a server serves, by name. Filled once at start; thread-safe afterwards.
#ifndef OARLOCK_RUNTIME_REPOSITORY_H_
#define OARLOCK_RUNTIME_REPOSITORY_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/models_config.h"
#include "runtime/predictor.h"

namespace oarlock {

class Repository {
 public:
  // `runtime` must outlive the repository.
  explicit Repository(Runtime* runtime) : runtime_(runtime) {}
  ~Repository() { UnloadAll(); }

  // Loads one model and adds it. Its name: the config's, or that of its directory or file. ALREADY_EXISTS for a name
  // that is taken. Nothing is added on failure.
  absl::Status Add(const ModelConfig& config, const Limits& limits,
                   std::function<void(std::string_view phase)> on_phase = nullptr);
  // NOT_FOUND for an unknown name or a version that there is not; messages name no paths.
  absl::StatusOr<std::shared_ptr<Predictor>> Find(std::string_view name, std::optional<uint64_t> version) const;
  std::vector<std::string> Names() const;
  // Cancels every request of every model.
  void CancelAll();
  void UnloadAll();

 private:
  Runtime* const runtime_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Predictor>, std::less<>> predictors_;  // guarded by mutex_
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_REPOSITORY_H_

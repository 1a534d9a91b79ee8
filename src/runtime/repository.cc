#include "runtime/repository.h"

#include "base/nearest.h"
#include "base/status.h"

namespace oarlock {

absl::Status Repository::Add(const ModelConfig& config, const Limits& limits,
                             std::function<void(std::string_view phase)> on_phase) {
  PredictorOptions options = PredictorOptions::Of(config, limits);
  options.on_phase = std::move(on_phase);
  auto predictor = Predictor::Create(std::move(options), runtime_);
  OAR_RETURN_IF_ERROR(predictor->Load(config.path));
  const std::string name = predictor->model()->name;
  OAR_RETURN_IF_ERROR(CheckModelName(name, limits));
  const std::lock_guard lock(mutex_);
  if (!predictors_.emplace(name, std::move(predictor)).second) {
    return AlreadyExists("two models are called '{}'; give one of them another `name`", name);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<Predictor>> Repository::Find(std::string_view name,
                                                            std::optional<uint64_t> version) const {
  const std::lock_guard lock(mutex_);
  const auto found = predictors_.find(name);
  if (found == predictors_.end()) {
    std::vector<std::string_view> known;
    for (const auto& [each, predictor] : predictors_) known.push_back(each);
    return NotFound("no model '{}' is served{}", Printable(name), Suggestion(name, known));
  }
  const auto model = found->second->model();
  if (model == nullptr) return Unavailable("model '{}' is not ready", Printable(name));
  if (version && *version != static_cast<uint64_t>(model->version)) {
    return NotFound("model '{}' has no version {}; it has {}", Printable(name), *version, model->version);
  }
  return found->second;
}

std::vector<std::string> Repository::Names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, predictor] : predictors_) names.push_back(name);
  return names;
}

void Repository::CancelAll() {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, predictor] : predictors_) predictor->CancelAll();
}

void Repository::UnloadAll() {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, predictor] : predictors_) predictor->Unload();
  predictors_.clear();
}

}  // namespace oarlock

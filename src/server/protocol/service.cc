#include "server/protocol/service.h"

#include "base/status.h"
#include "server/protocol/version_number.h"

namespace oarlock {
namespace {

absl::Status NotReady() { return Unavailable("the server is starting or stopping; try again later"); }

}  // namespace

std::vector<std::string_view> Service::Extensions() const {
  std::vector<std::string_view> extensions = {"binary_tensor_data", "classification", "model_configuration",
                                              "schedule_policy", "statistics"};
  if (control_.allowed()) {
    extensions.insert(extensions.end(), {"model_repository", "model_repository(unload_dependents)"});
  }
  if (shared_memory_.allowed()) extensions.push_back("system_shared_memory");
  return extensions;
}

absl::StatusOr<ModelMetadata> Service::Metadata(std::string_view model, std::optional<uint64_t> version) const {
  OAR_ASSIGN_OR_RETURN(const auto served, repository_->Model(model));
  OAR_ASSIGN_OR_RETURN(const auto predictor, served->Find(version));
  ModelMetadata metadata;
  metadata.model = predictor->model();
  if (metadata.model == nullptr) return predictor->status();
  for (const auto& [number, variant] : served->variants()) metadata.versions.push_back(number);
  metadata.platform = fmt::format("{}_{}", metadata.model->compiled->engine()->name(), NameOf(metadata.model->format));
  return metadata;
}

absl::StatusOr<RoutedPredictor> Service::Pick(const ModelQuestion& question) const {
  if (!ready_) return NotReady();
  std::optional<uint64_t> version = question.version;
  if (question.version_header) {
    const auto pinned = ParseVersionNumber(*question.version_header);
    if (!pinned || (version && *version != *pinned)) {
      return InvalidArgument(
          "x-model-version is '{}'; it must be a version number, and that of the request if both are given",
          Printable(*question.version_header));
    }
    version = pinned;
  }
  return repository_->Pick(question.model, version, question.sticky_key);
}

absl::StatusOr<std::vector<std::shared_ptr<const ServedModel>>> Service::WithStatistics(
    std::string_view model, std::optional<uint64_t> version) const {
  if (model.empty()) return repository_->Models();
  OAR_ASSIGN_OR_RETURN(auto served, repository_->Model(model));
  if (version) OAR_RETURN_IF_ERROR(served->Find(version).status());
  return std::vector<std::shared_ptr<const ServedModel>>{std::move(served)};
}

absl::Status Service::CheckRepository(std::string_view repository) {
  if (repository.empty()) return absl::OkStatus();
  return Unimplemented("repository '{}': there is one, and it has no name; ask without", Printable(repository));
}

absl::StatusOr<std::vector<VersionState>> Service::Index(std::string_view repository, bool only_ready) const {
  OAR_RETURN_IF_ERROR(CheckRepository(repository));
  std::vector<VersionState> states = repository_->States();
  if (only_ready) std::erase_if(states, [](const VersionState& state) { return state.state != ServingState::kReady; });
  return states;
}

absl::Status Service::CheckModelControl() const {
  OAR_RETURN_IF_ERROR(control_.CheckAllowed());
  return ready_ ? absl::OkStatus() : NotReady();
}

void Service::LoadModel(std::string_view model, ModelControl::Done done) {
  if (absl::Status status = CheckModelControl(); !status.ok()) return std::move(done)(std::move(status));
  control_.Load(model, std::move(done));
}

void Service::UnloadModel(std::string_view model, ModelControl::Done done) {
  if (absl::Status status = CheckModelControl(); !status.ok()) return std::move(done)(std::move(status));
  control_.Unload(model, std::move(done));
}

void Service::SetRoute(std::string_view model, RouteOptions route, ModelControl::Done done) {
  if (absl::Status status = CheckModelControl(); !status.ok()) return std::move(done)(std::move(status));
  control_.SetRoute(model, std::move(route), std::move(done));
}

absl::StatusOr<RouteOptions> Service::RouteOf(std::string_view model) const {
  OAR_ASSIGN_OR_RETURN(const auto served, repository_->Model(model));
  return served->route();
}

}  // namespace oarlock

#include "server/protocol/service.h"

#include <charconv>

#include "base/status.h"

namespace oarlock {

std::vector<std::string_view> Service::Extensions() const { return {"binary_tensor_data", "statistics"}; }

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
  if (!ready_) return Unavailable("the server is starting or stopping; try again later");
  std::optional<uint64_t> version = question.version;
  if (question.version_header) {
    uint64_t pinned = 0;
    const std::string_view text = *question.version_header;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pinned);
    if (error != std::errc() || end != text.data() + text.size() || (version && *version != pinned)) {
      return InvalidArgument(
          "x-model-version is '{}'; it must be a version number, and that of the request if both are given",
          Printable(text));
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

}  // namespace oarlock

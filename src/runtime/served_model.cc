#include "runtime/served_model.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/status.h"

namespace oarlock {
namespace {

std::vector<int64_t> VersionsOf(const Variants& variants) {
  std::vector<int64_t> versions;
  for (const auto& [version, variant] : variants) versions.push_back(version);
  return versions;
}

std::string VersionsText(const Variants& variants) { return fmt::format("{}", fmt::join(VersionsOf(variants), ", ")); }

std::map<int64_t, int64_t> WeightsOf(const Variants& variants, const RouteOptions& route) {
  if (!route.weights.empty()) return route.weights;
  return {{AnsweringVersion(VersionsOf(variants), route), 1}};
}

}  // namespace

absl::Status RoutedPredictor::Infer(const InferenceRequest& request, InferenceResponse* response) const {
  const absl::Status status = predictor_->Infer(request, response);
  if (status.ok()) AskShadows(request, *response);
  return status;
}

std::optional<absl::Status> RoutedPredictor::InferIfShort(const InferenceRequest& request,
                                                          InferenceResponse* response) const {
  const std::optional<absl::Status> status = predictor_->InferIfShort(request, response);
  if (status && status->ok()) AskShadows(request, *response);
  return status;
}

absl::StatusOr<uint64_t> RoutedPredictor::InferAsync(InferenceRequest request, Predictor::Callback callback) const {
  if (shadows_.empty()) return predictor_->InferAsync(std::move(request), std::move(callback));
  InferenceRequest copy = request;  // of what is lent; it is still there when the answer comes
  return predictor_->InferAsync(std::move(request),
                                [shadows = shadows_, copy = std::move(copy), callback = std::move(callback)](
                                    absl::Status status, InferenceResponse response) mutable {
                                  if (status.ok()) {
                                    for (const Shadow& shadow : shadows) AskShadow(shadow, copy, response);
                                  }
                                  shadows.clear();
                                  copy.keep_alive.reset();
                                  std::move(callback)(std::move(status), std::move(response));
                                });
}

void RoutedPredictor::AskShadows(const InferenceRequest& request, const InferenceResponse& response) const {
  for (const Shadow& shadow : shadows_) AskShadow(shadow, request, response);
}

absl::StatusOr<std::shared_ptr<const ServedModel>> ServedModel::Create(std::string name, Variants variants,
                                                                       RouteOptions route) {
  for (const auto& versions : {route.weights, route.shadow_percents}) {
    for (const auto& [version, value] : versions) {
      if (!variants.contains(version)) {
        return InvalidArgument("the route of model '{}' names version {}; there is {}", Printable(name), version,
                               VersionsText(variants));
      }
    }
  }
  OAR_RETURN_IF_ERROR(Check(route));
  return std::shared_ptr<const ServedModel>(new ServedModel(std::move(name), std::move(variants), std::move(route)));
}

ServedModel::ServedModel(std::string name, Variants variants, RouteOptions route)
    : name_(std::move(name)),
      variants_(std::move(variants)),
      route_(std::move(route)),
      router_(WeightsOf(variants_, route_)) {
  for (const auto& [version, percent] : route_.shadow_percents) samplers_.try_emplace(version, percent);
}

absl::StatusOr<const Variant*> ServedModel::Pinned(uint64_t version) const {
  const auto found =
      version > static_cast<uint64_t>(INT64_MAX) ? variants_.end() : variants_.find(static_cast<int64_t>(version));
  if (found == variants_.end()) {
    return NotFound("model '{}' has no version {}; it has {}", Printable(name_), version, VersionsText(variants_));
  }
  return &found->second;
}

absl::StatusOr<RoutedPredictor> ServedModel::Pick(std::optional<uint64_t> pinned,
                                                  std::optional<std::string_view> key) const {
  const Variant* variant = nullptr;
  if (pinned) {
    OAR_ASSIGN_OR_RETURN(variant, Pinned(*pinned));
  } else {
    variant = &variants_.at(key ? router_.Of(*key) : router_.Next());
  }
  auto model = variant->predictor->model();
  if (model == nullptr) return variant->predictor->status();
  std::vector<Shadow> shadows;
  if (!pinned) {
    for (auto& [version, sampler] : samplers_) {
      const Variant& shadow = variants_.at(version);
      if (&shadow == variant || !sampler.Next()) continue;
      shadows.push_back({shadow.predictor, shadow.shadow, route_.tolerance});
    }
  }
  return RoutedPredictor(variant->predictor, std::move(model), std::move(shadows));
}

absl::StatusOr<std::shared_ptr<Predictor>> ServedModel::Find(std::optional<uint64_t> pinned) const {
  if (pinned) {
    OAR_ASSIGN_OR_RETURN(const Variant* const variant, Pinned(*pinned));
    return variant->predictor;
  }
  const std::map<int64_t, int64_t> weights = WeightsOf(variants_, route_);
  const auto greatest = std::max_element(weights.begin(), weights.end(), [](const auto& one, const auto& other) {
    return std::tuple(one.second, one.first) < std::tuple(other.second, other.first);
  });
  return variants_.at(greatest->first).predictor;
}

}  // namespace oarlock

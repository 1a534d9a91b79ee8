// A model as it is served: its versions, and which of them answers what. Immutable but for counters; a change is
// another one of these, put in its place. Thread-safe.
#ifndef OARLOCK_RUNTIME_SERVED_MODEL_H_
#define OARLOCK_RUNTIME_SERVED_MODEL_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/route_options.h"
#include "runtime/router.h"
#include "runtime/shadow.h"

namespace oarlock {

// The version that was picked for one request. It keeps the version loaded: do not hold it for longer than it takes to
// ask. Movable.
class RoutedPredictor {
 public:
  RoutedPredictor(std::shared_ptr<Predictor> predictor, std::shared_ptr<const LoadedModel> model,
                  std::vector<Shadow> shadows)
      : predictor_(std::move(predictor)), model_(std::move(model)), shadows_(std::move(shadows)) {}

  // READY when it was picked.
  const std::shared_ptr<const LoadedModel>& model() const { return model_; }
  // As those of Predictor; and shadows are asked once there is an answer.
  absl::Status Infer(const InferenceRequest& request, InferenceResponse* response) const;
  std::optional<absl::Status> InferIfShort(const InferenceRequest& request, InferenceResponse* response) const;
  absl::StatusOr<uint64_t> InferAsync(InferenceRequest request, Predictor::Callback callback) const;
  bool Cancel(uint64_t id) const { return predictor_->Cancel(id); }
  // For who may want to cancel what was asked, and must not keep the version loaded until then.
  std::weak_ptr<Predictor> predictor() const { return predictor_; }

 private:
  void AskShadows(const InferenceRequest& request, const InferenceResponse& response) const;

  std::shared_ptr<Predictor> predictor_;
  std::shared_ptr<const LoadedModel> model_;
  std::vector<Shadow> shadows_;  // those that are asked this time; mostly none
};

struct Variant {
  std::shared_ptr<Predictor> predictor;
  std::string stamp;  // of what it was loaded from
  std::shared_ptr<ShadowStatistics> shadow = std::make_shared<ShadowStatistics>();
  friend bool operator==(const Variant& one, const Variant& other) { return one.predictor == other.predictor; }
};
using Variants = std::map<int64_t, Variant>;  // by version

class ServedModel {
 public:
  // INVALID_ARGUMENT if the route names a version that is not among them.
  static absl::StatusOr<std::shared_ptr<const ServedModel>> Create(std::string name, Variants variants,
                                                                   RouteOptions route);

  const std::string& name() const { return name_; }
  const Variants& variants() const { return variants_; }
  const RouteOptions& route() const { return route_; }
  // `pinned` names the version; else `key`, if there is one, always gets the same; else versions take turns.
  absl::StatusOr<RoutedPredictor> Pick(std::optional<uint64_t> pinned, std::optional<std::string_view> key) const;
  // The pinned version, or the one of the greatest weight, and of those the highest: what speaks for the model.
  absl::StatusOr<std::shared_ptr<Predictor>> Find(std::optional<uint64_t> pinned) const;

 private:
  ServedModel(std::string name, Variants variants, RouteOptions route);
  absl::StatusOr<const Variant*> Pinned(uint64_t version) const;

  const std::string name_;
  const Variants variants_;
  const RouteOptions route_;
  const Router router_;
  mutable std::map<int64_t, Sampler> samplers_;  // of shadows
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_SERVED_MODEL_H_

// How requests for a model are shared out between its versions: `route` in an entry of models.yaml. A value.
#ifndef OARLOCK_MODEL_ROUTE_OPTIONS_H_
#define OARLOCK_MODEL_ROUTE_OPTIONS_H_

#include <cstdint>
#include <map>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/yaml_section.h"

namespace oarlock {

struct RouteOptions {
  std::map<int64_t, int64_t> weights;          // version -> weight; empty = the highest version takes all
  std::map<int64_t, int64_t> shadow_percents;  // version -> 1 to 100
  float tolerance = 1e-4F;                     // of a shadow's answer, times (1 + |value|)

  friend bool operator==(const RouteOptions&, const RouteOptions&) = default;
};

// Which of these versions, ascending and at least one, answers where no weights are given: the highest that is not a
// shadow, since a shadow answers nobody.
int64_t AnsweringVersion(std::span<const int64_t> versions, const RouteOptions& options);

// One entry of `weights` or `shadow`, from text: INVALID_ARGUMENT for what is no version, and for a number out of
// range.
absl::Status AddWeight(std::string_view version, int64_t weight, RouteOptions* options);
absl::Status AddShadow(std::string_view version, int64_t percent, RouteOptions* options);

// INVALID_ARGUMENT if no version has a weight, or one is out of range.
absl::Status Check(const RouteOptions& options);

// The mapping `route`.
absl::StatusOr<RouteOptions> ReadRoute(const YamlSection& section);

}  // namespace oarlock

#endif  // OARLOCK_MODEL_ROUTE_OPTIONS_H_

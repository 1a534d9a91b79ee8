#include "model/route_options.h"

#include <charconv>

#include "base/status.h"

namespace oarlock {
namespace {

constexpr int64_t kWeightMax = 1'000'000;

absl::Status Put(std::string_view name, int64_t value, int64_t smallest, int64_t largest, std::string_view what,
                 std::map<int64_t, int64_t>* values) {
  int64_t version = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), version);
  // In its shortest form, as its directory is called: two spellings of one
  // would otherwise be one of them.
  const bool is_shortest = !name.starts_with('0');
  if (error != std::errc() || end != name.data() + name.size() || version < 1 || !is_shortest) {
    return InvalidArgument("'{}' is no version; versions are positive integers", Printable(name));
  }
  if (value < smallest || value > largest) {
    return InvalidArgument("the {} of version {} is {}; it must be from {} to {}", what, version, value, smallest,
                           largest);
  }
  (*values)[version] = value;
  return absl::OkStatus();
}

}  // namespace

int64_t AnsweringVersion(std::span<const int64_t> versions, const RouteOptions& options) {
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    if (!options.shadow_percents.contains(*version)) return *version;
  }
  return versions.back();
}

absl::Status AddWeight(std::string_view version, int64_t weight, RouteOptions* options) {
  return Put(version, weight, 0, kWeightMax, "weight", &options->weights);
}

absl::Status AddShadow(std::string_view version, int64_t percent, RouteOptions* options) {
  return Put(version, percent, 1, 100, "percent", &options->shadow_percents);
}

absl::Status Check(const RouteOptions& options) {
  int64_t sum = 0;
  for (const auto& [version, weight] : options.weights) {
    if (version < 1 || weight < 0 || weight > kWeightMax) {
      return InvalidArgument(
          "version {} has weight {}; weights are from 0 to "
          "{}, versions positive",
          version, weight, kWeightMax);
    }
    sum += weight;
  }
  if (!options.weights.empty() && sum == 0) return InvalidArgument("all weights are 0; one version must take requests");
  return absl::OkStatus();
}

absl::StatusOr<RouteOptions> ReadRoute(const YamlSection& section) {
  RouteOptions options;
  OAR_RETURN_IF_ERROR(section.ForEachInteger(
      "weights", [&options](std::string_view name, int64_t value) { return AddWeight(name, value, &options); }));
  OAR_RETURN_IF_ERROR(section.ForEachInteger(
      "shadow", [&options](std::string_view name, int64_t value) { return AddShadow(name, value, &options); }));
  OAR_RETURN_IF_ERROR(section.Read("tolerance", &options.tolerance));
  if (options.tolerance < 0) return section.Error("tolerance", "'tolerance' must not be negative");
  if (const absl::Status status = Check(options); !status.ok()) return section.Error("weights", MessageOf(status));
  return options;
}

}  // namespace oarlock

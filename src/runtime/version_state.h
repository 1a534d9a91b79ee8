// What a repository says of a version of a model, also of one that it does not serve. Values.
#ifndef OARLOCK_RUNTIME_VERSION_STATE_H_
#define OARLOCK_RUNTIME_VERSION_STATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oarlock {

enum class ServingState { kReady, kLoading, kUnloading, kUnavailable };

// As Triton's index of a repository says it.
constexpr std::string_view NameOf(ServingState state) {
  switch (state) {
    case ServingState::kReady:
      return "READY";
    case ServingState::kLoading:
      return "LOADING";
    case ServingState::kUnloading:
      return "UNLOADING";
    case ServingState::kUnavailable:
      break;
  }
  return "UNAVAILABLE";
}

struct VersionState {
  std::string model;
  std::optional<int64_t> version;  // none: of a model that has never been served
  ServingState state = ServingState::kUnavailable;
  std::string reason;  // empty while READY; names no paths
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_VERSION_STATE_H_

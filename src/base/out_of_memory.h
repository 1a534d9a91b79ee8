// Statuses where there may be no memory for their text, and where nothing may throw.
//   absl::Status unloaded = StatusOrCode(absl::StatusCode::kCancelled, [] { return Cancelled("unloaded"); });
#ifndef OARLOCK_BASE_OUT_OF_MEMORY_H_
#define OARLOCK_BASE_OUT_OF_MEMORY_H_

#include <new>

#include "absl/status/status.h"

namespace oarlock {

// What `make` gives; without memory for its text, the code alone, which takes none.
template <typename Make>
absl::Status StatusOrCode(absl::StatusCode code, Make make) noexcept {
  try {
    return make();
  } catch (const std::bad_alloc&) {
    return {code, ""};
  }
}

}  // namespace oarlock

#endif  // OARLOCK_BASE_OUT_OF_MEMORY_H_

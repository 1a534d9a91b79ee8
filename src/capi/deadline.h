// A time as C gives it. Thread-safe.
#ifndef OARLOCK_CAPI_DEADLINE_H_
#define OARLOCK_CAPI_DEADLINE_H_

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/status.h"

namespace oarlock::capi {

// On the clock of oar_monotonic_now_ns(); 0 = none.
inline absl::StatusOr<TimePoint> DeadlineOf(int64_t deadline_ns) {
  if (deadline_ns < 0) {
    return InvalidArgument("deadline_ns is {}; it must be a time of oar_monotonic_now_ns(), or 0 for none",
                           deadline_ns);
  }
  return deadline_ns == 0 ? kNoDeadline : TimePoint(std::chrono::nanoseconds(deadline_ns));
}

}  // namespace oarlock::capi

#endif  // OARLOCK_CAPI_DEADLINE_H_

// How long somebody waits: negative is without end.
#ifndef OARLOCK_BASE_TIMEOUT_H_
#define OARLOCK_BASE_TIMEOUT_H_

#include <chrono>

namespace oarlock {

// Also what is longer than anybody waits: a wait that ends by itself must fit the clock, or it ends at once.
inline bool IsEndless(std::chrono::nanoseconds timeout) {
  return timeout.count() < 0 || timeout > std::chrono::hours(24 * 365 * 100);
}

}  // namespace oarlock

#endif  // OARLOCK_BASE_TIMEOUT_H_

// Is this process a child that was forked after the library had been used? Then threads, locks and engines are those of
// the parent, and nothing here may be touched. Thread-safe.
#ifndef OARLOCK_CAPI_FORK_H_
#define OARLOCK_CAPI_FORK_H_

#include <atomic>

namespace oarlock::capi {

inline std::atomic<bool> has_forked{false};

inline bool HasForked() { return has_forked.load(std::memory_order_relaxed); }
// From here on a fork is noticed in the child. Called by whatever makes the first thing that would not survive it.
void WatchForks();

}  // namespace oarlock::capi

#endif  // OARLOCK_CAPI_FORK_H_

// Heap allocations through operator new, counted in programs that replace it (src/cli/count_allocations.cc); those made
// inside an engine are counted apart. Thread-safe.
#ifndef OARLOCK_BENCH_ALLOCATION_COUNT_H_
#define OARLOCK_BENCH_ALLOCATION_COUNT_H_

#include <atomic>
#include <cstdint>

namespace oarlock {

struct AllocationCount {
  // Set by the program that replaces operator new.
  static inline bool available = false;
  static inline std::atomic<bool> counting{false};
  static inline std::atomic<int64_t> ours{0};
  static inline std::atomic<int64_t> engine{0};
};

}  // namespace oarlock

#endif  // OARLOCK_BENCH_ALLOCATION_COUNT_H_

// Durations, read from the processor's own counter: a third of what the system's clock costs, which is much beside a
// model that takes a microsecond. Only differences mean anything; deadlines are the Clock's. Thread-safe.
//   const Stopwatch::Ticks began = Stopwatch::Read();
//   ...
//   const std::chrono::nanoseconds took = Stopwatch::Since(began);
#ifndef OARLOCK_BASE_STOPWATCH_H_
#define OARLOCK_BASE_STOPWATCH_H_

#include <x86intrin.h>

#include <chrono>
#include <cstdint>

namespace oarlock {

class Stopwatch {
 public:
  using Ticks = int64_t;

  static Ticks Read() {
    // The counter runs at one rate on all cores, or is not used.
    return ns_per_tick_ == 1.0 ? std::chrono::steady_clock::now().time_since_epoch().count()
                               : static_cast<Ticks>(__rdtsc());
  }
  static std::chrono::nanoseconds Between(Ticks began, Ticks ended) {
    return std::chrono::nanoseconds(static_cast<int64_t>(static_cast<double>(ended - began) * ns_per_tick_));
  }
  static std::chrono::nanoseconds Since(Ticks began) { return Between(began, Read()); }

 private:
  // Measured as the program starts, for a fifth of a millisecond.
  static double Calibrate();
  static const double ns_per_tick_;
};

}  // namespace oarlock

#endif  // OARLOCK_BASE_STOPWATCH_H_

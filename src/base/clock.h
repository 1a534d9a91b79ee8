// The clock seam: deadlines and timers ask a Clock, and tests hand in one they move by hand.
#ifndef OARLOCK_BASE_CLOCK_H_
#define OARLOCK_BASE_CLOCK_H_

#include <atomic>
#include <chrono>

namespace oarlock {

// Monotonic. `TimePoint::max()` as a deadline means none.
using TimePoint = std::chrono::steady_clock::time_point;
inline constexpr TimePoint kNoDeadline = TimePoint::max();

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint Now() const = 0;
  static const Clock& Steady();
};

// For tests. Thread-safe.
class FakeClock : public Clock {
 public:
  TimePoint Now() const override { return TimePoint(std::chrono::nanoseconds(now_ns_.load())); }
  void Advance(std::chrono::nanoseconds by) { now_ns_ += by.count(); }

 private:
  std::atomic<int64_t> now_ns_{1'000'000'000};
};

inline const Clock& Clock::Steady() {
  class SteadyClock : public Clock {
   public:
    TimePoint Now() const override { return std::chrono::steady_clock::now(); }
  };
  static const SteadyClock clock;
  return clock;
}

}  // namespace oarlock

#endif  // OARLOCK_BASE_CLOCK_H_

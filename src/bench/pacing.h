// When the requests of one block begin: as soon as a caller is free, or by a schedule. One thread.
//   Pacing pacing(load);
//   while (there_is_an_idle_connection && pacing.MayBegin(now)) Send(pacing.Begin());
#ifndef OARLOCK_BENCH_PACING_H_
#define OARLOCK_BENCH_PACING_H_

#include <algorithm>
#include <chrono>
#include <vector>

#include "bench/arrivals.h"

namespace oarlock {

class Pacing {
 public:
  using Clock = std::chrono::steady_clock;

  // The block begins now.
  explicit Pacing(const Load& load) : load_(load), due_(ArrivalTimes(load)), start_(Clock::now()) {}

  bool MayBegin(Clock::time_point now) const {
    if (!is_closed()) return next_ < due_.size() && DueAt(next_) <= now;
    return load_.calls > 0 ? next_ < static_cast<size_t>(load_.calls) : now < start_ + load_.duration;
  }
  // Since when this request's latency counts.
  Clock::time_point Begin() {
    const size_t request = next_++;
    return is_closed() ? Clock::now() : DueAt(request);
  }
  // Will further requests become due?
  bool waits_for_schedule() const { return !is_closed() && next_ < due_.size(); }
  // The last millisecond is waited out by looking again and again: an epoll's clock is too coarse for a schedule.
  std::chrono::milliseconds SleepBeforeNext() const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(DueAt(next_) - Clock::now());
    return std::max(left, std::chrono::milliseconds(0));
  }
  Clock::duration Elapsed() const { return Clock::now() - start_; }

 private:
  bool is_closed() const { return load_.arrivals == Arrivals::kClosed; }
  Clock::time_point DueAt(size_t request) const { return start_ + std::chrono::nanoseconds(due_[request]); }

  const Load load_;
  const std::vector<int64_t> due_;
  const Clock::time_point start_;
  size_t next_ = 0;
};

}  // namespace oarlock

#endif  // OARLOCK_BENCH_PACING_H_

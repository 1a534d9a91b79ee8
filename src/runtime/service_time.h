// How long a model takes for a request: a moving average, and with it a guess for the next one. Thread-safe; two runs
// that end at once may lose one of their figures, which an average can bear.
#ifndef OARLOCK_RUNTIME_SERVICE_TIME_H_
#define OARLOCK_RUNTIME_SERVICE_TIME_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace oarlock {

class ServiceTime {
 public:
  // `input_bytes` of the request that took `time`. Each counts an eighth.
  void Add(std::chrono::nanoseconds time, size_t input_bytes) {
    const auto average = [](std::atomic<int64_t>* sum, int64_t value) {
      const int64_t before = sum->load(std::memory_order_relaxed);
      sum->store(before < 0 ? value : before + (value - before) / 8, std::memory_order_relaxed);
    };
    average(&time_ns_, time.count());
    average(&input_bytes_, static_cast<int64_t>(input_bytes));
  }

  // Longer for larger inputs than were seen, as a model of dynamic dims takes. Negative: nothing has run yet.
  std::chrono::nanoseconds Guess(size_t input_bytes) const {
    const int64_t time_ns = time_ns_.load(std::memory_order_relaxed);
    const int64_t usual_bytes = std::max<int64_t>(1, input_bytes_.load(std::memory_order_relaxed));
    const int64_t times = std::max<int64_t>(1, static_cast<int64_t>(input_bytes) / usual_bytes);
    if (time_ns < 0) return std::chrono::nanoseconds(-1);
    int64_t guess_ns = 0;
    return __builtin_mul_overflow(time_ns, times, &guess_ns) ? std::chrono::nanoseconds::max()
                                                             : std::chrono::nanoseconds(guess_ns);
  }

 private:
  std::atomic<int64_t> time_ns_{-1};
  std::atomic<int64_t> input_bytes_{-1};
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_SERVICE_TIME_H_

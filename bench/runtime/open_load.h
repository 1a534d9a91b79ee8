// Asynchronous requests by a schedule, from one thread that waits for no answer; and how many a model can bear.
#ifndef OARLOCK_BENCH_RUNTIME_OPEN_LOAD_H_
#define OARLOCK_BENCH_RUNTIME_OPEN_LOAD_H_

#include <cstdint>
#include <vector>

#include "lone_model.h"

namespace oarlock {

enum class Outcome : uint8_t {
  kOpen,
  kAnswered,
  kRefused,  // at once, and never called back
  kFailed,
};

// Nanoseconds since the schedule's start.
struct Asked {
  int64_t due_ns = 0;
  int64_t asked_ns = 0;
  int64_t told_ns = 0;  // when asking returned
  int64_t done_ns = 0;  // when it was called back; 0 if never
  int64_t service_ns = 0;
  Outcome outcome = Outcome::kOpen;
};

// Asks at each of `due_ns` and waits until all is answered; what still waits at `cut_off`, if that is not zero, is
// cancelled.
std::vector<Asked> RunOpenLoad(const LoneModel& lone, const std::vector<int64_t>& due_ns,
                               std::chrono::nanoseconds cut_off = std::chrono::nanoseconds(0));

// Answers per second with always `in_flight` requests.
double Capacity(const LoneModel& lone, int in_flight, std::chrono::nanoseconds duration);

}  // namespace oarlock

#endif  // OARLOCK_BENCH_RUNTIME_OPEN_LOAD_H_

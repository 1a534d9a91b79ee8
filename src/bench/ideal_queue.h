// The least that requests can wait: a queue that costs nothing, first come, first served. Pure.
#ifndef OARLOCK_BENCH_IDEAL_QUEUE_H_
#define OARLOCK_BENCH_IDEAL_QUEUE_H_

#include <cstdint>
#include <vector>

namespace oarlock {

struct Arrival {
  int64_t at_ns = 0;
  int64_t service_ns = 0;
};

// From each arrival to the end of its service; `arrivals` ascend, and `servers` serve one each at a time.
std::vector<int64_t> IdealLatencies(const std::vector<Arrival>& arrivals, int servers);

}  // namespace oarlock

#endif  // OARLOCK_BENCH_IDEAL_QUEUE_H_

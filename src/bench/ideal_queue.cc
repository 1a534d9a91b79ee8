#include "bench/ideal_queue.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace oarlock {

std::vector<int64_t> IdealLatencies(const std::vector<Arrival>& arrivals, int servers) {
  std::priority_queue<int64_t, std::vector<int64_t>, std::greater<>> free_at;
  for (int i = 0; i < servers; ++i) free_at.push(INT64_MIN);
  std::vector<int64_t> latencies;
  for (const Arrival& arrival : arrivals) {
    const int64_t end = std::max(arrival.at_ns, free_at.top()) + arrival.service_ns;
    free_at.pop();
    free_at.push(end);
    latencies.push_back(end - arrival.at_ns);
  }
  return latencies;
}

}  // namespace oarlock

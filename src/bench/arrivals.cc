#include "bench/arrivals.h"

#include <cmath>
#include <random>

namespace oarlock {

std::vector<int64_t> ArrivalTimes(const Load& load) {
  std::vector<int64_t> times;
  if (load.arrivals == Arrivals::kClosed || load.rate_per_s <= 0) return times;
  const double gap_ns = 1e9 / load.rate_per_s;
  const auto end = static_cast<double>(load.duration.count());
  std::mt19937_64 random(load.seed);
  double at = 0;
  for (int64_t i = 0;; ++i) {
    if (load.arrivals == Arrivals::kConstant) {
      at = static_cast<double>(i) * gap_ns;
    } else {
      // Not std::exponential_distribution: its results differ between libraries.
      const double uniform = (static_cast<double>(random() >> 11) + 1.0) / 9007199254740992.0;
      at += -std::log(uniform) * gap_ns;
    }
    if (at >= end) return times;
    times.push_back(static_cast<int64_t>(at));
  }
}

}  // namespace oarlock

// Percentiles, and ratios of what was measured in pairs. Pure functions.
#ifndef OARLOCK_BENCH_STATISTICS_H_
#define OARLOCK_BENCH_STATISTICS_H_

#include <cstdint>
#include <span>
#include <vector>

namespace oarlock {

struct LatencySummary {
  int64_t count = 0;
  double mean_us = 0;
  double p50_us = 0;
  double p90_us = 0;
  double p99_us = 0;
  double p999_us = 0;
  double max_us = 0;
};
// The p-th percentile is the smallest value that at least p % of all are no greater than ("nearest rank").
LatencySummary Summarize(std::vector<int64_t> latencies_ns);
// `ascending` must not be empty; `percent` in (0, 100].
int64_t Percentile(std::span<const int64_t> ascending, double percent);

double Median(std::vector<double> values);  // 0 of none

// A median with its 95 % interval: percentiles 2.5 and 97.5 of the medians of `resample_count` samples drawn with
// replacement from the pairs (the percentile bootstrap of Efron). By seed, so that a report can be made again.
struct Interval {
  double median = 0;
  double low = 0;
  double high = 0;
};
Interval BootstrapMedian(std::span<const double> values, uint64_t seed, int resample_count = 4000);

// Element by element; both of one length.
std::vector<double> Ratios(std::span<const double> ours, std::span<const double> theirs);
std::vector<double> Differences(std::span<const double> ours, std::span<const double> theirs);

}  // namespace oarlock

#endif  // OARLOCK_BENCH_STATISTICS_H_

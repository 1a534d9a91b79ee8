#include "bench/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace oarlock {

int64_t Percentile(std::span<const int64_t> ascending, double percent) {
  const auto rank = static_cast<size_t>(std::ceil(percent / 100.0 * static_cast<double>(ascending.size()) - 1e-9));
  return ascending[std::clamp<size_t>(rank, 1, ascending.size()) - 1];
}

LatencySummary Summarize(std::vector<int64_t> latencies_ns) {
  LatencySummary summary;
  if (latencies_ns.empty()) return summary;
  std::sort(latencies_ns.begin(), latencies_ns.end());
  const auto us = [&](double percent) { return static_cast<double>(Percentile(latencies_ns, percent)) / 1000.0; };
  summary.count = static_cast<int64_t>(latencies_ns.size());
  summary.mean_us = std::accumulate(latencies_ns.begin(), latencies_ns.end(), 0.0) /
                    static_cast<double>(latencies_ns.size()) / 1000.0;
  summary.p50_us = us(50);
  summary.p90_us = us(90);
  summary.p99_us = us(99);
  summary.p999_us = us(99.9);
  summary.max_us = us(100);
  return summary;
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

Interval BootstrapMedian(std::span<const double> values, uint64_t seed, int resample_count) {
  Interval interval;
  if (values.empty()) return interval;
  interval.median = Median({values.begin(), values.end()});
  std::mt19937_64 random(seed);
  std::vector<double> medians;
  std::vector<double> sample(values.size());
  for (int i = 0; i < resample_count; ++i) {
    for (double& value : sample) value = values[random() % values.size()];
    medians.push_back(Median(sample));
  }
  std::sort(medians.begin(), medians.end());
  const auto at = [&](double share) {
    return medians[static_cast<size_t>(share * static_cast<double>(medians.size() - 1))];
  };
  interval.low = at(0.025);
  interval.high = at(0.975);
  return interval;
}

std::vector<double> Ratios(std::span<const double> ours, std::span<const double> theirs) {
  std::vector<double> ratios;
  for (size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) ratios.push_back(ours[i] / theirs[i]);
  return ratios;
}

std::vector<double> Differences(std::span<const double> ours, std::span<const double> theirs) {
  std::vector<double> differences;
  for (size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) differences.push_back(ours[i] - theirs[i]);
  return differences;
}

}  // namespace oarlock

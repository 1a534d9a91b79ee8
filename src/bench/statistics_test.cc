#include "bench/statistics.h"

#include <gtest/gtest.h>

#include <numeric>

namespace oarlock {
namespace {

std::vector<int64_t> OneTo(int64_t last) {
  std::vector<int64_t> values(static_cast<size_t>(last));
  std::iota(values.begin(), values.end(), 1);
  return values;
}

TEST(Percentile, IsTheNearestRank) {
  const std::vector<int64_t> hundred = OneTo(100);
  EXPECT_EQ(Percentile(hundred, 50), 50);
  EXPECT_EQ(Percentile(hundred, 50.1), 51);
  EXPECT_EQ(Percentile(hundred, 99), 99);  // 99 / 100 * 100 is not 99.000000000000014
  EXPECT_EQ(Percentile(hundred, 99.9), 100);
  EXPECT_EQ(Percentile(hundred, 100), 100);
  EXPECT_EQ(Percentile(hundred, 0.001), 1);
  EXPECT_EQ(Percentile(std::vector<int64_t>{7}, 50), 7);
  EXPECT_EQ(Percentile(std::vector<int64_t>{3, 9}, 50), 3);
}

TEST(Summarize, SortsAndTellsMicroseconds) {
  std::vector<int64_t> latencies;
  for (int64_t value : OneTo(1000)) latencies.push_back(value * 1000);
  std::reverse(latencies.begin(), latencies.end());
  const LatencySummary summary = Summarize(latencies);
  EXPECT_EQ(summary.count, 1000);
  EXPECT_DOUBLE_EQ(summary.mean_us, 500.5);
  EXPECT_DOUBLE_EQ(summary.p50_us, 500);
  EXPECT_DOUBLE_EQ(summary.p90_us, 900);
  EXPECT_DOUBLE_EQ(summary.p99_us, 990);
  EXPECT_DOUBLE_EQ(summary.p999_us, 999);
  EXPECT_DOUBLE_EQ(summary.max_us, 1000);
}

TEST(Summarize, OfNothingIsZero) {
  const LatencySummary summary = Summarize({});
  EXPECT_EQ(summary.count, 0);
  EXPECT_EQ(summary.p99_us, 0);
}

TEST(Median, OfAnEvenNumberLiesBetweenTheTwoInTheMiddle) {
  EXPECT_EQ(Median({}), 0);
  EXPECT_EQ(Median({4}), 4);
  EXPECT_EQ(Median({9, 1, 5}), 5);
  EXPECT_EQ(Median({9, 1, 5, 2}), 3.5);
}

TEST(BootstrapMedian, HasTheIntervalThatTheBinomialDistributionGives) {
  // The median of nine draws is at most k if five are: 0.0013 for k = 1 and 0.030 for k = 2, so that 2.5 % lie at 2;
  // and at 8, by symmetry.
  const std::vector<double> nine = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  const Interval interval = BootstrapMedian(nine, 1, 40'000);
  EXPECT_EQ(interval.median, 5);
  EXPECT_EQ(interval.low, 2);
  EXPECT_EQ(interval.high, 8);
}

TEST(BootstrapMedian, IsTheSameForTheSameSeed) {
  const std::vector<double> values = {1.1, 0.9, 1.3, 1.05, 0.97, 1.2, 1.01};
  const Interval first = BootstrapMedian(values, 7);
  const Interval again = BootstrapMedian(values, 7);
  EXPECT_EQ(first.low, again.low);
  EXPECT_EQ(first.high, again.high);
  EXPECT_LE(first.low, first.median);
  EXPECT_GE(first.high, first.median);
}

TEST(BootstrapMedian, HasNoWidthWhereNothingVaries) {
  const Interval interval = BootstrapMedian(std::vector<double>(5, 2.5), 1);
  EXPECT_EQ(interval.median, 2.5);
  EXPECT_EQ(interval.low, 2.5);
  EXPECT_EQ(interval.high, 2.5);
  EXPECT_EQ(BootstrapMedian({}, 1).median, 0);
}

TEST(Pairs, AreTakenElementByElement) {
  const std::vector<double> ours = {2, 9};
  const std::vector<double> theirs = {4, 3};
  EXPECT_EQ(Ratios(ours, theirs), (std::vector<double>{0.5, 3}));
  EXPECT_EQ(Differences(ours, theirs), (std::vector<double>{-2, 6}));
}

}  // namespace
}  // namespace oarlock

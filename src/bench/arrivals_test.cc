#include "bench/arrivals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace oarlock {
namespace {

Load OpenLoad(Arrivals arrivals, double rate_per_s, std::chrono::seconds duration, uint64_t seed = 0) {
  Load load;
  load.arrivals = arrivals;
  load.rate_per_s = rate_per_s;
  load.duration = duration;
  load.seed = seed;
  return load;
}

TEST(ArrivalTimes, OfAConstantRateAreEvenAndBeginAtOnce) {
  const auto times = ArrivalTimes(OpenLoad(Arrivals::kConstant, 4, std::chrono::seconds(2)));
  EXPECT_EQ(times, (std::vector<int64_t>{0, 250'000'000, 500'000'000, 750'000'000, 1'000'000'000, 1'250'000'000,
                                         1'500'000'000, 1'750'000'000}));
}

TEST(ArrivalTimes, OfAClosedLoadAreNone) {
  EXPECT_TRUE(ArrivalTimes(OpenLoad(Arrivals::kClosed, 100, std::chrono::seconds(1))).empty());
  EXPECT_TRUE(ArrivalTimes(OpenLoad(Arrivals::kConstant, 0, std::chrono::seconds(1))).empty());
}

TEST(ArrivalTimes, OfPoissonAreGivenByTheSeed) {
  const Load load = OpenLoad(Arrivals::kPoisson, 500, std::chrono::seconds(1), 3);
  EXPECT_EQ(ArrivalTimes(load), ArrivalTimes(load));
  EXPECT_NE(ArrivalTimes(load), ArrivalTimes(OpenLoad(Arrivals::kPoisson, 500, std::chrono::seconds(1), 4)));
}

TEST(ArrivalTimes, OfPoissonAscendWithinTheTime) {
  const auto times = ArrivalTimes(OpenLoad(Arrivals::kPoisson, 5000, std::chrono::seconds(1)));
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  EXPECT_GT(times.front(), 0);
  EXPECT_LT(times.back(), 1'000'000'000);
}

TEST(ArrivalTimes, OfPoissonHaveTheMeanAndTheSpreadOfTheRate) {
  constexpr int kSeconds = 10;
  constexpr double kRate = 1000;
  for (uint64_t seed = 0; seed < 5; ++seed) {
    const auto times = ArrivalTimes(OpenLoad(Arrivals::kPoisson, kRate, std::chrono::seconds(kSeconds), seed));
    const double expected = kRate * kSeconds;
    EXPECT_NEAR(static_cast<double>(times.size()), expected, 3 * std::sqrt(expected)) << seed;
    // Gaps of an exponential distribution: 1 - 1/e are shorter than the mean, within three deviations.
    int64_t before = 0;
    double shorter = 0;
    for (int64_t at : times) {
      if (static_cast<double>(at - before) < 1e9 / kRate) ++shorter;
      before = at;
    }
    const double share = 1 - std::exp(-1.0);
    EXPECT_NEAR(shorter / static_cast<double>(times.size()), share, 3 * std::sqrt(share * (1 - share) / expected))
        << seed;
  }
}

}  // namespace
}  // namespace oarlock

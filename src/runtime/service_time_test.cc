#include "runtime/service_time.h"

#include <gtest/gtest.h>

namespace oarlock {
namespace {

using std::chrono::nanoseconds;

TEST(ServiceTime, IsUnknownBeforeTheFirstRun) { EXPECT_LT(ServiceTime().Guess(100).count(), 0); }

TEST(ServiceTime, IsTheAverageOfWhatRan) {
  ServiceTime time;
  time.Add(nanoseconds(800), 64);
  EXPECT_EQ(time.Guess(64), nanoseconds(800));
  time.Add(nanoseconds(1600), 64);
  EXPECT_EQ(time.Guess(64), nanoseconds(900));
  for (int i = 0; i < 200; ++i) time.Add(nanoseconds(1600), 64);
  EXPECT_NEAR(static_cast<double>(time.Guess(64).count()), 1600, 10);
}

TEST(ServiceTime, GrowsWithTheInputButDoesNotShrink) {
  ServiceTime time;
  time.Add(nanoseconds(1000), 100);
  EXPECT_EQ(time.Guess(1000), nanoseconds(10'000));
  EXPECT_EQ(time.Guess(1), nanoseconds(1000));
  EXPECT_EQ(time.Guess(0), nanoseconds(1000));
}

TEST(ServiceTime, OfAnInputBeyondMeasureIsLong) {
  ServiceTime time;
  time.Add(std::chrono::hours(1), 1);
  EXPECT_EQ(time.Guess(size_t{1} << 32), nanoseconds::max());
}

}  // namespace
}  // namespace oarlock

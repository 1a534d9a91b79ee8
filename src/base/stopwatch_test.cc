#include "base/stopwatch.h"

#include <gtest/gtest.h>

namespace oarlock {
namespace {

// Against the system's clock, read before and after each reading: the thread may lose the processor between any two of
// them, and the bounds hold all the same.
TEST(Stopwatch, AgreesWithTheSystemsClock) {
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto before_first = now();
  const Stopwatch::Ticks ticks = Stopwatch::Read();
  const auto after_first = now();
  while (now() - after_first < std::chrono::milliseconds(20)) {
  }
  const auto before_last = now();
  const auto took = static_cast<double>(Stopwatch::Since(ticks).count());
  const auto after_last = now();
  EXPECT_GT(took, 0.98 * static_cast<double>((before_last - after_first).count()));
  EXPECT_LT(took, 1.02 * static_cast<double>((after_last - before_first).count()));
}

TEST(Stopwatch, GoesForward) {
  Stopwatch::Ticks last = Stopwatch::Read();
  for (int i = 0; i < 100'000; ++i) {
    const Stopwatch::Ticks now = Stopwatch::Read();
    ASSERT_GE(now, last);
    last = now;
  }
  EXPECT_EQ(Stopwatch::Between(last, last).count(), 0);
}

}  // namespace
}  // namespace oarlock

#include "base/stopwatch.h"

#include <gtest/gtest.h>

namespace oarlock {
namespace {

// Against the system's clock over a while; both are read right after each other, and nothing is slept through.
TEST(Stopwatch, AgreesWithTheSystemsClock) {
  const auto began = std::chrono::steady_clock::now();
  const Stopwatch::Ticks ticks = Stopwatch::Read();
  while (std::chrono::steady_clock::now() - began < std::chrono::milliseconds(20)) {
  }
  const auto took = static_cast<double>(Stopwatch::Since(ticks).count());
  const auto wanted = static_cast<double>((std::chrono::steady_clock::now() - began).count());
  // The thread may lose the processor between the two readings: only then is one of them longer.
  EXPECT_GT(took, 0.98 * 20e6);
  EXPECT_LT(took, 1.02 * wanted);
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

#include "bench/ideal_queue.h"

#include <gmock/gmock.h>

namespace oarlock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(IdealLatencies, OfRequestsThatDoNotMeetAreTheirServices) {
  EXPECT_THAT(IdealLatencies({{0, 10}, {10, 20}, {100, 5}}, 1), ElementsAre(10, 20, 5));
}

TEST(IdealLatencies, OfRequestsThatMeetCountTheWait) {
  EXPECT_THAT(IdealLatencies({{0, 10}, {1, 10}, {2, 10}}, 1), ElementsAre(10, 19, 28));
}

TEST(IdealLatencies, GiveEachToTheServerThatIsFreeFirst) {
  // The third waits for the second's server, which is free at 6, and the fourth for the first's at 10.
  EXPECT_THAT(IdealLatencies({{0, 10}, {1, 5}, {2, 10}, {3, 1}}, 2), ElementsAre(10, 5, 14, 8));
}

TEST(IdealLatencies, OfNothingAreNone) { EXPECT_THAT(IdealLatencies({}, 2), IsEmpty()); }

}  // namespace
}  // namespace oarlock

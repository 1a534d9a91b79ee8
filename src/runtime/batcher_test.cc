// The batcher by itself: time is a number, and nothing runs.
#include "runtime/batcher.h"

#include <gmock/gmock.h>

#include "base/status.h"

namespace oarlock {
namespace {

using std::chrono::microseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr TimePoint At(int64_t us) { return TimePoint(microseconds(us)); }

class BatcherTest : public ::testing::Test {
 protected:
  static BatchingOptions Options(int64_t max, int64_t delay_us, bool eager = false, std::vector<int64_t> buckets = {}) {
    BatchingOptions options;
    options.max_batch_size = max;
    options.delay_max = microseconds(delay_us);
    options.eager = eager;
    options.buckets = std::move(buckets);
    return options;
  }
  static Waiting Of(uint64_t id, int64_t rows, int64_t arrived_us) {
    Waiting waiting;
    waiting.id = id;
    waiting.rows = rows;
    waiting.arrived = At(arrived_us);
    return waiting;
  }
  static std::vector<uint64_t> Ids(const Batch& batch) { return {batch.ids.begin(), batch.ids.end()}; }
};

TEST_F(BatcherTest, ClosesWhenFull) {
  Batcher batcher(Options(4, 1000), 10);
  for (uint64_t id = 1; id <= 5; ++id) ASSERT_TRUE(batcher.Add(Of(id, 1, 0)).ok());
  const auto batch = batcher.Next(At(0), false);
  ASSERT_TRUE(batch.has_value());
  EXPECT_THAT(Ids(*batch), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(batch->rows, 4);
  EXPECT_EQ(batch->reason, CloseReason::kFull);
  EXPECT_FALSE(batcher.Next(At(0), false).has_value());  // the fifth waits
  EXPECT_EQ(batcher.size(), 1u);
}

TEST_F(BatcherTest, IsFullWhenTheNextInOrderDoesNotFit) {
  Batcher batcher(Options(4, 1000), 10);
  ASSERT_TRUE(batcher.Add(Of(1, 3, 0)).ok());
  ASSERT_TRUE(batcher.Add(Of(2, 2, 0)).ok());
  ASSERT_TRUE(batcher.Add(Of(3, 1, 0)).ok());  // would fit, and would overtake
  const auto batch = batcher.Next(At(0), false);
  ASSERT_TRUE(batch.has_value());
  EXPECT_THAT(Ids(*batch), ElementsAre(1));
  EXPECT_EQ(batch->reason, CloseReason::kFull);
}

TEST_F(BatcherTest, ClosesAtDelay) {
  Batcher batcher(Options(4, 1000), 10);
  ASSERT_TRUE(batcher.Add(Of(1, 1, 100)).ok());
  ASSERT_TRUE(batcher.Add(Of(2, 1, 900)).ok());
  EXPECT_EQ(batcher.DueAt(), At(1100));
  EXPECT_FALSE(batcher.IsDue(At(1099), true));
  const auto batch = batcher.Next(At(1100), true);
  ASSERT_TRUE(batch.has_value());
  EXPECT_THAT(Ids(*batch), ElementsAre(1, 2));
  EXPECT_EQ(batch->reason, CloseReason::kDelay);
  EXPECT_EQ(batcher.DueAt(), kNoDeadline);
}

TEST_F(BatcherTest, EagerDoesNotWaitWhileNothingRuns) {
  Batcher batcher(Options(4, 1000, true), 10);
  EXPECT_TRUE(batcher.RunsAtOnce());
  ASSERT_TRUE(batcher.Add(Of(1, 1, 0)).ok());
  EXPECT_FALSE(batcher.RunsAtOnce());
  EXPECT_FALSE(batcher.IsDue(At(0), false));
  const auto batch = batcher.Next(At(0), true);
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->reason, CloseReason::kEager);
}

TEST_F(BatcherTest, ClosesWhenADeadlineWouldBeMissed) {
  Batcher batcher(Options(4, 10'000, false, {2, 4}), 10);
  batcher.Served(2, microseconds(300));
  batcher.Served(4, microseconds(500));
  Waiting urgent = Of(1, 1, 0);
  urgent.deadline = At(2000);
  ASSERT_TRUE(batcher.Add(urgent).ok());
  EXPECT_EQ(batcher.DueAt(), At(1700));  // one row is run as two
  ASSERT_TRUE(batcher.Add(Of(2, 1, 10)).ok());
  ASSERT_TRUE(batcher.Add(Of(3, 1, 10)).ok());
  EXPECT_EQ(batcher.DueAt(), At(1500));
  EXPECT_FALSE(batcher.IsDue(At(1499), true));
  const auto batch = batcher.Next(At(1500), true);
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->reason, CloseReason::kDeadline);
  EXPECT_EQ(batch->rows, 3);
  EXPECT_EQ(batch->padded_rows, 4);
}

TEST_F(BatcherTest, AnotherShapeCloses) {
  Batcher batcher(Options(4, 1000), 10);
  ASSERT_TRUE(batcher.Add(Of(1, 1, 0)).ok());
  Waiting other = Of(2, 1, 0);
  other.shape = {7};
  ASSERT_TRUE(batcher.Add(other).ok());
  ASSERT_TRUE(batcher.Add(Of(3, 1, 0)).ok());
  const auto first = batcher.Next(At(0), false);
  ASSERT_TRUE(first.has_value());
  EXPECT_THAT(Ids(*first), ElementsAre(1, 3));  // order holds within a shape
  EXPECT_EQ(first->reason, CloseReason::kShape);
  EXPECT_FALSE(batcher.Next(At(0), false).has_value());
  EXPECT_THAT(Ids(*batcher.Next(At(1000), false)), ElementsAre(2));
}

TEST_F(BatcherTest, TheMostUrgentGoesFirstAndOthersFillItsBatch) {
  Batcher batcher(Options(3, 0), 10);
  const auto add = [&](uint64_t id, Priority priority) {
    Waiting waiting = Of(id, 1, 0);
    waiting.priority = priority;
    ASSERT_TRUE(batcher.Add(waiting).ok());
  };
  add(1, Priority::kLow);
  add(2, Priority::kNormal);
  add(3, Priority::kHigh);
  add(4, Priority::kNormal);
  EXPECT_EQ(batcher.Urgency(), Priority::kHigh);
  EXPECT_THAT(Ids(*batcher.Next(At(0), false)), ElementsAre(3, 2, 4));
  EXPECT_THAT(Ids(*batcher.Next(At(0), false)), ElementsAre(1));
  EXPECT_EQ(batcher.Urgency(), std::nullopt);
}

TEST_F(BatcherTest, WhatExpiredIsDroppedAndNotRun) {
  Batcher batcher(Options(4, 0), 10);
  for (uint64_t id = 1; id <= 3; ++id) {
    Waiting waiting = Of(id, 1, 0);
    waiting.deadline = At(static_cast<int64_t>(id) * 100);
    ASSERT_TRUE(batcher.Add(waiting).ok());
  }
  EXPECT_EQ(batcher.ExpiresAt(), At(100));
  std::vector<uint64_t> dropped;
  batcher.DropExpired(At(99), &dropped);
  EXPECT_THAT(dropped, IsEmpty());
  batcher.DropExpired(At(200), &dropped);
  EXPECT_THAT(dropped, ElementsAre(1, 2));
  EXPECT_EQ(batcher.ExpiresAt(), At(300));
  EXPECT_THAT(Ids(*batcher.Next(At(200), false)), ElementsAre(3));
}

TEST_F(BatcherTest, FirstIsTheOldestOfTheMostUrgent) {
  Batcher batcher(Options(4, 1000), 10);
  ASSERT_TRUE(batcher.Add(Of(1, 1, 0)).ok());
  ASSERT_TRUE(batcher.Add(Of(2, 1, 0)).ok());
  EXPECT_EQ(batcher.FirstId(), 1u);
  Waiting urgent = Of(3, 1, 0);
  urgent.priority = Priority::kHigh;
  ASSERT_TRUE(batcher.Add(urgent).ok());
  EXPECT_EQ(batcher.FirstId(), 3u);
  ASSERT_TRUE(batcher.Remove(3));
  ASSERT_TRUE(batcher.Remove(1));
  EXPECT_EQ(batcher.FirstId(), 2u);
}

TEST_F(BatcherTest, ClearTakesOutAllAndForgetsTheirDeadlines) {
  Batcher batcher(Options(4, 1000), 10);
  Waiting waiting = Of(1, 1, 0);
  waiting.deadline = At(500);
  ASSERT_TRUE(batcher.Add(waiting).ok());
  ASSERT_TRUE(batcher.Add(Of(2, 1, 0)).ok());
  batcher.Clear();
  EXPECT_TRUE(batcher.empty());
  EXPECT_EQ(batcher.ExpiresAt(), kNoDeadline);
  EXPECT_FALSE(batcher.Remove(2));
  ASSERT_TRUE(batcher.Add(Of(3, 1, 0)).ok());
  EXPECT_EQ(batcher.FirstId(), 3u);
}

TEST_F(BatcherTest, TheQueueIsBoundedAndSaysSo) {
  Batcher batcher(Options(4, 1000), 2);
  ASSERT_TRUE(batcher.Add(Of(1, 1, 0)).ok());
  ASSERT_TRUE(batcher.Add(Of(2, 1, 0)).ok());
  const absl::Status full = batcher.Add(Of(3, 1, 0));
  EXPECT_EQ(full.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(MessageOf(full), "2 requests wait already, which is the limit (`queue_requests_max`); try again later");
  EXPECT_TRUE(batcher.Remove(1));
  EXPECT_FALSE(batcher.Remove(1));
  EXPECT_TRUE(batcher.Add(Of(3, 1, 0)).ok());
}

TEST_F(BatcherTest, MoreRowsThanABatchHoldsAreRefused) {
  Batcher batcher(Options(4, 0), 10);
  const absl::Status status = batcher.Add(Of(1, 5, 0));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(status), "the request has 5 rows; a batch holds 1 to 4 (`max_batch_size`)");
  EXPECT_EQ(batcher.Add(Of(1, 0, 0)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(batcher.empty());
}

TEST_F(BatcherTest, WithoutBatchingEachRequestRunsByItselfAtOnce) {
  Batcher batcher(BatchingOptions(), 10);
  ASSERT_TRUE(batcher.Add(Of(1, 1, 0)).ok());
  ASSERT_TRUE(batcher.Add(Of(2, 1, 0)).ok());
  EXPECT_THAT(Ids(*batcher.Next(At(0), false)), ElementsAre(1));
  EXPECT_THAT(Ids(*batcher.Next(At(0), false)), ElementsAre(2));
}

TEST_F(BatcherTest, ServiceTimesAreAveragedBySize) {
  Batcher batcher(Options(8, 0), 10);
  EXPECT_EQ(batcher.ServiceTime(1), microseconds(0));
  batcher.Served(4, microseconds(800));
  batcher.Served(4, microseconds(1600));
  EXPECT_EQ(batcher.ServiceTime(4), microseconds(900));  // an eighth of the way
  EXPECT_EQ(batcher.ServiceTime(2), microseconds(900));  // the nearest larger
  EXPECT_EQ(batcher.ServiceTime(8), microseconds(900));  // else the largest
}

}  // namespace
}  // namespace oarlock

// When requests of a model with batching run, in which order, and what ends those that do not.
#include <gmock/gmock.h>

#include "runtime/batching_fixture_test.h"

namespace oarlock {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using ::testing::ElementsAre;

using BatchingQueue = Batching;

TEST_F(BatchingQueue, WaitsForOthersAsLongAsAsked) {
  FakeClock clock;
  PredictorOptions options;
  options.clock = &clock;
  BatchingOptions batching = Batches(8);
  batching.eager = false;
  batching.delay_max = microseconds(1000);
  const auto predictor = LoadBatching(kAddOne, batching, options);
  Ending endings[2];
  MustAsk(predictor.get(), Request(x_), &endings[0]);
  clock.Advance(microseconds(600));
  MustAsk(predictor.get(), Request(x_), &endings[1]);
  clock.Advance(microseconds(399));
  EXPECT_EQ(RunAll(), 0);
  clock.Advance(microseconds(1));
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(endings[0].times + endings[1].times, 2);
  const ModelStatistics statistics = predictor->model()->statistics();
  EXPECT_EQ(ClosedBy(statistics, CloseReason::kDelay), 1);
  EXPECT_EQ(statistics.queue.sum, microseconds(1000 + 400));
  EXPECT_EQ(statistics.times.queue, microseconds(1000 + 400));
}

TEST_F(BatchingQueue, EagerStartsNoSecondRunBesideOne) {
  FakeClock clock;
  PredictorOptions options;
  options.clock = &clock;
  options.executions = 2;
  BatchingOptions batching = Batches(8);
  batching.delay_max = microseconds(1000);
  const auto predictor = LoadBatching(kAddOne, batching, options);
  Ending endings[4];
  MustAsk(predictor.get(), Request(x_), &endings[0]);  // has an execution now
  MustAsk(predictor.get(), Request(x_), &endings[1]);
  MustAsk(predictor.get(), Request(x_), &endings[2]);
  EXPECT_EQ(predictor->model()->pool->free_count(), 1u);
  EXPECT_EQ(RunAll(), 2);  // as soon as the first is over
  EXPECT_EQ(predictor->model()->statistics().by_batch_size.at(2).runs, 1);
  // Beside one that takes long they wait no longer than asked.
  MustAsk(predictor.get(), Request(x_), &endings[0]);
  MustAsk(predictor.get(), Request(x_), &endings[3]);
  EXPECT_EQ(predictor->model()->pool->queue_size(), 1u);
  clock.Advance(microseconds(1000));
  EXPECT_EQ(RunAll(), 2);
  EXPECT_EQ(endings[3].times, 1);
  const ModelStatistics statistics = predictor->model()->statistics();
  EXPECT_EQ(ClosedBy(statistics, CloseReason::kEager), 3);
  EXPECT_EQ(ClosedBy(statistics, CloseReason::kDelay), 1);
}

TEST_F(BatchingQueue, ABatchRunsAsSoonAsItIsFull) {
  FakeClock clock;
  PredictorOptions options;
  options.clock = &clock;
  BatchingOptions batching = Batches(2);
  batching.eager = false;
  batching.delay_max = microseconds(1000);
  const auto predictor = LoadBatching(kAddOne, batching, options);
  Ending endings[3];
  for (Ending& ending : endings) MustAsk(predictor.get(), Request(x_), &ending);
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(endings[1].times, 1);
  EXPECT_EQ(endings[2].times, 0);
  EXPECT_EQ(ClosedBy(predictor->model()->statistics(), CloseReason::kFull), 1);
  predictor->Unload();
  EXPECT_EQ(endings[2].status.code(), absl::StatusCode::kCancelled);
}

TEST_F(BatchingQueue, TheMostUrgentGoFirst) {
  const auto predictor = LoadBatching(kAddOne, Batches(2));
  InferenceResponse held = Hold(predictor.get());
  const Priority priorities[] = {Priority::kLow, Priority::kNormal, Priority::kNormal, Priority::kHigh, Priority::kLow};
  Ending endings[5];
  for (size_t i = 0; i < 5; ++i) {
    InferenceRequest request = Request(x_);
    request.priority = priorities[i];
    MustAsk(predictor.get(), std::move(request), &endings[i]);
  }
  held.Release();
  EXPECT_EQ(RunAll(), 3);
  EXPECT_EQ(endings[3].place, 1);
  EXPECT_EQ(endings[1].place, 2);
  EXPECT_EQ(endings[2].place, 3);
  EXPECT_EQ(endings[0].place, 4);
  EXPECT_EQ(endings[4].place, 5);
}

TEST_F(BatchingQueue, CancelTakesOneOutOfABatchUntilItIsTaken) {
  const auto predictor = LoadBatching(kAddOne, Batches(8));
  InferenceResponse held = Hold(predictor.get());
  Ending endings[3];
  uint64_t ids[3];
  for (size_t i = 0; i < 3; ++i) ids[i] = MustAsk(predictor.get(), Request(x_), &endings[i]);
  EXPECT_TRUE(predictor->Cancel(ids[1]));
  EXPECT_EQ(endings[1].status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(MessageOf(endings[1].status), "the request was cancelled before it ran");
  EXPECT_FALSE(predictor->Cancel(ids[1]));
  held.Release();  // the others have an execution now
  EXPECT_FALSE(predictor->Cancel(ids[0]));
  EXPECT_EQ(RunAll(), 1);
  EXPECT_THAT(endings[0].values, ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(endings[2].values, ElementsAre(2, 3, 4, 5));
  EXPECT_EQ(endings[1].times, 1);
  const ModelStatistics statistics = predictor->model()->statistics();
  EXPECT_EQ(Dropped(statistics, DropReason::kCancelled), 1);
  EXPECT_EQ(statistics.by_batch_size.at(2).runs, 1);
}

TEST_F(BatchingQueue, WhatExpiresInABatchThatHasClosedIsNotRunEither) {
  FakeClock clock;
  PredictorOptions options;
  options.clock = &clock;
  const auto predictor = LoadBatching(kAddOne, Batches(8, {2, 4}), options);
  InferenceResponse held = Hold(predictor.get());
  Ending endings[4];
  const std::vector<float> two = Rows(2, 10);
  for (const int i : {0, 2}) {
    InferenceRequest urgent = Request(two);
    urgent.deadline = clock.Now() + milliseconds(5);
    MustAsk(predictor.get(), urgent, &endings[i]);
    if (i == 0) MustAsk(predictor.get(), Request(x_), &endings[1]);
  }
  held.Release();  // the batch has its execution
  clock.Advance(milliseconds(5));
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(endings[0].status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(endings[2].status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(endings[1].values, ElementsAre(2, 3, 4, 5));
  const ModelStatistics statistics = predictor->model()->statistics();
  EXPECT_EQ(statistics.by_batch_size.count(5), 0u);
  EXPECT_EQ(statistics.by_batch_size.at(1).runs, 1);
  EXPECT_EQ(statistics.padding_rows, 1);
  EXPECT_EQ(Dropped(statistics, DropReason::kExpired), 2);
  // One that is alone gives its execution back.
  InferenceRequest alone = Request(x_);
  alone.deadline = clock.Now() + milliseconds(5);
  MustAsk(predictor.get(), alone, &endings[3]);
  clock.Advance(milliseconds(5));
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(endings[3].status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(predictor->model()->pool->free_count(), 1u);
}

TEST_F(BatchingQueue, WhatExpiresIsDroppedAndTheRestRuns) {
  FakeClock clock;
  PredictorOptions options;
  options.clock = &clock;
  options.execution_wait_max = milliseconds(20);
  const auto predictor = LoadBatching(kAddOne, Batches(8), options);
  InferenceResponse held = Hold(predictor.get());
  Ending endings[3];
  InferenceRequest urgent = Request(x_);
  urgent.deadline = clock.Now() + milliseconds(5);
  MustAsk(predictor.get(), urgent, &endings[0]);
  MustAsk(predictor.get(), Request(x_), &endings[1]);
  clock.Advance(milliseconds(5));
  EXPECT_EQ(RunAll(), 1);  // the end of what expired
  EXPECT_EQ(endings[0].status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(MessageOf(endings[0].status), "the deadline passed before the request ran");
  EXPECT_EQ(endings[1].times, 0);
  held.Release();
  EXPECT_EQ(RunAll(), 1);
  EXPECT_THAT(endings[1].values, ElementsAre(2, 3, 4, 5));
  EXPECT_EQ(Dropped(predictor->model()->statistics(), DropReason::kExpired), 1);
  // Without a deadline, as long as an execution may be waited for.
  held = Hold(predictor.get());
  MustAsk(predictor.get(), Request(x_), &endings[2]);
  clock.Advance(milliseconds(20));
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(endings[2].status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(MessageOf(endings[2].status),
            "no execution became free within 20 ms; release responses that show engine memory");
}

TEST_F(BatchingQueue, AFullQueueIsUnavailableAtOnce) {
  PredictorOptions options;
  options.limits.queue_requests_max = 2;
  const auto predictor = LoadBatching(kAddOne, Batches(8), options);
  InferenceResponse held = Hold(predictor.get());
  Ending endings[3];
  MustAsk(predictor.get(), Request(x_), &endings[0]);
  MustAsk(predictor.get(), Request(x_), &endings[1]);
  const auto refused = Ask(predictor.get(), Request(x_), &endings[2]);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(MessageOf(refused.status()),
            "2 requests wait already, which is the limit (`queue_requests_max`); try again later");
  held.Release();
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(endings[0].times + endings[1].times, 2);
  EXPECT_EQ(endings[2].times, 0);
  EXPECT_EQ(Dropped(predictor->model()->statistics(), DropReason::kQueueFull), 1);
}

TEST_F(BatchingQueue, LentMemoryIsReleasedWithEachAnswer) {
  const auto predictor = LoadBatching(kAddOne, Batches(8));
  InferenceResponse held = Hold(predictor.get());
  int released = 0;
  std::vector<int> released_before;
  for (size_t i = 0; i < 3; ++i) {
    InferenceRequest request = Request(x_);
    request.keep_alive = std::shared_ptr<const void>(&x_, [&released](const void*) { ++released; });
    ASSERT_TRUE(predictor
                    ->InferAsync(std::move(request),
                                 [&](const absl::Status& status, InferenceResponse) {
                                   EXPECT_TRUE(status.ok()) << status;
                                   released_before.push_back(released);
                                 })
                    .ok());
  }
  held.Release();
  EXPECT_EQ(released, 0);
  EXPECT_EQ(RunAll(), 1);
  EXPECT_THAT(released_before, ElementsAre(0, 1, 2));  // none waits for the callbacks of others
  EXPECT_EQ(released, 3);
}

TEST_F(BatchingQueue, UnloadCancelsWhatWaitsAndRunsWhatWasTaken) {
  const auto predictor = LoadBatching(kAddOne, Batches(2));
  InferenceResponse held = Hold(predictor.get());
  Ending endings[3];
  for (Ending& ending : endings) MustAsk(predictor.get(), Request(x_), &ending);
  held.Release();  // two are taken
  predictor->Unload();
  EXPECT_THAT(endings[0].values, ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(endings[1].values, ElementsAre(2, 3, 4, 5));
  EXPECT_EQ(endings[2].status.code(), absl::StatusCode::kCancelled);
  for (const Ending& ending : endings) EXPECT_EQ(ending.times, 1);
}

TEST_F(BatchingQueue, StatisticsAddUp) {
  PredictorOptions options;
  FakeClock clock;
  options.clock = &clock;
  options.limits.queue_requests_max = 6;
  const auto predictor = LoadBatching(kAddOne, Batches(4, {2, 4}), options);
  const std::vector<float> two = Rows(2, 0);
  const std::vector<float> three = Rows(3, 0);
  InferenceResponse held = Hold(predictor.get());
  Ending endings[7];
  MustAsk(predictor.get(), Request(three), &endings[0]);
  MustAsk(predictor.get(), Request(two), &endings[1]);
  MustAsk(predictor.get(), Request(x_), &endings[2]);
  const uint64_t cancelled = MustAsk(predictor.get(), Request(x_), &endings[3]);
  InferenceRequest urgent = Request(x_);
  urgent.deadline = clock.Now() + microseconds(1);
  MustAsk(predictor.get(), urgent, &endings[4]);
  MustAsk(predictor.get(), Request(x_), &endings[5]);
  EXPECT_FALSE(Ask(predictor.get(), Request(x_), &endings[6]).ok());
  EXPECT_TRUE(predictor->Cancel(cancelled));
  clock.Advance(microseconds(1));
  held.Release();
  // Three rows as four, for two more do not fit; then two, one and one; and the end of what expired.
  EXPECT_EQ(RunAll(), 3);
  const ModelStatistics statistics = predictor->model()->statistics();
  EXPECT_EQ(statistics.requests, 1 + 4);
  EXPECT_EQ(statistics.rows, 1 + 7);
  EXPECT_EQ(statistics.runs, 1 + 2);
  ASSERT_EQ(statistics.by_batch_size.size(), 2u);
  EXPECT_EQ(statistics.by_batch_size.at(3).runs, 1);
  EXPECT_EQ(statistics.by_batch_size.at(4).runs, 1);
  EXPECT_THAT(statistics.closed, ElementsAre(2, 0, 0, 0, 0));  // full
  EXPECT_EQ(statistics.padding_rows, 1);
  EXPECT_EQ(statistics.reruns, 0);
  EXPECT_EQ(statistics.failed, 0);
  EXPECT_THAT(statistics.dropped, ElementsAre(1, 1, 1));
  // In and out, of each request.
  EXPECT_EQ(statistics.copies[CopyReason::kBatched].count, 4 * 2);
  EXPECT_EQ(statistics.copies[CopyReason::kBatched].bytes, 7 * 16 * 2);
  EXPECT_EQ(endings[0].copies[CopyReason::kBatched].bytes, 3 * 16 * 2);
  // One execution at a time: a batch's time counts once by its size, and once for each of its requests.
  const auto& sizes = statistics.by_batch_size;
  EXPECT_GT(sizes.at(4).compute.count(), 0);
  EXPECT_GE(statistics.times.compute, sizes.at(3).compute + 3 * sizes.at(4).compute);
  int64_t queued = 0;
  for (const int64_t count : statistics.queue.counts) queued += count;
  EXPECT_EQ(queued, statistics.requests);
}

}  // namespace
}  // namespace oarlock

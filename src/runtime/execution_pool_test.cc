// Executions are handed from thread to thread: none is given twice, none is lost, nobody waits for one that is free.
#include "runtime/execution_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <set>
#include <thread>

#include "runtime/fake_model_test.h"

namespace oarlock {
namespace {

class ExecutionPoolTest : public FakeModels {
 protected:
  std::shared_ptr<Predictor> LoadWith(int executions) {
    PredictorOptions options;
    options.executions = executions;
    return Load(kAddOne, options);
  }
};

TEST_F(ExecutionPoolTest, GivesEachExecutionOnce) {
  const auto predictor = LoadWith(3);
  const auto model = predictor->model();
  ExecutionPool& pool = *model->pool;
  std::set<Execution*> taken;
  for (int i = 0; i < 3; ++i) taken.insert(pool.TryAcquire());
  EXPECT_EQ(taken.size(), 3u);
  EXPECT_EQ(taken.count(nullptr), 0u);
  EXPECT_EQ(pool.TryAcquire(), nullptr);
  EXPECT_EQ(pool.free_count(), 0u);
  for (Execution* execution : taken) ExecutionLease(nullptr, &pool, execution).Release();
  EXPECT_EQ(pool.free_count(), 3u);
}

TEST_F(ExecutionPoolTest, TheOneUsedLastIsUsedNext) {
  const auto predictor = LoadWith(3);
  const auto model = predictor->model();
  Execution* const first = model->pool->TryAcquire();
  ExecutionLease(nullptr, model->pool.get(), first).Release();
  Execution* const second = model->pool->TryAcquire();
  EXPECT_EQ(second, first);
  ExecutionLease(nullptr, model->pool.get(), second).Release();
}

TEST_F(ExecutionPoolTest, ManyThreadsShareFewExecutions) {
  for (const auto& [executions, usual] :
       {std::pair(1, std::chrono::microseconds(1)), std::pair(2, std::chrono::microseconds(1)),
        std::pair(1, std::chrono::microseconds(1000)), std::pair(2, std::chrono::microseconds(1000))}) {
    const auto predictor = LoadWith(executions);
    const auto model = predictor->model();
    ExecutionPool& pool = *model->pool;
    std::atomic<int> held{0};
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 6; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 300; ++i) {
          // Waits beyond all that the others take: a wake-up that gets lost would end it.
          const auto execution = pool.Acquire(kNoDeadline, std::chrono::milliseconds(20'000), Priority::kNormal, usual);
          if (!execution.ok() || ++held > executions) ++wrong;
          std::this_thread::yield();
          --held;
          if (execution.ok()) ExecutionLease(nullptr, &pool, *execution).Release();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(pool.free_count(), static_cast<size_t>(executions));
  }
}

TEST_F(ExecutionPoolTest, ARequestOfABatchingModelRunsAtOnceOnlyWhileNothingOfItRuns) {
  PredictorOptions options;
  options.executions = 2;
  for (const int64_t max_batch_size : {0, 4}) {
    options.batching.emplace();
    options.batching->max_batch_size = max_batch_size;
    const auto predictor = Load(kAddOne, options);
    ExecutionPool& pool = *predictor->model()->pool;
    EXPECT_TRUE(pool.RunsAtOnce());
    ExecutionLease lease(nullptr, &pool, pool.TryAcquire());
    EXPECT_EQ(pool.RunsAtOnce(), max_batch_size == 0);
    lease.EndRun();  // the response still shows its memory
    EXPECT_TRUE(pool.RunsAtOnce());
  }
}

// Does something when this thread asks for the time the n-th time.
class InterruptingClock : public Clock {
 public:
  TimePoint Now() const override {
    if (std::this_thread::get_id() == thread_ && calls_left_ > 0 && --calls_left_ == 0) interrupt_();
    return Clock::Steady().Now();
  }
  void Arm(int calls, std::function<void()> interrupt) {
    interrupt_ = std::move(interrupt);
    calls_left_ = calls;
  }

 private:
  const std::thread::id thread_ = std::this_thread::get_id();
  mutable int calls_left_ = 0;  // of that thread only
  std::function<void()> interrupt_;
};

// A request that comes to an idle model runs at once; but a caller may take an execution, without the mutex, at any
// moment until it does. The fifth time is read between seeing that nothing runs and granting the request an execution.
TEST_F(ExecutionPoolTest, ARequestThatIsDueNoLongerWaits) {
  for (int calls = 1; calls <= 5; ++calls) {
    InterruptingClock clock;
    PredictorOptions options;
    options.executions = 2;
    options.clock = &clock;
    options.batching.emplace();
    options.batching->max_batch_size = 4;
    options.batching->delay_max = std::chrono::minutes(1);
    const auto predictor = Load(kAddOne, options);
    ExecutionPool& pool = *predictor->model()->pool;
    ExecutionLease(nullptr, &pool, pool.TryAcquire()).Release();  // the next one is taken without the mutex
    Execution* taken = nullptr;
    clock.Arm(calls, [&] { taken = pool.TryAcquire(); });
    std::promise<absl::Status> answered;
    const std::vector<float> x = {1, 2, 3, 4};
    const auto id = predictor->InferAsync(
        Request(x), [&](absl::Status status, InferenceResponse) { answered.set_value(std::move(status)); });
    ASSERT_TRUE(id.ok()) << id.status();
    ASSERT_NE(taken, nullptr) << calls;
    ExecutionLease(nullptr, &pool, taken).Release();
    EXPECT_TRUE(answered.get_future().get().ok()) << calls;
  }
}

}  // namespace
}  // namespace oarlock

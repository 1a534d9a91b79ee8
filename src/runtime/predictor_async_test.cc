// Asynchronous requests: each ends exactly once, whatever happens to it.
#include <gmock/gmock.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "runtime/fake_model_test.h"
#include "runtime/predictor.h"

namespace oarlock {
namespace {

using ::testing::ElementsAre;

constexpr char kSlow[] = "input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\ndelay_us 60000000\n";

// Collects what callbacks say; waits with a bound.
class Endings {
 public:
  Predictor::Callback Note(int number) {
    return [this, number](absl::Status status, InferenceResponse response) {
      std::vector<float> values;
      if (status.ok()) {
        const auto elements = response.outputs()[0].view.As<float>();
        values.assign(elements.begin(), elements.end());
      }
      const std::lock_guard lock(mutex_);
      ++times_[number];
      statuses_[number] = status;
      values_[number] = values;
      changed_.notify_all();
    };
  }
  bool WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return times_.size() >= count; });
  }
  int times(int number) {
    const std::lock_guard lock(mutex_);
    const auto found = times_.find(number);  // operator[] would add one, and WaitFor() counts them
    return found == times_.end() ? 0 : found->second;
  }
  absl::Status status(int number) {
    const std::lock_guard lock(mutex_);
    return statuses_[number];
  }
  std::vector<float> values(int number) {
    const std::lock_guard lock(mutex_);
    return values_[number];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int, int> times_;
  std::map<int, absl::Status> statuses_;
  std::map<int, std::vector<float>> values_;
};

class PredictorAsync : public FakeModels {
 protected:
  // Waits until the one execution is taken by a request.
  static void WaitUntilRunning(const Predictor& predictor) {
    for (int i = 0; i < 30'000 && predictor.model()->pool->free_count() > 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ASSERT_EQ(predictor.model()->pool->free_count(), 0u);
  }
  // The engine can be told only once it runs, so asks until it says yes.
  bool CancelRunning(Predictor* predictor, uint64_t id) {
    for (int i = 0; i < 30'000; ++i) {
      if (predictor->Cancel(id)) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }
  // Not warmed up, since its input leaves two dims open: a slow script would make loading slow.
  static std::string NoWarmUp(std::string script) {
    for (size_t at = 0; (at = script.find("-1,4")) != std::string::npos;) script.replace(at, 4, "-1,-1");
    return script;
  }
  const std::vector<float> x_ = {1, 2, 3, 4};
  // Each test unloads before it ends, so that nothing calls back into what is gone.
  Endings endings_;
};

TEST_F(PredictorAsync, EachRequestEndsOnceWithItsAnswer) {
  PredictorOptions options;
  options.executions = 2;
  const auto predictor = Load(kAddOne, options);
  std::vector<std::vector<float>> inputs;
  for (int i = 0; i < 100; ++i) inputs.push_back({static_cast<float>(i), 0, 0, 0});
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(predictor->InferAsync(Request(inputs[static_cast<size_t>(i)]), endings_.Note(i)).ok());
  }
  ASSERT_TRUE(endings_.WaitFor(100));
  predictor->Unload();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(endings_.times(i), 1);
    EXPECT_EQ(endings_.values(i)[0], static_cast<float>(i) + 1);
  }
}

TEST_F(PredictorAsync, AWrongRequestIsRefusedAtOnceAndNeverCalledBack) {
  const auto predictor = Load(kAddOne);
  EXPECT_EQ(predictor->InferAsync(InferenceRequest(), endings_.Note(0)).status().code(),
            absl::StatusCode::kInvalidArgument);
  predictor->Unload();
  EXPECT_EQ(predictor->InferAsync(Request(x_), endings_.Note(0)).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(endings_.times(0), 0);
}

TEST_F(PredictorAsync, AFullQueueIsUnavailable) {
  PredictorOptions options;
  options.limits.queue_requests_max = 2;
  const auto predictor = Load(NoWarmUp(kSlow), options);
  const auto running = predictor->InferAsync(Request(x_), endings_.Note(0));
  ASSERT_TRUE(running.ok());
  WaitUntilRunning(*predictor);
  std::vector<uint64_t> waiting;
  for (int i = 1; i <= 2; ++i) {
    const auto id = predictor->InferAsync(Request(x_), endings_.Note(i));
    ASSERT_TRUE(id.ok());
    waiting.push_back(*id);
  }
  const auto refused = predictor->InferAsync(Request(x_), endings_.Note(3));
  EXPECT_EQ(refused.status().message(),
            "2 requests wait already, which is the limit (`queue_requests_max`); try again later");
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable);
  // What waits first, or it would run once the running one is gone.
  for (uint64_t id : waiting) EXPECT_TRUE(predictor->Cancel(id));
  EXPECT_TRUE(CancelRunning(predictor.get(), *running));
  predictor->Unload();
  EXPECT_EQ(endings_.times(3), 0);
}

TEST_F(PredictorAsync, CancelEndsWhatWaitsAndWhatRuns) {
  const auto predictor = Load(NoWarmUp(kSlow));
  const auto running = predictor->InferAsync(Request(x_), endings_.Note(0));
  ASSERT_TRUE(running.ok());
  WaitUntilRunning(*predictor);
  const auto waiting = predictor->InferAsync(Request(x_), endings_.Note(1));
  ASSERT_TRUE(waiting.ok());
  EXPECT_TRUE(predictor->Cancel(*waiting));
  EXPECT_EQ(endings_.status(1).code(), absl::StatusCode::kCancelled);  // at once, on this thread
  EXPECT_FALSE(predictor->Cancel(*waiting));
  EXPECT_TRUE(CancelRunning(predictor.get(), *running));
  ASSERT_TRUE(endings_.WaitFor(2));
  EXPECT_EQ(endings_.status(0).code(), absl::StatusCode::kCancelled);
  predictor->Unload();
  EXPECT_EQ(endings_.times(0), 1);
  EXPECT_EQ(endings_.times(1), 1);
}

TEST_F(PredictorAsync, CancelAllEndsWhatWaitsAndWhatRuns) {
  const auto predictor = Load(NoWarmUp(kSlow));
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(predictor->InferAsync(Request(x_), endings_.Note(i)).ok());
  WaitUntilRunning(*predictor);
  for (int i = 0; i < 30'000 && endings_.times(0) == 0; ++i) {
    predictor->CancelAll();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ASSERT_TRUE(endings_.WaitFor(4));
  predictor->Unload();
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(endings_.times(i), 1);
    EXPECT_EQ(endings_.status(i).code(), absl::StatusCode::kCancelled);
  }
}

TEST_F(PredictorAsync, UnloadCancelsWhatWaitsAndLetsFinishWhatRuns) {
  const auto predictor = Load(NoWarmUp("input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\ndelay_us 100000\n"));
  ASSERT_TRUE(predictor->InferAsync(Request(x_), endings_.Note(0)).ok());
  WaitUntilRunning(*predictor);
  for (int i = 1; i < 5; ++i) ASSERT_TRUE(predictor->InferAsync(Request(x_), endings_.Note(i)).ok());
  predictor->Unload();
  EXPECT_EQ(endings_.times(0), 1);
  EXPECT_THAT(endings_.values(0), ElementsAre(2, 3, 4, 5));
  for (int i = 1; i < 5; ++i) {
    EXPECT_EQ(endings_.times(i), 1);
    EXPECT_EQ(endings_.status(i).code(), absl::StatusCode::kCancelled);
  }
}

TEST_F(PredictorAsync, AnExpiredRequestIsDroppedBeforeItRuns) {
  FakeClock clock;
  PredictorOptions options;
  options.clock = &clock;
  const auto predictor = Load(NoWarmUp("input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\ndelay_us 50000\n"), options);
  ASSERT_TRUE(predictor->InferAsync(Request(x_), endings_.Note(0)).ok());
  WaitUntilRunning(*predictor);
  InferenceRequest request = Request(x_);
  request.deadline = clock.Now() + std::chrono::milliseconds(1);
  ASSERT_TRUE(predictor->InferAsync(std::move(request), endings_.Note(1)).ok());
  clock.Advance(std::chrono::milliseconds(1));
  ASSERT_TRUE(endings_.WaitFor(2));
  predictor->Unload();
  EXPECT_TRUE(endings_.status(0).ok());
  EXPECT_EQ(endings_.status(1).code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(PredictorAsync, LentMemoryIsReleasedOnceAfterTheEnd) {
  const auto predictor = Load(kAddOne);
  std::atomic<int> released{0};
  for (int i = 0; i < 20; ++i) {
    auto* lent = new std::vector<float>{static_cast<float>(i), 0, 0, 0};
    InferenceRequest request = Request(*lent);
    request.keep_alive = std::shared_ptr<const void>(lent, [&released](const void* memory) {
      ++released;
      delete static_cast<const std::vector<float>*>(memory);
    });
    ASSERT_TRUE(predictor->InferAsync(std::move(request), endings_.Note(i)).ok());
  }
  ASSERT_TRUE(endings_.WaitFor(20));
  predictor->Unload();
  EXPECT_EQ(released, 20);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(endings_.values(i)[0], static_cast<float>(i) + 1);
}

TEST_F(PredictorAsync, ACallbackMayAskAgainAndDropTheLastReference) {
  const auto held = std::make_shared<std::shared_ptr<Predictor>>(Load(kAddOne));
  const std::weak_ptr<const LoadedModel> model = (*held)->model();
  std::promise<void> go;
  std::promise<std::vector<float>> answer;
  ASSERT_TRUE((*held)
                  ->InferAsync(Request(x_),
                               [&](absl::Status, InferenceResponse response) {
                                 go.get_future().wait();
                                 const std::vector<float> again = Values(response);
                                 const absl::Status status = (*held)->Infer(Request(again), &response);
                                 const std::vector<float> values =
                                     status.ok() ? Values(response) : std::vector<float>();
                                 response.Release();
                                 held->reset();
                                 answer.set_value(values);
                               })
                  .ok());
  go.set_value();
  EXPECT_THAT(answer.get_future().get(), ElementsAre(3, 4, 5, 6));
  for (int i = 0; i < 30'000 && !model.expired(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_TRUE(model.expired());
}

}  // namespace
}  // namespace oarlock

// Synchronous requests, and what a predictor is and says. Asynchronous ones: predictor_async_test.cc.
#include "runtime/predictor.h"

#include <gmock/gmock.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "runtime/fake_model_test.h"

namespace oarlock {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PredictorTest : public FakeModels {};

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST_F(PredictorTest, GoesThroughItsStates) {
  auto predictor = Predictor::Create({}, &runtime_);
  EXPECT_EQ(predictor->state(), PredictorState::kInit);
  InferenceResponse response;
  EXPECT_EQ(predictor->Infer(InferenceRequest(), &response).code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(predictor->Load(Put("m.fake", kAddOne)).ok());
  EXPECT_EQ(predictor->state(), PredictorState::kReady);
  EXPECT_EQ(predictor->model()->name, "m");
  EXPECT_EQ(predictor->Load(root_ / "m.fake").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(predictor->state(), PredictorState::kReady);
  predictor->Unload();
  EXPECT_EQ(predictor->state(), PredictorState::kDestroyed);
  EXPECT_EQ(Message(predictor->status()), "the model was unloaded");
  predictor->Unload();
}

TEST_F(PredictorTest, IsLoadingWhileItLoads) {
  auto predictor = Predictor::Create({}, &runtime_);
  const auto path = Put("m.fake", std::string(kAddOne) + "load_delay_us 200000\n");
  std::thread loader([&] { EXPECT_TRUE(predictor->Load(path).ok()); });
  while (predictor->state() == PredictorState::kInit) std::this_thread::yield();
  EXPECT_EQ(predictor->state(), PredictorState::kLoading);
  InferenceResponse response;
  EXPECT_EQ(predictor->Infer(InferenceRequest(), &response).code(), absl::StatusCode::kUnavailable);
  loader.join();
  EXPECT_EQ(predictor->state(), PredictorState::kReady);
}

TEST_F(PredictorTest, AFailedLoadIsAnErrorThatStays) {
  auto predictor = Predictor::Create({}, &runtime_);
  const absl::Status status =
      predictor->Load(Put("m.fake", std::string(kAddOne) + "fail_load RESOURCE_EXHAUSTED no room for it\n"));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(Message(status), HasSubstr("no room for it"));
  EXPECT_EQ(predictor->state(), PredictorState::kError);
  InferenceResponse response;
  EXPECT_EQ(predictor->Infer(InferenceRequest(), &response), status);
}

TEST_F(PredictorTest, AWrongDigestIsDataLossWithBothDigests) {
  Put("m/m.fake", kAddOne);
  const std::string wrong(64, 'a');
  Put("m/model.yaml", "schema: 1\nsha256: " + wrong + "\n");
  auto predictor = Predictor::Create({}, &runtime_);
  const absl::Status status = predictor->Load(root_ / "m");
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(predictor->state(), PredictorState::kError);
  EXPECT_THAT(Message(status), HasSubstr(wrong));

  auto plain = Predictor::Create({}, &runtime_);
  ASSERT_TRUE(plain->Load(root_ / "m" / "m.fake").code() == absl::StatusCode::kDataLoss);
  std::filesystem::remove(root_ / "m" / "model.yaml");
  auto good = Predictor::Create({}, &runtime_);
  ASSERT_TRUE(good->Load(root_ / "m").ok());
  EXPECT_THAT(Message(status), HasSubstr(good->model()->identity));
}

TEST_F(PredictorTest, ComputesAndLendsTheEnginesMemory) {
  const auto predictor = Load(kAddOne);
  const std::vector<float> x = {1, 2, 3, 4, 5, 6, 7, 8};
  InferenceResponse response;
  ASSERT_TRUE(predictor->Infer(Request(x), &response).ok());
  EXPECT_THAT(Values(response), ElementsAre(2, 3, 4, 5, 6, 7, 8, 9));
  EXPECT_EQ(response.outputs()[0].view.shape, (Shape{2, 4}));
  EXPECT_TRUE(response.holds_execution());
  EXPECT_EQ(response.copies().count(), 0);
  EXPECT_EQ(predictor->model()->pool->free_count(), 0u);
  response.Release();
  EXPECT_EQ(predictor->model()->pool->free_count(), 1u);
}

TEST_F(PredictorTest, WritesIntoTheCallersRoom) {
  const auto predictor = Load(kAddOneStatic);
  const std::vector<float> x = {1, 2, 3, 4};
  alignas(64) float room[4] = {};
  InferenceRequest request = Request(x);
  request.outputs.push_back({"y", room, sizeof room});
  InferenceResponse response;
  ASSERT_TRUE(predictor->Infer(request, &response).ok());
  EXPECT_EQ(response.outputs()[0].view.data, reinterpret_cast<const std::byte*>(room));
  EXPECT_THAT(room, ElementsAre(2, 3, 4, 5));
  EXPECT_FALSE(response.holds_execution());
  EXPECT_EQ(response.copies().count(), 0);

  // Without room again, the former room must not be touched.
  const std::vector<float> other = {10, 20, 30, 40};
  ASSERT_TRUE(predictor->Infer(Request(other), &response).ok());
  EXPECT_THAT(Values(response), ElementsAre(11, 21, 31, 41));
  EXPECT_THAT(room, ElementsAre(2, 3, 4, 5));
}

TEST_F(PredictorTest, CopiesADynamicOutputIntoRoomAndSaysSo) {
  const auto predictor = Load(std::string(kAddOne) + "dynamic_output\n");
  const std::vector<float> x = {1, 2, 3, 4};
  float room[4] = {};
  InferenceRequest request = Request(x);
  request.outputs.push_back({"y", room, sizeof room});
  InferenceResponse response;
  ASSERT_TRUE(predictor->Infer(request, &response).ok());
  EXPECT_THAT(room, ElementsAre(2, 3, 4, 5));
  EXPECT_EQ(response.copies()[CopyReason::kDynamicOutput].count, 1);
  EXPECT_EQ(response.copies()[CopyReason::kDynamicOutput].bytes, 16);

  request.outputs[0].size_bytes = 12;
  const absl::Status status = predictor->Infer(request, &response);
  EXPECT_EQ(Message(status), "output 'y' is FP32 [1,4] and takes 16 bytes; the room for it has 12");
  EXPECT_EQ(predictor->model()->pool->free_count(), 1u);
}

TEST_F(PredictorTest, GathersSegmentsAndSaysSo) {
  const auto predictor = Load(kAddOne);
  const std::vector<float> a = {1, 2};
  const std::vector<float> b = {3, 4, 5, 6};
  const std::vector<float> c = {7, 8};
  const auto segment = [](const std::vector<float>& part) {
    return Segment{reinterpret_cast<const std::byte*>(part.data()), part.size() * sizeof(float)};
  };
  InferenceRequest request;
  request.inputs.push_back({"x", DType::kF32, Shape{2, 4}, {segment(a), segment(b), segment(c)}});
  InferenceResponse response;
  ASSERT_TRUE(predictor->Infer(request, &response).ok());
  EXPECT_THAT(Values(response), ElementsAre(2, 3, 4, 5, 6, 7, 8, 9));
  EXPECT_EQ(response.copies()[CopyReason::kGathered].bytes, 32);
}

TEST_F(PredictorTest, AlignsWhatIsNotAlignedAndSaysSo) {
  const auto predictor = Load(kAddOne);
  alignas(64) std::byte memory[32];
  const float values[] = {1, 2, 3, 4};
  std::memcpy(memory + 1, values, sizeof values);
  InferenceRequest request;
  request.inputs.push_back(RequestInput::Of("x", {DType::kF32, Shape{1, 4}, memory + 1, 16}));
  InferenceResponse response;
  ASSERT_TRUE(predictor->Infer(request, &response).ok());
  EXPECT_THAT(Values(response), ElementsAre(2, 3, 4, 5));
  EXPECT_EQ(response.copies()[CopyReason::kUnaligned].count, 1);
}

TEST_F(PredictorTest, AnEmptyBatchIsLegal) {
  const auto predictor = Load(kAddOne);
  InferenceRequest request;
  request.inputs.push_back({"x", DType::kF32, Shape{0, 4}, {}});
  InferenceResponse response;
  ASSERT_TRUE(predictor->Infer(request, &response).ok());
  EXPECT_EQ(response.outputs()[0].view.shape, (Shape{0, 4}));
}

TEST_F(PredictorTest, RequestsThatDoNotFitNameWhatIsWrong) {
  const auto predictor =
      Load("input image FP32 -1,4\ninput mask INT64 -1,4\noutput y FP32 -1,4\noutput z INT64 -1,4\n");
  const std::vector<float> x = {1, 2, 3, 4};
  const int64_t mask[] = {1, 2, 3, 4};
  const auto image = Input(x, "image");
  const auto good_mask =
      RequestInput::Of("mask", {DType::kI64, Shape{1, 4}, reinterpret_cast<const std::byte*>(mask), 32});
  const auto fails = [&](std::vector<RequestInput> inputs, std::vector<RequestOutput> outputs = {}) {
    InferenceRequest request;
    request.inputs.assign(inputs.begin(), inputs.end());
    request.outputs.assign(outputs.begin(), outputs.end());
    InferenceResponse response;
    const absl::Status status = predictor->Infer(request, &response);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return Message(status);
  };
  EXPECT_EQ(fails({image}), "input 'mask' (INT64 [-1,4]) of model 'model' is missing");
  EXPECT_EQ(fails({image, image, good_mask}), "input 'image' is given twice");
  EXPECT_EQ(fails({image, good_mask}, {{"yy"}}), "model 'model' has no output 'yy'; known: y, z");
  EXPECT_EQ(fails({image, good_mask}, {{"y"}, {"y"}}), "output 'y' is asked for twice");
  auto wrong = image;
  wrong.name = "imag";
  EXPECT_EQ(fails({wrong, good_mask}), "model 'model' has no input 'imag'; did you mean 'image'?");
  wrong = image;
  wrong.dtype = DType::kF64;
  EXPECT_EQ(fails({wrong, good_mask}), "input 'image' is FP64; model 'model' takes FP32");
  wrong = image;
  wrong.shape = Shape{4};
  EXPECT_EQ(fails({wrong, good_mask}), "input 'image' has shape [4]; model 'model' takes [-1,4] (-1 is any)");
  wrong = image;
  wrong.shape = Shape{2, 4};
  EXPECT_EQ(fails({wrong, good_mask}), "input 'image' of FP32 [2,4] takes 32 bytes; 16 were given");
  wrong = image;
  wrong.shape = Shape{int64_t{1} << 62, 4};
  EXPECT_THAT(fails({wrong, good_mask}), HasSubstr("more elements than"));
  wrong = image;
  wrong.segments[0].data = nullptr;
  EXPECT_EQ(fails({wrong, good_mask}), "input 'image' has no data");
}

TEST_F(PredictorTest, AnErrorOfTheEngineIsTheRequestsAlone) {
  const auto predictor = Load(std::string(kAddOne) + "fail_run 2 UNAVAILABLE out of luck\n");
  const std::vector<float> x = {1, 2, 3, 4};
  int failed = 0;
  for (int i = 0; i < 6; ++i) {
    InferenceResponse response;
    const absl::Status status = predictor->Infer(Request(x), &response);
    if (status.ok()) {
      EXPECT_THAT(Values(response), ElementsAre(2, 3, 4, 5));
      continue;
    }
    ++failed;
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(Message(status), HasSubstr("out of luck"));
    EXPECT_TRUE(response.outputs().empty());
  }
  EXPECT_EQ(failed, 3);
}

TEST_F(PredictorTest, ADeadlineThatPassedMeansItNeverRuns) {
  FakeClock clock;
  PredictorOptions options;
  options.clock = &clock;
  const auto predictor = Load(kAddOne, options);
  const std::vector<float> x = {1, 2, 3, 4};
  InferenceRequest request = Request(x);
  request.deadline = clock.Now() + std::chrono::milliseconds(5);
  InferenceResponse response;
  EXPECT_TRUE(predictor->Infer(request, &response).ok());
  clock.Advance(std::chrono::milliseconds(5));
  EXPECT_EQ(predictor->Infer(request, &response).code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(PredictorTest, WaitingForAnExecutionEndsAtTheDeadlineOrTheLimit) {
  PredictorOptions options;
  options.execution_wait_max = std::chrono::milliseconds(20);
  const auto predictor = Load(kAddOne, options);
  const std::vector<float> x = {1, 2, 3, 4};
  InferenceResponse holds;
  ASSERT_TRUE(predictor->Infer(Request(x), &holds).ok());
  ASSERT_TRUE(holds.holds_execution());
  InferenceResponse second;
  const absl::Status limit = predictor->Infer(Request(x), &second);
  EXPECT_EQ(Message(limit), "no execution of 1 became free within 20 ms; release responses that show engine memory");
  InferenceRequest request = Request(x);
  request.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(2);
  EXPECT_EQ(predictor->Infer(request, &second).code(), absl::StatusCode::kDeadlineExceeded);
  // The same response again gives its execution back first.
  EXPECT_TRUE(predictor->Infer(Request(x), &holds).ok());
}

TEST_F(PredictorTest, AResponseOutlivesItsPredictor) {
  auto predictor = Load(kAddOne);
  const std::vector<float> x = {1, 2, 3, 4};
  InferenceResponse response;
  ASSERT_TRUE(predictor->Infer(Request(x), &response).ok());
  predictor.reset();
  EXPECT_EQ(response.outputs()[0].name, "y");
  EXPECT_THAT(Values(response), ElementsAre(2, 3, 4, 5));
  InferenceResponse moved = std::move(response);
  EXPECT_THAT(Values(moved), ElementsAre(2, 3, 4, 5));
}

TEST_F(PredictorTest, ManyThreadsEachGetTheirOwnAnswer) {
  PredictorOptions options;
  options.executions = 3;
  const auto predictor = Load(kAddOne, options);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        const float first = static_cast<float>(t * 1000 + i);
        const std::vector<float> x = {first, 1, 2, 3};
        InferenceResponse response;
        if (predictor->Infer(Request(x), &response).ok() && Values(response)[0] == first + 1) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 1200);
}

TEST_F(PredictorTest, UnloadWhileOthersAskIsAnErrorOrAnAnswer) {
  const auto predictor = Load(kAddOne);
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      const std::vector<float> x = {1, 2, 3, 4};
      while (!stop) {
        InferenceResponse response;
        const absl::Status status = predictor->Infer(Request(x), &response);
        if (status.ok() ? Values(response)[3] != 5 : status.code() != absl::StatusCode::kFailedPrecondition) ++wrong;
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  predictor->Unload();
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(PredictorTest, CallersThatWaitLearnThatRunsAreShorterThanTheWarmUpWas) {
  const auto predictor = Load(kAddOne);
  const auto model = predictor->model();
  for (int i = 0; i < 100; ++i) model->service_time.Add(std::chrono::hours(1), 16);
  const auto before = model->service_time.Guess(16);
  const std::vector<float> x = {1, 2, 3, 4};
  InferenceResponse holds;
  std::chrono::nanoseconds waited{0};
  while (waited.count() == 0) {  // until the other has come while the execution was held
    ASSERT_TRUE(predictor->Infer(Request(x), &holds).ok());
    ASSERT_EQ(model->service_time.Guess(16), before);  // it did not wait
    std::thread other([&] {
      InferenceResponse response;
      EXPECT_TRUE(predictor->Infer(Request(x), &response).ok());
      waited = response.times().queue;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    holds.Release();
    other.join();
  }
  EXPECT_LT(model->service_time.Guess(16), before);
}

}  // namespace
}  // namespace oarlock

// Requests that share batches, from Predictor to the engine and back: whose rows are whose. When they run, and those
// that do not: batching_queue_test.cc.
#include <gmock/gmock.h>

#include <atomic>
#include <random>
#include <thread>
#include <utility>

#include "runtime/batching_fixture_test.h"

namespace oarlock {
namespace {

using std::chrono::microseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Not warmed up, since two dims are open: the first run of a test is the engine's first.
constexpr char kTwoOpenDims[] = "input x FP32 -1,-1\noutput y FP32 -1,-1\nop add 1\n";
constexpr char kTexts[] = "input t BYTES -1\noutput u BYTES -1\n";

TEST_F(Batching, RequestsThatWaitShareOneRun) {
  const auto predictor = LoadBatching(kAddOne, Batches(8));
  InferenceResponse held = Hold(predictor.get());
  const ModelStatistics before = predictor->model()->statistics();
  const std::vector<float> inputs[] = {Rows(1, 10), Rows(3, 100), Rows(2, 1000)};
  Ending endings[3];
  for (size_t i = 0; i < 3; ++i) MustAsk(predictor.get(), Request(inputs[i]), &endings[i]);
  EXPECT_EQ(RunAll(), 0);  // there is nothing to run them on
  held.Release();
  EXPECT_EQ(RunAll(), 1);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(endings[i].times, 1);
    ASSERT_TRUE(endings[i].status.ok()) << endings[i].status;
    EXPECT_EQ(endings[i].values, PlusOne(inputs[i]));
    EXPECT_FALSE(endings[i].holds_execution);
  }
  const ModelStatistics after = predictor->model()->statistics();
  EXPECT_EQ(after.runs - before.runs, 1);
  EXPECT_EQ(after.requests - before.requests, 3);
  EXPECT_EQ(after.rows - before.rows, 6);
  ASSERT_TRUE(after.by_batch_size.contains(6));
  EXPECT_EQ(after.by_batch_size.at(6).runs, 1);
  EXPECT_EQ(ClosedBy(after, CloseReason::kEager), 1);
}

TEST_F(Batching, AnswersAreThoseOfEachRequestByItself) {
  for (const auto& buckets : {std::vector<int64_t>{}, std::vector<int64_t>{2, 5, 8}}) {
    const auto predictor = LoadBatching(kAddOne, Batches(8, buckets));
    std::mt19937 random(7);
    for (int round = 0; round < 20; ++round) {
      std::vector<std::vector<float>> inputs;
      for (int i = 0; i < 5; ++i) {
        std::vector<float>& input = inputs.emplace_back((1 + random() % 3) * 4);
        for (float& value : input) value = static_cast<float>(random() % 100'000) / 7;
      }
      std::vector<Ending> endings(inputs.size());
      InferenceResponse held = Hold(predictor.get());
      for (size_t i = 0; i < inputs.size(); ++i) MustAsk(predictor.get(), Request(inputs[i]), &endings[i]);
      held.Release();
      EXPECT_LE(RunAll(), 3);
      for (size_t i = 0; i < inputs.size(); ++i) {
        InferenceResponse alone;
        ASSERT_TRUE(predictor->Infer(Request(inputs[i]), &alone).ok());
        EXPECT_EQ(endings[i].values, Values(alone));
      }
    }
  }
}

TEST_F(Batching, PadsToTheSmallestBucketThatHoldsIt) {
  const auto predictor = LoadBatching(kAddOne, Batches(8, {2, 4, 8}));
  const std::vector<float> one = Rows(1, 5);
  const std::vector<float> two = Rows(2, 50);
  Ending endings[2];
  InferenceResponse held = Hold(predictor.get());
  MustAsk(predictor.get(), Request(one), &endings[0]);
  MustAsk(predictor.get(), Request(two), &endings[1]);
  held.Release();
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(endings[0].values, PlusOne(one));
  EXPECT_EQ(endings[1].values, PlusOne(two));
  ModelStatistics statistics = predictor->model()->statistics();
  EXPECT_EQ(statistics.padding_rows, 1);  // three rows are run as four
  EXPECT_EQ(statistics.by_batch_size.at(3).runs, 1);
  // One by itself is padded too, and padding is nobody's answer.
  Ending lone;
  MustAsk(predictor.get(), Request(one), &lone);
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(lone.values, PlusOne(one));
  statistics = predictor->model()->statistics();
  EXPECT_EQ(statistics.padding_rows, 2);
  EXPECT_EQ(statistics.by_batch_size.at(1).runs, 1);
}

TEST_F(Batching, PaddingHasALimit) {
  PredictorOptions options;
  options.limits.batch_padding_bytes_max = 2 * 16;
  const auto predictor = LoadBatching(kAddOne, Batches(4, {3, 4}), options);
  Ending endings[2];
  MustAsk(predictor.get(), Request(x_), &endings[0]);  // two rows of 16 bytes are missing
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(predictor->model()->statistics().padding_rows, 2);

  options.limits.batch_padding_bytes_max = 2 * 16 - 1;
  const auto strict = LoadBatching(kAddOne, Batches(4, {3, 4}), options);
  MustAsk(strict.get(), Request(x_), &endings[1]);
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(strict->model()->statistics().padding_rows, 0);
  for (const Ending& ending : endings) EXPECT_THAT(ending.values, ElementsAre(2, 3, 4, 5));
}

TEST_F(Batching, MoreRowsThanABatchHoldsAreRefused) {
  const auto predictor = LoadBatching(kAddOne, Batches(2));
  const std::vector<float> three = Rows(3, 0);
  Ending ending;
  const auto id = Ask(predictor.get(), Request(three), &ending);
  EXPECT_EQ(id.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(id.status()), "the request has 3 rows; a batch holds 1 to 2 (`max_batch_size`)");
  InferenceRequest request = Request(three);
  request.batched = true;
  InferenceResponse response;
  EXPECT_EQ(predictor->Infer(request, &response), id.status());
  // Past all batching, they are the model's own affair.
  EXPECT_TRUE(predictor->Infer(Request(three), &response).ok());
  EXPECT_EQ(ending.times, 0);
}

TEST_F(Batching, InputsMustHaveAsManyRows) {
  const auto predictor =
      LoadBatching("input x FP32 -1,4\ninput m FP32 -1,4\noutput y FP32 -1,4\noutput z FP32 -1,4\n", Batches(8));
  const std::vector<float> two = Rows(2, 0);
  InferenceRequest request = Request(two);
  request.inputs.push_back(Input(x_, "m"));
  Ending ending;
  const auto id = Ask(predictor.get(), request, &ending);
  EXPECT_EQ(id.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(id.status()), "inputs 'x' and 'm' have 2 and 1 rows; in a model with batching they have as many");
  EXPECT_EQ(ending.times, 0);
}

TEST_F(Batching, AModelWithoutRowsIsRefusedWithAWayOut) {
  const absl::Status input = Refusal(kAddOneStatic, Batches(8));
  EXPECT_EQ(input.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(input),
            "'max_batch_size' is 8, but model 'model' cannot take batches: input 'x' has shape [1,4], and dim 0 must "
            "be dynamic (-1); export it so, or set `max_batch_size: 0`");
  const std::string fixed_output = std::string(kAddOne) + "told_rows 2\n";
  const absl::Status output = Refusal(fixed_output, Batches(8));
  EXPECT_EQ(output.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(output),
            "'max_batch_size' is 8, but model 'model' cannot take batches: output 'y' has shape [2,4], and dim 0 must "
            "be dynamic (-1); export it so, say `batchable: true` if its rows belong to the inputs', or set "
            "`max_batch_size: 0`");
  EXPECT_TRUE(Refusal(kAddOneStatic, Batches(0)).ok());
  // `batchable` speaks for outputs, not for inputs.
  BatchingOptions batchable = Batches(8);
  batchable.batchable = true;
  EXPECT_EQ(MessageOf(Refusal(kAddOneStatic, batchable)), MessageOf(input));
  const auto predictor = LoadBatching(fixed_output, batchable);
  InferenceResponse held = Hold(predictor.get());
  Ending endings[3];
  for (Ending& ending : endings) MustAsk(predictor.get(), Request(x_), &ending);
  held.Release();
  EXPECT_EQ(RunAll(), 1);
  for (const Ending& ending : endings) EXPECT_THAT(ending.values, ElementsAre(2, 3, 4, 5));
}

TEST_F(Batching, OutputsWhoseDimsAreToldByTheRunAreSharedOutToo) {
  const auto predictor = LoadBatching(std::string(kAddOne) + "dynamic_output\n", Batches(8));
  const std::vector<float> one = Rows(1, 5);
  const std::vector<float> two = Rows(2, 50);
  Ending endings[2];
  InferenceResponse held = Hold(predictor.get());
  MustAsk(predictor.get(), Request(one), &endings[0]);
  MustAsk(predictor.get(), Request(two), &endings[1]);
  held.Release();
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(endings[0].values, PlusOne(one));
  EXPECT_EQ(endings[1].values, PlusOne(two));
}

TEST_F(Batching, DifferentShapesRunApart) {
  const auto predictor = LoadBatching(kTwoOpenDims, Batches(8));
  InferenceResponse held = Hold(predictor.get());
  const std::vector<float> narrow = {1, 2};
  InferenceRequest other;
  other.inputs.push_back(RequestInput::Of(
      "x", {DType::kF32, Shape{1, 2}, reinterpret_cast<const std::byte*>(narrow.data()), sizeof(float) * 2}));
  Ending endings[3];
  MustAsk(predictor.get(), Request(x_), &endings[0]);
  MustAsk(predictor.get(), other, &endings[1]);
  MustAsk(predictor.get(), Request(x_), &endings[2]);
  held.Release();
  EXPECT_EQ(RunAll(), 2);
  EXPECT_THAT(endings[0].values, ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(endings[1].values, ElementsAre(2, 3));
  EXPECT_THAT(endings[2].values, ElementsAre(2, 3, 4, 5));
  EXPECT_EQ(endings[2].place, 2);  // in the batch of the first
  EXPECT_EQ(predictor->model()->statistics().by_batch_size.at(2).runs, 1);
}

TEST_F(Batching, TextsOfAnyLengthComeBackToTheirRequests) {
  const auto predictor = LoadBatching(kTexts, Batches(8, {8}));
  const std::string packed[] = {Bytes({"a", ""}), Bytes({"", "longer", "\xFF"}), Bytes({"x"})};
  Ending endings[3];
  const std::string none;
  InferenceResponse held;
  ASSERT_TRUE(predictor->Infer(Texts(packed[2], 1), &held).ok());
  MustAsk(predictor.get(), Texts(packed[0], 2), &endings[0]);
  MustAsk(predictor.get(), Texts(packed[1], 3), &endings[1]);
  MustAsk(predictor.get(), Texts(packed[2], 1), &endings[2]);
  held.Release();
  EXPECT_EQ(RunAll(), 1);
  for (size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(endings[i].status.ok()) << endings[i].status;
    EXPECT_EQ(endings[i].bytes, packed[i]);
  }
  EXPECT_EQ(predictor->model()->statistics().padding_rows, 2);
}

TEST_F(Batching, MalformedTextsDisturbNobodyElse) {
  const auto predictor = LoadBatching(kTexts, Batches(8));
  const std::string good = Bytes({"one", "two"});
  // Says that it holds more than it does: joined with others it would eat their first bytes.
  std::string greedy = Bytes({"abc"});
  greedy[0] = 9;
  const std::string with_rest = Bytes({"abc"}) + "rest";
  InferenceResponse held;
  ASSERT_TRUE(predictor->Infer(Texts(good, 2), &held).ok());
  Ending endings[4];
  MustAsk(predictor.get(), Texts(good, 2), &endings[0]);
  for (const std::string& bad : {std::as_const(greedy), with_rest}) {
    const auto refused = Ask(predictor.get(), Texts(bad, 1), &endings[1]);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(MessageOf(refused.status())), ::testing::StartsWith("input 't'"));
  }
  MustAsk(predictor.get(), Texts(good, 2), &endings[2]);
  held.Release();
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(endings[0].bytes, good);
  EXPECT_EQ(endings[2].bytes, good);
  EXPECT_EQ(endings[1].times, 0);
}

TEST_F(Batching, ABatchThatFailsIsRunOneByOne) {
  // Runs: 1 holds the execution, 2 is the batch, 3, 4 and 5 its requests.
  const auto predictor =
      LoadBatching(std::string(kTwoOpenDims) + "fail_run 2 UNAVAILABLE out of luck\n", Batches(8, {4}));
  InferenceResponse held = Hold(predictor.get());
  const std::vector<float> inputs[] = {Rows(1, 10), Rows(1, 100), Rows(1, 1000)};
  Ending endings[3];
  for (size_t i = 0; i < 3; ++i) MustAsk(predictor.get(), Request(inputs[i]), &endings[i]);
  held.Release();
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(endings[0].values, PlusOne(inputs[0]));
  EXPECT_EQ(endings[1].status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(MessageOf(endings[1].status)), ::testing::HasSubstr("out of luck"));
  EXPECT_EQ(endings[2].values, PlusOne(inputs[2]));
  for (const Ending& ending : endings) EXPECT_EQ(ending.times, 1);
  const ModelStatistics statistics = predictor->model()->statistics();
  EXPECT_EQ(statistics.reruns, 1);
  EXPECT_EQ(statistics.failed, 1);
  EXPECT_EQ(statistics.requests, 3);  // with the one that held the execution
  EXPECT_EQ(statistics.by_batch_size.at(1).runs, 2);
  EXPECT_EQ(statistics.padding_rows, 6);
}

TEST_F(Batching, WhatIsWrongWithOneIsSaidAfterARerunToo) {
  const auto predictor = LoadBatching(std::string(kTwoOpenDims) + "fail_run 2 UNAVAILABLE out of luck\n", Batches(8));
  InferenceResponse held = Hold(predictor.get());
  float room[2] = {};
  InferenceRequest small = Request(x_);
  small.outputs.push_back({"y", room, sizeof room});
  Ending endings[2];
  MustAsk(predictor.get(), small, &endings[0]);
  MustAsk(predictor.get(), Request(x_), &endings[1]);
  held.Release();
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(endings[0].status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(endings[0].status), "output 'y' is FP32 [1,4] and takes 16 bytes; the room for it has 8");
  EXPECT_EQ(endings[1].status.code(), absl::StatusCode::kUnavailable);
}

TEST_F(Batching, AnswersGoIntoTheCallersRoom) {
  const auto predictor = LoadBatching(kAddOne, Batches(8));
  InferenceResponse held = Hold(predictor.get());
  const std::vector<float> two = Rows(2, 10);
  float room[9] = {};
  room[8] = -1;
  InferenceRequest with_room = Request(two);
  with_room.outputs.push_back({"y", room, 8 * sizeof(float)});
  float small_room[3] = {-1, -1, -1};
  InferenceRequest too_small = Request(x_);
  too_small.outputs.push_back({"y", small_room, sizeof small_room});
  Ending endings[3];
  MustAsk(predictor.get(), with_room, &endings[0]);
  MustAsk(predictor.get(), too_small, &endings[1]);
  MustAsk(predictor.get(), Request(x_), &endings[2]);
  held.Release();
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(endings[0].values, PlusOne(two));
  EXPECT_EQ(std::vector<float>(room, room + 8), PlusOne(two));
  EXPECT_EQ(room[8], -1);
  EXPECT_EQ(MessageOf(endings[1].status), "output 'y' is FP32 [1,4] and takes 16 bytes; the room for it has 12");
  EXPECT_THAT(small_room, ElementsAre(-1, -1, -1));
  EXPECT_THAT(endings[2].values, ElementsAre(2, 3, 4, 5));
  EXPECT_EQ(predictor->model()->statistics().failed, 1);
}

TEST_F(Batching, OnlyWhatIsAskedForIsAnswered) {
  constexpr char kTwo[] = "input x FP32 -1,4\ninput m FP32 -1,4\noutput y FP32 -1,4\noutput z FP32 -1,4\nop add 1\n";
  const auto predictor = LoadBatching(kTwo, Batches(8));
  const auto with = [&](const std::vector<float>& m, std::vector<std::string_view> outputs) {
    InferenceRequest request;
    request.inputs.push_back(Input(m, "m"));  // in another order than the model's
    request.inputs.push_back(Input(x_));
    for (const std::string_view name : outputs) request.outputs.push_back({name, nullptr, 0});
    return request;
  };
  const std::vector<float> m = Rows(1, 100);
  InferenceResponse held;
  ASSERT_TRUE(predictor->Infer(with(m, {}), &held).ok());
  Ending endings[3];
  MustAsk(predictor.get(), with(m, {"z"}), &endings[0]);
  MustAsk(predictor.get(), with(m, {}), &endings[1]);
  MustAsk(predictor.get(), with(m, {"z", "y"}), &endings[2]);
  held.Release();
  EXPECT_EQ(RunAll(), 1);
  EXPECT_THAT(endings[0].names, ElementsAre("z"));
  EXPECT_EQ(endings[0].values, PlusOne(m));
  EXPECT_THAT(endings[1].names, ElementsAre("y", "z"));
  EXPECT_EQ(endings[1].values, PlusOne(x_));
  // In the order that a request by itself has them.
  InferenceResponse alone;
  ASSERT_TRUE(predictor->Infer(with(m, {"z", "y"}), &alone).ok());
  std::vector<std::string> names;
  for (const InferenceOutput& output : alone.outputs()) names.emplace_back(output.name);
  EXPECT_EQ(endings[2].names, names);
}

TEST_F(Batching, GathersSegments) {
  const auto predictor = LoadBatching(kAddOne, Batches(8));
  InferenceResponse held = Hold(predictor.get());
  const std::vector<float> a = {1, 2, 3};
  const std::vector<float> b = {4};
  const auto segment = [](const std::vector<float>& part) {
    return Segment{reinterpret_cast<const std::byte*>(part.data()), part.size() * sizeof(float)};
  };
  InferenceRequest request;
  request.inputs.push_back({"x", DType::kF32, Shape{1, 4}, {segment(a), Segment{}, segment(b)}});
  Ending endings[2];
  MustAsk(predictor.get(), request, &endings[0]);
  MustAsk(predictor.get(), Request(x_), &endings[1]);
  held.Release();
  EXPECT_EQ(RunAll(), 1);
  EXPECT_THAT(endings[0].values, ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(endings[1].values, ElementsAre(2, 3, 4, 5));
}

TEST_F(Batching, ASynchronousRequestPassesItByUnlessItAsks) {
  const auto predictor = LoadBatching(kAddOne, Batches(8));
  InferenceResponse response;
  ASSERT_TRUE(predictor->Infer(Request(x_), &response).ok());
  EXPECT_THAT(predictor->model()->statistics().by_batch_size, IsEmpty());
  InferenceRequest request = Request(x_);
  request.batched = true;
  ASSERT_TRUE(predictor->Infer(request, &response).ok());  // on this thread: no other runs anything
  EXPECT_THAT(Values(response), ElementsAre(2, 3, 4, 5));
  const ModelStatistics statistics = predictor->model()->statistics();
  EXPECT_EQ(statistics.by_batch_size.at(1).runs, 1);
  EXPECT_EQ(ClosedBy(statistics, CloseReason::kEager), 1);
  EXPECT_EQ(statistics.rows, 2);
}

TEST_F(Batching, TheReasonOfABatchRunHereIsTrue) {
  const auto closed = [&](const BatchingOptions& batching, const std::vector<float>& rows) {
    const auto predictor = LoadBatching(kAddOne, batching);
    InferenceRequest request = Request(rows);
    request.batched = true;
    InferenceResponse response;
    EXPECT_TRUE(predictor->Infer(request, &response).ok());
    const ModelStatistics statistics = predictor->model()->statistics();
    for (size_t i = 0; i < kCloseReasonCount; ++i) {
      if (statistics.closed[i] > 0) return std::string(NameOf(static_cast<CloseReason>(i)));
    }
    return std::string("none");
  };
  BatchingOptions batching = Batches(2);
  EXPECT_EQ(closed(batching, Rows(1, 0)), "eager");
  EXPECT_EQ(closed(batching, Rows(2, 0)), "full");
  batching.eager = false;
  EXPECT_EQ(closed(batching, Rows(1, 0)), "delay");  // of none at all
}

TEST_F(Batching, SynchronousRequestsThatAskShareARun) {
  PredictorOptions options;
  options.batching = Batches(8);
  const auto predictor = LoadOn(&runtime_, kAddOne, options);
  InferenceResponse held = Hold(predictor.get());
  const ModelStatistics before = predictor->model()->statistics();
  const std::vector<float> inputs[] = {Rows(1, 10), Rows(2, 100), Rows(3, 1000)};
  std::vector<float> answers[3];
  absl::Status statuses[3];
  std::vector<std::thread> threads;
  for (size_t i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      InferenceRequest request = Request(inputs[i]);
      request.batched = true;
      InferenceResponse response;
      statuses[i] = predictor->Infer(request, &response);
      if (statuses[i].ok()) answers[i] = Values(response);
    });
  }
  while (predictor->model()->pool->queue_size() < 3) std::this_thread::yield();
  held.Release();
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(statuses[i].ok()) << statuses[i];
    EXPECT_EQ(answers[i], PlusOne(inputs[i]));
  }
  EXPECT_EQ(predictor->model()->statistics().runs - before.runs, 1);
}

TEST_F(Batching, ManyThreadsEachGetTheirOwnAnswer) {
  PredictorOptions options;
  options.batching = Batches(16, {2, 4, 16});
  options.batching->delay_max = microseconds(50);
  options.batching->eager = false;
  const auto predictor = LoadOn(&runtime_, kAddOne, options);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        const std::vector<float> x = Rows(static_cast<size_t>(1 + i % 3), static_cast<float>(t * 1000 + i));
        InferenceRequest request = Request(x);
        request.batched = true;
        InferenceResponse response;
        if (predictor->Infer(request, &response).ok() && Values(response) == PlusOne(x)) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 600);
  const ModelStatistics statistics = predictor->model()->statistics();
  EXPECT_EQ(statistics.requests, 600);
  EXPECT_EQ(statistics.rows, 6 * (34 * 1 + 33 * 2 + 33 * 3));
  EXPECT_LT(statistics.runs, 600);
}

TEST_F(Batching, InlineRunsOnlyWhatABatchWouldNotChange) {
  PredictorOptions options;
  options.limits.inline_us_max = 1'000'000;
  InferenceResponse response;
  const std::vector<float> two = Rows(2, 0);
  auto predictor = LoadBatching(kAddOne, Batches(8, {2, 8}), options);
  EXPECT_FALSE(predictor->InferIfShort(Request(x_), &response).has_value());  // it would be padded
  const auto status = predictor->InferIfShort(Request(two), &response);
  ASSERT_TRUE(status.has_value());
  EXPECT_TRUE(status->ok()) << *status;
  EXPECT_EQ(Values(response), PlusOne(two));
  EXPECT_EQ(predictor->model()->statistics().by_batch_size.at(2).runs, 1);
  response.Release();
  BatchingOptions patient = Batches(8);
  patient.eager = false;
  patient.delay_max = microseconds(1);
  predictor = LoadBatching(kAddOne, patient, options);
  EXPECT_FALSE(predictor->InferIfShort(Request(x_), &response).has_value());  // it would wait for others
  patient.eager = true;
  predictor = LoadBatching(kAddOne, patient, options);
  EXPECT_TRUE(predictor->InferIfShort(Request(x_), &response).has_value());
}

}  // namespace
}  // namespace oarlock

// Requests that share batches, from Predictor to the engine and back. No worker runs here: a test takes each step
// itself, and a response that is not released keeps the one execution busy while requests gather.
#include <gmock/gmock.h>

#include <atomic>
#include <cstring>
#include <random>
#include <thread>

#include "runtime/fake_model_test.h"
#include "runtime/predictor.h"

namespace oarlock {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

// Not warmed up, since two dims are open: the first run of a test is the engine's first.
constexpr char kTwoOpenDims[] = "input x FP32 -1,-1\noutput y FP32 -1,-1\nop add 1\n";
constexpr char kTexts[] = "input t BYTES -1\noutput u BYTES -1\n";

BatchingOptions Batches(int64_t max, std::vector<int64_t> buckets = {}) {
  BatchingOptions batching;
  batching.max_batch_size = max;
  batching.buckets = std::move(buckets);
  return batching;
}

// What came of one asynchronous request.
struct Ending {
  int times = 0;
  int place = 0;  // among those of its fixture
  absl::Status status;
  std::vector<float> values;
  std::vector<std::string> names;
  std::string bytes;
  CopyReport copies;
  bool holds_execution = false;
};

class Batching : public FakeModels {
 protected:
  std::shared_ptr<Predictor> LoadBatching(std::string_view script, const BatchingOptions& batching,
                                          PredictorOptions options = {}) {
    options.batching = batching;
    return LoadOn(&stepped_, script, std::move(options));
  }
  std::shared_ptr<Predictor> LoadOn(Runtime* runtime, std::string_view script, PredictorOptions options) {
    if (options.executions == 0) options.executions = 1;
    auto predictor = Predictor::Create(std::move(options), runtime);
    const absl::Status status = predictor->Load(Put("model.fake", script));
    EXPECT_TRUE(status.ok()) << status;
    return predictor;
  }
  absl::Status Refusal(std::string_view script, const BatchingOptions& batching) {
    PredictorOptions options;
    options.batching = batching;
    return Predictor::Create(std::move(options), &stepped_)->Load(Put("model.fake", script));
  }

  // Keeps the one execution until released.
  InferenceResponse Hold(Predictor* predictor) {
    InferenceResponse response;
    const absl::Status status = predictor->Infer(Request(x_), &response);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_TRUE(response.holds_execution());
    return response;
  }
  // Its ending stays where it is.
  absl::StatusOr<uint64_t> Ask(Predictor* predictor, InferenceRequest request, Ending* ending) {
    return predictor->InferAsync(std::move(request), [this, ending](absl::Status status, InferenceResponse response) {
      ++ending->times;
      ending->place = ++ended_;
      ending->copies = response.copies();
      ending->holds_execution = response.holds_execution();
      if (status.ok()) {
        for (const InferenceOutput& output : response.outputs()) ending->names.emplace_back(output.name);
        const TensorView& view = response.outputs()[0].view;
        ending->bytes.assign(reinterpret_cast<const char*>(view.data), view.size_bytes);
        if (view.dtype == DType::kF32) ending->values = Values(response);
      }
      ending->status = std::move(status);
    });
  }
  uint64_t MustAsk(Predictor* predictor, InferenceRequest request, Ending* ending) {
    const auto id = Ask(predictor, std::move(request), ending);
    EXPECT_TRUE(id.ok()) << id.status();
    return id.ok() ? *id : 0;
  }
  // Does all that can be done now; how much that was.
  int RunAll() {
    int count = 0;
    while (stepped_.scheduler()->RunOne()) ++count;
    return count;
  }
  static std::vector<float> Rows(size_t count, float first) {
    std::vector<float> values(count * 4);
    for (size_t i = 0; i < values.size(); ++i) values[i] = first + static_cast<float>(i);
    return values;
  }
  static std::vector<float> PlusOne(std::vector<float> values) {
    for (float& value : values) value += 1;
    return values;
  }
  static std::string Bytes(const std::vector<std::string>& elements) {
    std::string packed;
    for (const std::string& element : elements) EXPECT_TRUE(AppendBytesElement(element, &packed).ok());
    return packed;
  }
  static InferenceRequest Texts(const std::string& packed, int64_t count) {
    InferenceRequest request;
    request.inputs.push_back(RequestInput::Of(
        "t", {DType::kBytes, Shape{count}, reinterpret_cast<const std::byte*>(packed.data()), packed.size()}));
    return request;
  }
  static int64_t ClosedBy(const ModelStatistics& statistics, CloseReason reason) {
    return statistics.closed[static_cast<size_t>(reason)];
  }
  static int64_t Dropped(const ModelStatistics& statistics, DropReason reason) {
    return statistics.dropped[static_cast<size_t>(reason)];
  }

  const std::vector<float> x_ = {1, 2, 3, 4};
  Runtime stepped_{kEngines, 4, 0};
  int ended_ = 0;
};

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

TEST_F(Batching, WaitsForOthersAsLongAsAsked) {
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

TEST_F(Batching, EagerStartsNoSecondRunBesideOne) {
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

TEST_F(Batching, ABatchRunsAsSoonAsItIsFull) {
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

TEST_F(Batching, TheMostUrgentGoFirst) {
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

TEST_F(Batching, CancelTakesOneOutOfABatchUntilItIsTaken) {
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

TEST_F(Batching, WhatExpiresIsDroppedAndTheRestRuns) {
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

TEST_F(Batching, AFullQueueIsUnavailableAtOnce) {
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

TEST_F(Batching, LentMemoryIsReleasedWithEachAnswer) {
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

TEST_F(Batching, UnloadCancelsWhatWaitsAndRunsWhatWasTaken) {
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

TEST_F(Batching, StatisticsAddUp) {
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

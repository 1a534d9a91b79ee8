#include <atomic>
#include <thread>

#include "conformance.h"

namespace oarlock {
namespace {

using absl::StatusCode;

// Binds x, runs and compares: true if y is x + 1.
bool AddsOne(EngineExecution& execution, int64_t rows, float start) {
  const auto x = Counting<float>(static_cast<size_t>(rows) * 4, start);
  CopyReason reason;
  if (!execution.BindInput(0, ViewOf(x, {rows, 4}), &reason).ok()) return false;
  if (!execution.Run().ok()) return false;
  EngineOutput output;
  if (!execution.Output(0, &output).ok()) return false;
  const auto y = output.view.As<float>();
  const auto expected = Counting<float>(x.size(), start + 1);
  return output.view.shape == Shape{rows, 4} && std::equal(y.begin(), y.end(), expected.begin(), expected.end());
}

TEST_P(EngineConformance, ComputesEveryPort) {
  const auto execution = Make(Sample::kAddTwo);
  const std::vector<float> b = {0.5F, -1, 1e6F, 0};
  const std::vector<int64_t> a = {-7, 0, 2'000'000'000};
  CopyReason reason;
  ASSERT_TRUE(execution->BindInput(0, ViewOf(b, {1, 4}), &reason).ok());
  ExpectError(execution->Run(), StatusCode::kFailedPrecondition, {"bind every input"});
  ASSERT_TRUE(execution->BindInput(1, ViewOf(a, {3}), &reason).ok());
  ASSERT_TRUE(execution->Run().ok());
  EXPECT_EQ(ValuesOf<float>(*execution, 0), (std::vector<float>{1.5F, 0, 1000001, 1}));
  EXPECT_EQ(ValuesOf<int64_t>(*execution, 1), (std::vector<int64_t>{-6, 1, 2'000'000'001}));
}

TEST_P(EngineConformance, ThereIsNoOutputBeforeARun) {
  const auto execution = Make(Sample::kAddStatic);
  EngineOutput output;
  ExpectError(execution->Output(0, &output), StatusCode::kFailedPrecondition, {"'y'"});
  const auto x = Counting<float>(16);
  CopyReason reason;
  ASSERT_TRUE(execution->BindInput(0, ViewOf(x, {1, 16}), &reason).ok());
  ExpectError(execution->Output(0, &output), StatusCode::kFailedPrecondition, {"'y'"});
  ASSERT_TRUE(execution->Run().ok());
  EXPECT_TRUE(execution->Output(0, &output).ok());
  // Room bound after the run holds nothing yet.
  std::vector<float> room(16);
  ASSERT_TRUE(execution->BindOutput(0, DType::kF32, {1, 16}, room.data(), 64, &reason).ok());
  ExpectError(execution->Output(0, &output), StatusCode::kFailedPrecondition, {"'y'"});
}

TEST_P(EngineConformance, DynamicDimsMayChangeFromRunToRun) {
  const auto execution = Make(Sample::kAddDynamic);
  for (int64_t rows : {1, 7, 2, 33, 7, 1}) EXPECT_TRUE(AddsOne(*execution, rows, static_cast<float>(rows))) << rows;
}

TEST_P(EngineConformance, AnEmptyTensorIsATensor) {
  const auto execution = Make(Sample::kAddDynamic);
  CopyReason reason;
  ASSERT_TRUE(execution->BindInput(0, {DType::kF32, {0, 4}, nullptr, 0}, &reason).ok());
  ASSERT_TRUE(execution->Run().ok());
  EngineOutput output;
  ASSERT_TRUE(execution->Output(0, &output).ok());
  EXPECT_EQ(output.view.shape, (Shape{0, 4}));
  EXPECT_EQ(output.view.size_bytes, 0u);
  EXPECT_TRUE(AddsOne(*execution, 3, 0));
}

TEST_P(EngineConformance, ManyExecutionsRunAtOnce) {
  constexpr int kThreads = 4;
  EngineOptions options;
  options.executions = kThreads;
  const auto model = MustLoad(GetParam(), Files(Sample::kAddDynamic), options);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const auto execution = MustMake(model);
      for (int i = 0; i < 100; ++i) {
        if (!AddsOne(*execution, 1 + (i + t) % 5, static_cast<float>(t * 1000 + i))) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_P(EngineConformance, MoreExecutionsThanWereMeantWorkToo) {
  const auto model = Load(Sample::kAddDynamic);
  std::vector<std::unique_ptr<EngineExecution>> executions;
  for (int i = 0; i < 5; ++i) executions.push_back(MustMake(model));
  for (size_t i = 0; i < executions.size(); ++i) EXPECT_TRUE(AddsOne(*executions[i], 2, static_cast<float>(i)));
}

TEST_P(EngineConformance, AnExecutionMovesBetweenThreads) {
  const auto execution = Make(Sample::kAddDynamic);
  for (int i = 0; i < 10; ++i) {
    bool right = false;
    std::thread([&] { right = AddsOne(*execution, 2, static_cast<float>(i)); }).join();
    EXPECT_TRUE(right);
  }
}

TEST_P(EngineConformance, AnExecutionOutlivesEveryHandle) {
  auto files = std::make_unique<SampleFiles>(Files(Sample::kAddDynamic));
  auto model = MustLoad(GetParam(), *files);
  ASSERT_FALSE(model->keeps_source());
  files.reset();  // lent until load() returned
  const auto execution = MustMake(model);
  model.reset();
  EXPECT_TRUE(AddsOne(*execution, 3, 5));
}

TEST_P(EngineConformance, TwoModelsDoNotMix) {
  const auto one = Make(Sample::kAddDynamic);
  const auto two = Make(Sample::kAddTwo);
  EXPECT_TRUE(AddsOne(*one, 2, 1));
  const auto b = Counting<float>(4);
  const auto a = Counting<int64_t>(3);
  CopyReason reason;
  ASSERT_TRUE(two->BindInput(0, ViewOf(b, {1, 4}), &reason).ok());
  ASSERT_TRUE(two->BindInput(1, ViewOf(a, {3}), &reason).ok());
  ASSERT_TRUE(two->Run().ok());
  EXPECT_TRUE(AddsOne(*one, 3, 9));
  EXPECT_EQ(ValuesOf<int64_t>(*two, 1), Counting<int64_t>(3, 1));
}

TEST_P(EngineConformance, LoadingAndUnloadingAgainAndAgain) {
  for (int i = 0; i < 50; ++i) {
    const auto execution = Make(Sample::kAddDynamic);
    EXPECT_TRUE(AddsOne(*execution, 2, static_cast<float>(i)));
  }
}

TEST_P(EngineConformance, CancellingWhatDoesNotRunDoesNothing) {
  const auto execution = Make(Sample::kAddDynamic);
  EXPECT_FALSE(execution->Cancel());
  EXPECT_TRUE(AddsOne(*execution, 2, 1));
  EXPECT_FALSE(execution->Cancel());
  EXPECT_TRUE(AddsOne(*execution, 2, 2));
}

}  // namespace
}  // namespace oarlock

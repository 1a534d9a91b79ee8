#include "bench/comparison.h"

#include <gmock/gmock.h>

#include "base/status.h"

namespace oarlock {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Answers each block with `requests` requests of `us` microseconds, and notes when it was asked.
class ScriptedTarget : public Target {
 public:
  ScriptedTarget(std::string name, int64_t requests, std::vector<double> us, std::vector<std::string>* order)
      : name_(std::move(name)), requests_(requests), us_(std::move(us)), order_(order) {}
  std::string name() const override { return name_; }
  bool tells_latencies() const override { return tells_latencies_; }
  absl::StatusOr<BlockResult> Run(const Load& load) override {
    order_->push_back(name_);
    loads_.push_back(load);
    const double us = us_[(loads_.size() - 1) % us_.size()];
    BlockResult result;
    result.requests = requests_;
    result.elapsed = std::chrono::nanoseconds(static_cast<int64_t>(us * 1000 * static_cast<double>(requests_)));
    if (!load.sum_only) result.latencies_ns.assign(static_cast<size_t>(requests_), static_cast<int64_t>(us * 1000));
    result.batches = batches_;
    if (requests_ == 0) {
      result.errors = 2;
      result.first_error = "500 broken";
    }
    return result;
  }
  std::vector<Load> loads_;
  bool tells_latencies_ = true;
  std::optional<BatchCounts> batches_;

 private:
  const std::string name_;
  const int64_t requests_;
  const std::vector<double> us_;
  std::vector<std::string>* order_;
};

class CompareTest : public ::testing::Test {
 protected:
  ScriptedTarget* Add(std::string name, std::vector<double> us, int64_t requests = 10) {
    auto target = std::make_unique<ScriptedTarget>(std::move(name), requests, std::move(us), &order_);
    ScriptedTarget* raw = target.get();
    targets_.push_back(std::move(target));
    return raw;
  }
  absl::StatusOr<Comparison> Run(int rounds, std::chrono::milliseconds warm_up = std::chrono::milliseconds(0)) {
    Schedule schedule;
    schedule.rounds = rounds;
    schedule.warm_up = warm_up;
    schedule.load.seed = 7;
    schedule.load.duration = std::chrono::milliseconds(5);
    return Compare(targets_, schedule, [this](int block, int blocks) { progress_.emplace_back(block, blocks); });
  }

  std::vector<std::string> order_;
  std::vector<std::unique_ptr<Target>> targets_;
  std::vector<std::pair<int, int>> progress_;
};

TEST_F(CompareTest, TurnsTheOrderRoundInEachRound) {
  Add("a", {1});
  Add("b", {1});
  ASSERT_TRUE(Run(3).ok());
  EXPECT_THAT(order_, ElementsAre("a", "b", "b", "a", "a", "b"));
  EXPECT_EQ(progress_.front(), std::make_pair(1, 6));
  EXPECT_EQ(progress_.back(), std::make_pair(6, 6));
}

TEST_F(CompareTest, WarmsEachUpOnceAndKeepsNothingOfIt) {
  ScriptedTarget* a = Add("a", {1});
  Add("b", {1});
  const auto comparison = Run(1, std::chrono::milliseconds(3));
  ASSERT_TRUE(comparison.ok()) << comparison.status();
  EXPECT_THAT(order_, ElementsAre("a", "b", "a", "b"));
  EXPECT_EQ(a->loads_[0].duration, std::chrono::milliseconds(3));
  EXPECT_EQ(a->loads_[1].duration, std::chrono::milliseconds(5));
  EXPECT_EQ(comparison->measured[0].requests, 10);
}

TEST_F(CompareTest, GivesAllTargetsOfARoundTheSameSeedAndEachRoundItsOwn) {
  ScriptedTarget* a = Add("a", {1});
  ScriptedTarget* b = Add("b", {1});
  ASSERT_TRUE(Run(2).ok());
  EXPECT_EQ(a->loads_[0].seed, 7U);
  EXPECT_EQ(b->loads_[0].seed, 7U);
  EXPECT_EQ(a->loads_[1].seed, 8U);
  EXPECT_EQ(b->loads_[1].seed, 8U);
}

TEST_F(CompareTest, AddsUpTheBatchesOfAllBlocks) {
  Add("a", {1})->batches_ = BatchCounts{{{1, 2}, {4, 3}}, {{"full", 3}, {"eager", 2}}, 1};
  Add("b", {1});
  const auto comparison = Run(3);
  ASSERT_TRUE(comparison.ok()) << comparison.status();
  const auto& batches = comparison->measured[0].batches;
  ASSERT_TRUE(batches.has_value());
  EXPECT_THAT(batches->runs, ElementsAre(std::pair(1, 6), std::pair(4, 9)));
  EXPECT_THAT(batches->closed, ElementsAre(std::pair("eager", 6), std::pair("full", 9)));
  EXPECT_EQ(batches->padding_rows, 3);
  EXPECT_FALSE(comparison->measured[1].batches.has_value());
}

TEST_F(CompareTest, PairsBlocksOfTheSameRound) {
  // The machine is twice as slow in the second round, for both: the ratio does not see it.
  Add("ours", {3, 6, 3});
  Add("theirs", {2, 4, 2});
  const auto comparison = Run(3);
  ASSERT_TRUE(comparison.ok()) << comparison.status();
  ASSERT_EQ(comparison->versus.size(), 1U);
  const Versus& versus = comparison->versus[0];
  EXPECT_EQ(versus.ours, "ours");
  EXPECT_EQ(versus.theirs, "theirs");
  EXPECT_DOUBLE_EQ(versus.call_ratio.low, 1.5);
  EXPECT_DOUBLE_EQ(versus.call_ratio.high, 1.5);
  EXPECT_DOUBLE_EQ(versus.call_difference_us.median, 1);
  EXPECT_NEAR(versus.throughput_ratio.median, 2.0 / 3, 1e-12);
  EXPECT_DOUBLE_EQ(versus.p50_ratio->median, 1.5);
  EXPECT_DOUBLE_EQ(comparison->measured[0].call_us, 3);
  EXPECT_DOUBLE_EQ(comparison->measured[0].latency.max_us, 6);
}

TEST_F(CompareTest, AsksForNoLatenciesWhereOneTargetTellsNone) {
  ScriptedTarget* a = Add("a", {1});
  Add("b", {1})->tells_latencies_ = false;
  const auto comparison = Run(1);
  ASSERT_TRUE(comparison.ok()) << comparison.status();
  EXPECT_TRUE(a->loads_[0].sum_only);
  EXPECT_FALSE(comparison->versus[0].p50_ratio.has_value());
  EXPECT_EQ(comparison->measured[0].latency.count, 0);
}

TEST_F(CompareTest, RefusesABlockInWhichNothingWasAnswered) {
  Add("good", {1});
  Add("bad", {1}, 0);
  const auto comparison = Run(1);
  EXPECT_EQ(comparison.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(comparison.status().message()),
              HasSubstr("bad: no request of a block was answered; the first error: 500 broken"));
}

}  // namespace
}  // namespace oarlock

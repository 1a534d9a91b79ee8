// Who answers which request: shares, keys that stay, and what moves when weights change.
#include "runtime/router.h"

#include <gmock/gmock.h>

#include <atomic>
#include <barrier>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/status.h"

namespace oarlock {
namespace {

using ::testing::ElementsAre;

using Weights = std::map<int64_t, int64_t>;

constexpr int kKeys = 100'000;

std::string Key(int i) { return fmt::format("user-{}", i); }

std::vector<int64_t> PicksOf(const Weights& weights) {
  const Router router(weights);
  std::vector<int64_t> picks;
  for (int i = 0; i < kKeys; ++i) picks.push_back(router.Of(Key(i)));
  return picks;
}

double ShareOf(const Weights& weights, int64_t version) {
  double sum = 0;
  for (const auto& [each, weight] : weights) sum += static_cast<double>(weight);
  return static_cast<double>(weights.at(version)) / sum;
}

// Four standard deviations of drawing so many keys at random.
double Bound(double share) { return 4 * std::sqrt(kKeys * share * (1 - share)); }

const Weights kSkewed[] = {{{1, 1}, {2, 1}},         {{1, 90}, {2, 10}},          {{1, 999'999}, {2, 1}},
                           {{1, 1}, {2, 2}, {3, 4}}, {{3, 1000}, {7, 7}, {9, 1}}, {{1, 50}, {2, 0}, {3, 50}, {4, 1}}};

TEST(Router, TurnsAreWithinAFewOfEachShareAtAnyTime) {
  for (const Weights& weights : kSkewed) {
    const Router router(weights);
    std::map<int64_t, int> counts;
    for (int n = 1; n <= kKeys; ++n) {
      const int64_t picked = router.Next();
      ASSERT_GT(weights.at(picked), 0);
      ++counts[picked];
      for (const auto& [version, weight] : weights) {
        ASSERT_NEAR(counts[version], n * ShareOf(weights, version), 3.5) << "version " << version << " after " << n;
      }
    }
  }
}

TEST(Router, TurnsOfManyThreadsAreTurnsOfOne) {
  Weights weights;  // of so many that a turn which is lost or taken twice shows
  for (int64_t version = 1; version <= 50; ++version) weights[version] = version;
  const Router alone(weights);
  std::map<int64_t, int> expected;
  for (int i = 0; i < 4 * 200'000; ++i) ++expected[alone.Next()];
  const Router router(weights);
  std::map<int64_t, int> counts[4];
  std::vector<std::thread> threads;
  std::barrier start(4);
  for (auto& count : counts) {
    threads.emplace_back([&router, &count, &start] {
      start.arrive_and_wait();
      for (int i = 0; i < 200'000; ++i) ++count[router.Next()];
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::map<int64_t, int> sum;
  for (const auto& count : counts) {
    for (const auto& [version, n] : count) sum[version] += n;
  }
  EXPECT_EQ(sum, expected);
}

TEST(Router, KeysAreSharedOutByWeight) {
  for (const Weights& weights : kSkewed) {
    std::map<int64_t, int> counts;
    for (const int64_t version : PicksOf(weights)) ++counts[version];
    for (const auto& [version, weight] : weights) {
      const double share = ShareOf(weights, version);
      EXPECT_NEAR(counts[version], kKeys * share, weight == 0 ? 0 : std::max(4.0, Bound(share)))
          << "version " << version;
    }
  }
}

TEST(Router, ShortAndBinaryKeysAreSharedOutToo) {
  const Router router({{1, 1}, {2, 1}});
  int first = 0;
  for (int i = 0; i < 65'536; ++i) {
    const std::string key = {static_cast<char>(i >> 8), static_cast<char>(i)};
    first += router.Of(key) == 1 ? 1 : 0;
  }
  EXPECT_NEAR(first, 32'768, 4 * 128);
  std::set<int64_t> met;  // zeros count
  for (size_t size = 1; size <= 64; ++size) met.insert(router.Of(std::string(size, '\0')));
  EXPECT_THAT(met, ElementsAre(1, 2));
}

// Clients that were told where they belong must find it there after an update too: a change of these is a change for
// every one of them.
TEST(Router, AKeyHasItsVersionInEveryProcessAndRelease) {
  const Router even({{1, 1}, {2, 1}, {3, 1}});
  std::vector<int64_t> picks;
  for (const char* key : {"", "a", "b", "user-0", "user-1", "user-2", "user-3", "10.0.0.1", "Zürich"}) {
    picks.push_back(even.Of(key));
  }
  EXPECT_THAT(picks, ElementsAre(2, 3, 2, 1, 3, 2, 3, 3, 1));
  const Router skewed({{4, 1}, {10, 5}});
  picks.clear();
  for (int i = 0; i < 16; ++i) picks.push_back(skewed.Of(Key(i)));
  EXPECT_THAT(picks, ElementsAre(10, 10, 10, 10, 10, 10, 10, 10, 4, 10, 10, 10, 10, 10, 10, 10));
}

TEST(Router, AKeyStaysWhateverElseIsAsked) {
  const Weights weights = {{1, 2}, {2, 3}, {5, 1}};
  const Router one(weights);
  const Router other(weights);
  for (int i = 0; i < 1000; ++i) {
    other.Next();
    EXPECT_EQ(one.Of(Key(i)), other.Of(Key(i)));
    EXPECT_EQ(one.Of(Key(i)), one.Of(Key(i)));
  }
}

// From `before` to `after`, where only the weight of `version` differs: every key that moves goes to it, or leaves it.
void ExpectOnlyMovesOf(int64_t version, const Weights& before, const Weights& after) {
  const std::vector<int64_t> from = PicksOf(before);
  const std::vector<int64_t> to = PicksOf(after);
  const bool grows = after.at(version) > before.at(version);
  int moved = 0;
  for (int i = 0; i < kKeys; ++i) {
    const auto at = static_cast<size_t>(i);
    if (from[at] == to[at]) continue;
    ++moved;
    ASSERT_EQ(grows ? to[at] : from[at], version) << Key(i) << " went from " << from[at] << " to " << to[at];
  }
  // No more than must.
  const double difference = std::abs(ShareOf(after, version) - ShareOf(before, version));
  EXPECT_GT(difference, 0.01);
  EXPECT_NEAR(moved, kKeys * difference, Bound(difference));
}

TEST(Router, AWeightThatChangesMovesOnlyKeysOfItsVersion) {
  ExpectOnlyMovesOf(2, {{1, 1}, {2, 1}, {3, 1}}, {{1, 1}, {2, 2}, {3, 1}});
  ExpectOnlyMovesOf(2, {{1, 1}, {2, 2}, {3, 1}}, {{1, 1}, {2, 1}, {3, 1}});
  ExpectOnlyMovesOf(1, {{1, 95}, {2, 5}}, {{1, 50}, {2, 5}});
  ExpectOnlyMovesOf(3, {{1, 10}, {2, 90}, {3, 0}}, {{1, 10}, {2, 90}, {3, 25}});  // a version that comes
  ExpectOnlyMovesOf(1, {{1, 10}, {2, 45}, {3, 45}}, {{1, 0}, {2, 45}, {3, 45}});  // and one that goes
}

TEST(Router, OnlyProportionsCount) { EXPECT_EQ(PicksOf({{1, 1}, {2, 3}}), PicksOf({{1, 250'000}, {2, 750'000}})); }

TEST(Router, WeightZeroIsNeverPicked) {
  for (const Weights& weights : {Weights{{1, 0}, {2, 1}, {3, 0}}, Weights{{1, 0}, {2, 1}}, Weights{{2, 1}, {3, 0}}}) {
    const Router router(weights);
    for (int i = 0; i < 1000; ++i) {
      EXPECT_EQ(router.Next(), 2);
      EXPECT_EQ(router.Of(Key(i)), 2);
    }
  }
}

TEST(Sampler, IsExactOverEveryHundredAndEvenWithin) {
  for (int64_t percent = 0; percent <= 100; ++percent) {
    Sampler sampler(percent);
    int64_t yes = 0;
    for (int64_t n = 1; n <= 300; ++n) {
      yes += sampler.Next() ? 1 : 0;
      ASSERT_EQ(yes, n * percent / 100) << percent << " percent after " << n;
    }
  }
}

TEST(Sampler, ThreadsShareIt) {
  Sampler sampler(7);
  std::atomic<int> yes{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) yes += sampler.Next() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(yes, 280);
}

}  // namespace
}  // namespace oarlock

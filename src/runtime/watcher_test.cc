// What changes is taken over once it has been the same twice, and what is wrong is told once.
#include "runtime/watcher.h"

#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>
#include <set>

#include "runtime/repository_fixture_test.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class WatcherTest : public RepositoryTest {
 protected:
  // Its thread never looks: the test does.
  std::unique_ptr<Watcher> Watch(Watcher::Source source, const ModelsConfig& applied) {
    return std::make_unique<Watcher>(repository_.get(), std::move(source), applied, Limits(), std::chrono::hours(1),
                                     [this](LogLevel level, std::string_view line) {
                                       log_.emplace_back(line);
                                       levels_.insert(level);
                                     });
  }
  std::vector<std::string> TakeLog() { return std::exchange(log_, {}); }

  std::vector<std::string> log_;
  std::set<LogLevel> levels_;
};

TEST_F(WatcherTest, AppliesWhatItHasSeenTwice) {
  Put("m.fake", Add(1));
  const ModelsConfig config = Of({Model("m.fake")});
  MustApply(config);
  const auto watcher = Watch([&] { return config; }, config);
  watcher->Look();
  watcher->Look();
  EXPECT_THAT(TakeLog(), IsEmpty());
  PutNew("m.fake", Add(2));
  watcher->Look();
  EXPECT_EQ(Ask("m"), 1);
  PutNew("m.fake", Add(3));  // still under way
  watcher->Look();
  EXPECT_EQ(Ask("m"), 1);
  EXPECT_THAT(TakeLog(), IsEmpty());
  watcher->Look();
  EXPECT_EQ(Ask("m"), 3);
  EXPECT_THAT(TakeLog(),
              ElementsAre("model 'm': version 1 is served now", "model 'm': version 1 is not served any more"));
  watcher->Look();
  watcher->Look();
  EXPECT_THAT(TakeLog(), IsEmpty());
  EXPECT_THAT(levels_, ElementsAre(LogLevel::kInfo));
}

TEST_F(WatcherTest, FollowsItsConfiguration) {
  for (const int version : {1, 2}) Put(fmt::format("m/{}/net.fake", version), Add(version));
  Put("n.fake", Add(5));
  ModelsConfig config = Of({Routed("m", {{1, 1}, {2, 0}})});
  MustApply(config);
  const auto watcher = Watch([&] { return config; }, config);
  config = Of({Routed("m", {{2, 1}, {1, 0}}), Model("n.fake")});
  watcher->Look();
  EXPECT_EQ(Ask("m"), 1);
  watcher->Look();
  EXPECT_EQ(Ask("m"), 2);
  EXPECT_EQ(Ask("n"), 5);
  EXPECT_THAT(TakeLog(), ElementsAre("model 'm': its route has changed", "model 'n': version 1 is served now"));
}

TEST_F(WatcherTest, ABrokenFileIsToldOnceAndChangesNothing) {
  Put("m.fake", Add(1));
  constexpr char kGood[] = "schema: 1\nmodels:\n  - path: m.fake\n    executions: 1\n";
  const auto path = Put("models.yaml", kGood);
  const auto read = [path] { return ReadModelsConfig(path); };
  MustApply(*read());
  const auto watcher = Watch(read, *read());
  PutNew("m.fake", Add(2));
  Put("models.yaml", "schema: 1\nmodels:\n  - path: m.fake\n    execution: 1\n");
  for (int i = 0; i < 4; ++i) watcher->Look();
  const std::string told =
      fmt::format("nothing is changed: {}:4:5: unknown key 'execution'; did you mean 'executions'?", path.string());
  EXPECT_THAT(TakeLog(), ElementsAre(told));
  EXPECT_EQ(Ask("m"), 1);
  Put("models.yaml", "schema: 1\nmodels: {}\n");  // broken otherwise
  watcher->Look();
  watcher->Look();
  EXPECT_THAT(TakeLog(), ElementsAre(fmt::format("nothing is changed: {}:2:9: 'models' is a mapping; it must be a list",
                                                 path.string())));
  Put("models.yaml", kGood);
  EXPECT_THAT(levels_, ElementsAre(LogLevel::kError));
  watcher->Look();
  watcher->Look();
  EXPECT_EQ(Ask("m"), 2);
  EXPECT_EQ(TakeLog().size(), 2u);
  // The same again is news again.
  Put("models.yaml", "schema: 1\nmodels: {}\n");
  watcher->Look();
  watcher->Look();
  EXPECT_EQ(TakeLog().size(), 1u);
}

TEST_F(WatcherTest, WhatFailsIsToldOnceAndTriedAgainWhenItChanges) {
  Put("m.fake", Add(1));
  const ModelsConfig config = Of({Model("m.fake")});
  MustApply(config);
  const auto watcher = Watch([&] { return config; }, config);
  PutNew("m.fake", Add(2) + "fail_load UNAVAILABLE not now\n");
  for (int i = 0; i < 5; ++i) watcher->Look();
  const std::vector<std::string> log = TakeLog();
  ASSERT_EQ(log.size(), 1u);
  EXPECT_THAT(log[0], ::testing::StartsWith("what failed stays as it was: "));
  EXPECT_THAT(log[0], HasSubstr("not now"));
  EXPECT_EQ(Ask("m"), 1);
  PutNew("m.fake", Add(3));
  watcher->Look();
  watcher->Look();
  EXPECT_EQ(Ask("m"), 3);
}

TEST_F(WatcherTest, SettingsOfTheServerAreLeftToAStart) {
  Put("m.fake", Add(1));
  ModelsConfig config = Of({Model("m.fake")});
  MustApply(config);
  const auto watcher = Watch([&] { return config; }, config);
  config.http_threads = 7;
  for (int i = 0; i < 4; ++i) watcher->Look();
  EXPECT_THAT(TakeLog(),
              ElementsAre("settings other than `models` have changed; they are taken over at the next start"));
  // Once, whatever else changes.
  PutNew("m.fake", Add(2));
  watcher->Look();
  watcher->Look();
  EXPECT_THAT(TakeLog(),
              ElementsAre("model 'm': version 1 is served now", "model 'm': version 1 is not served any more"));
}

TEST_F(WatcherTest, LooksByItself) {
  Put("m.fake", Add(1));
  const ModelsConfig config = Of({Model("m.fake")});
  MustApply(config);
  std::mutex mutex;
  std::condition_variable changed;
  int lines = 0;
  const Watcher watcher(
      repository_.get(), [&] { return config; }, config, Limits(), milliseconds(1),
      [&](LogLevel, std::string_view) {
        const std::lock_guard lock(mutex);
        ++lines;
        changed.notify_all();
      });
  PutNew("m.fake", Add(2));
  std::unique_lock lock(mutex);
  ASSERT_TRUE(changed.wait_for(lock, kLong, [&] { return lines >= 2; }));
  lock.unlock();
  EXPECT_EQ(Ask("m"), 2);
}

}  // namespace
}  // namespace oarlock

// Models that are taken out of what is served, and put back, while it is served.
#include <gmock/gmock.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "runtime/repository_fixture_test.h"
#include "runtime/watcher.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class UnloadTest : public RepositoryTest {
 protected:
  void MustUnload(std::string_view name) {
    const absl::Status status = repository_->Unload(name);
    ASSERT_TRUE(status.ok()) << status;
  }
  void MustLoad(std::string_view name, const ModelsConfig& config) {
    const absl::Status status = repository_->Load(name, config);
    ASSERT_TRUE(status.ok()) << status;
  }
  // "m 1 READY", "n - UNAVAILABLE unloaded".
  std::vector<std::string> States() {
    std::vector<std::string> lines;
    for (const VersionState& state : repository_->States()) {
      lines.push_back(fmt::format("{} {} {}{}{}", state.model, state.version ? fmt::format("{}", *state.version) : "-",
                                  NameOf(state.state), state.reason.empty() ? "" : " ", state.reason));
    }
    return lines;
  }
};

TEST_F(UnloadTest, AModelGoesAndComesBack) {
  Put("m.fake", Add(1));
  Put("n.fake", Add(2));
  const ModelsConfig config = Of({Model("m.fake"), Model("n.fake")});
  MustApply(config);
  const auto n = PredictorOf("n");
  std::vector<std::string> changes;
  ASSERT_TRUE(repository_->Unload("m", &changes).ok());
  EXPECT_THAT(changes, ElementsAre("model 'm': version 1 is not served any more"));
  EXPECT_THAT(repository_->Names(), ElementsAre("n"));
  EXPECT_EQ(repository_->Pick("m", {}, {}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(repository_->WaitUntilRetired(kLong));
  EXPECT_THAT(States(), ElementsAre("m 1 UNAVAILABLE unloaded", "n 1 READY"));
  MustUnload("m");  // which it is already
  changes.clear();
  ASSERT_TRUE(repository_->Load("m", config, nullptr, &changes).ok());
  EXPECT_THAT(changes, ElementsAre("model 'm': version 1 is served now"));
  EXPECT_EQ(Ask("m"), 1);
  EXPECT_EQ(PredictorOf("n"), n);
  EXPECT_THAT(States(), ElementsAre("m 1 READY", "n 1 READY"));
}

TEST_F(UnloadTest, WhatIsUnloadedStaysOutWhateverIsApplied) {
  Put("m.fake", Add(1));
  Put("n.fake", Add(2));
  const ModelsConfig both = Of({Model("m.fake"), Model("n.fake")});
  MustApply(both);
  MustUnload("m");
  MustApply(both);
  PutNew("m.fake", Add(3));
  MustApply(both);
  EXPECT_THAT(repository_->Names(), ElementsAre("n"));
  MustApply(Of({Model("n.fake")}));  // and comes again: to be configured is not to be asked for
  MustApply(both);
  EXPECT_THAT(repository_->Names(), ElementsAre("n"));
  EXPECT_TRUE(repository_->WaitUntilRetired(kLong));
  EXPECT_THAT(States(), ElementsAre("m 1 UNAVAILABLE unloaded", "n 1 READY"));
  MustLoad("m", both);
  EXPECT_EQ(Ask("m"), 3);
  PutNew("m.fake", Add(4));  // from here on it is one like others
  MustApply(both);
  EXPECT_EQ(Ask("m"), 4);
}

TEST_F(UnloadTest, AWatcherLeavesItAlone) {
  Put("m.fake", Add(1));
  const ModelsConfig config = Of({Model("m.fake")});
  MustApply(config);
  std::vector<std::string> log;
  Watcher watcher(
      repository_.get(), [&] { return config; }, config, Limits(), std::chrono::hours(1),
      [&](LogLevel, std::string_view line) { log.emplace_back(line); });
  MustUnload("m");
  PutNew("m.fake", Add(2));
  for (int i = 0; i < 4; ++i) watcher.Look();
  EXPECT_THAT(repository_->Names(), IsEmpty());
  EXPECT_THAT(log, IsEmpty());
  MustLoad("m", config);
  const auto loaded = PredictorOf("m");
  PutNew("m.fake", Add(2));  // so that it looks again
  for (int i = 0; i < 4; ++i) watcher.Look();
  EXPECT_NE(PredictorOf("m"), loaded);
  const auto again = PredictorOf("m");
  MustLoad("m", config);  // the same in turn: what the watcher has loaded is not loaded once more
  EXPECT_EQ(PredictorOf("m"), again);
}

TEST_F(UnloadTest, LoadTouchesThatModelOnly) {
  Put("m.fake", Add(1));
  Put("n.fake", Add(2));
  const ModelsConfig config = Of({Model("m.fake"), Model("n.fake")});
  MustApply(config);
  PutNew("m.fake", Add(3));
  PutNew("n.fake", Add(4));
  MustLoad("m", config);
  EXPECT_EQ(Ask("m"), 3);
  EXPECT_EQ(Ask("n"), 2);
  // One that the configuration has got since.
  Put("o.fake", Add(5));
  MustLoad("o", Of({Model("m.fake"), Model("o.fake")}));
  EXPECT_EQ(Ask("o"), 5);
  EXPECT_THAT(repository_->Names(), ElementsAre("m", "n", "o"));
}

TEST_F(UnloadTest, UnknownNamesAreNotFoundAndNamesAreLookedUpWhole) {
  Put("model.fake", Add(1));
  const ModelsConfig config = Of({Model("model.fake")});
  MustApply(config);
  for (const std::string_view name : {"modle", "", "..", "model.fake", "/model", "model/1"}) {
    const absl::Status unload = repository_->Unload(name);
    EXPECT_EQ(unload.code(), absl::StatusCode::kNotFound) << name;
    EXPECT_THAT(std::string(MessageOf(unload)), HasSubstr(fmt::format("no model '{}' is configured", name)));
    EXPECT_EQ(repository_->Load(name, config).code(), absl::StatusCode::kNotFound) << name;
  }
  EXPECT_EQ(MessageOf(repository_->Load("modle", config)), "no model 'modle' is configured; did you mean 'model'?");
  EXPECT_THAT(repository_->Names(), ElementsAre("model"));
}

TEST_F(UnloadTest, AFailedLoadLeavesThingsAsTheyWere) {
  Put("m.fake", Add(1));
  const ModelsConfig config = Of({Model("m.fake")});
  MustApply(config);
  PutNew("m.fake", Add(2) + "fail_load UNAVAILABLE not now\n");
  EXPECT_EQ(repository_->Load("m", config).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Ask("m"), 1);
  EXPECT_THAT(States(), ElementsAre("m 1 READY"));
  MustUnload("m");
  EXPECT_TRUE(repository_->WaitUntilRetired(kLong));
  EXPECT_EQ(repository_->Load("m", config).code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(States(), ElementsAre("m 1 UNAVAILABLE unloaded; failed to load (UNAVAILABLE)"));
  PutNew("m.fake", Add(3));
  MustApply(config);  // it is still out
  EXPECT_THAT(repository_->Names(), IsEmpty());
  MustLoad("m", config);
  EXPECT_EQ(Ask("m"), 3);
}

TEST_F(UnloadTest, WhatFailsToLoadIsListedAndCanBeUnloaded) {
  Put("m.fake", Add(1) + "fail_load DATA_LOSS torn\n");
  Put("n.fake", Add(2));
  const ModelsConfig config = Of({Model("m.fake"), Model("n.fake")});
  EXPECT_EQ(repository_->Apply(config).code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(States(), ElementsAre("m - UNAVAILABLE failed to load (DATA_LOSS)", "n 1 READY"));
  MustUnload("m");
  EXPECT_THAT(States(), ElementsAre("m - UNAVAILABLE unloaded", "n 1 READY"));
  PutNew("m.fake", Add(1));
  MustApply(config);
  EXPECT_THAT(repository_->Names(), ElementsAre("n"));
  MustApply(Of({Model("n.fake")}));
  MustLoad("m", config);
  EXPECT_EQ(Ask("m"), 1);
  // What fails, and is configured no more, is not listed.
  Put("o.fake", "nonsense\n");
  EXPECT_FALSE(repository_->Apply(Of({Model("n.fake"), Model("o.fake")})).ok());
  EXPECT_THAT(States(), ElementsAre("n 1 READY", "o - UNAVAILABLE failed to load (INVALID_ARGUMENT)"));
  MustApply(Of({Model("n.fake")}));
  EXPECT_THAT(States(), ElementsAre("n 1 READY"));
}

TEST_F(UnloadTest, RequestsUnderWayAreAnsweredFirst) {
  for (const int version : {1, 2}) Put(fmt::format("m/{}/net.fake", version), Add(version));
  ModelConfig model = Model("m");
  model.all_versions = true;
  MustApply(Of({model}));
  std::optional<RoutedPredictor> picked = *repository_->Pick("m", 2, {});
  MustUnload("m");
  EXPECT_EQ(Asked(*picked), 2);
  std::vector<float> answer;
  const std::vector<float> x = {1, 2, 3, 4};
  ASSERT_TRUE(picked
                  ->InferAsync(Request(x),
                               [&answer](const absl::Status& status, const InferenceResponse& response) {
                                 EXPECT_TRUE(status.ok()) << status;
                                 if (status.ok()) answer = Values(response);
                               })
                  .ok());
  picked.reset();
  EXPECT_FALSE(repository_->WaitUntilRetired(milliseconds(20)));
  EXPECT_THAT(States(), ElementsAre("m 1 UNAVAILABLE unloaded", "m 2 UNLOADING unloaded"));
  EXPECT_EQ(RunAll(), 1);
  EXPECT_THAT(answer, ElementsAre(3, 4, 5, 6));
  EXPECT_TRUE(repository_->WaitUntilRetired(kLong));
  EXPECT_THAT(States(), ElementsAre("m 1 UNAVAILABLE unloaded", "m 2 UNAVAILABLE unloaded"));
}

TEST_F(UnloadTest, ARouteThatWasSetEndsWithTheModel) {
  for (const int version : {1, 2}) Put(fmt::format("m/{}/net.fake", version), Add(version));
  const ModelsConfig config = Of({Routed("m", {{1, 1}, {2, 0}})});
  MustApply(config);
  RouteOptions route;
  route.weights = {{2, 1}};
  std::vector<std::string> changes;
  ASSERT_TRUE(repository_->SetRoute("m", route, &changes).ok());
  EXPECT_THAT(changes, ElementsAre("model 'm': its route has changed"));
  MustLoad("m", config);
  EXPECT_EQ(Ask("m"), 2);  // served all the while: as Apply() would
  MustUnload("m");
  EXPECT_EQ(repository_->SetRoute("m", route).code(), absl::StatusCode::kNotFound);
  MustLoad("m", config);
  EXPECT_EQ(Ask("m"), 1);
}

TEST_F(UnloadTest, StatesAreToldWhileAModelLoads) {
  Put("m.fake", Add(1));
  const ModelsConfig config = Of({Model("m.fake")});
  MustApply(config);
  MustUnload("m");
  EXPECT_TRUE(repository_->WaitUntilRetired(kLong));
  std::vector<std::string> states;
  const auto note = [&](const fs::path&, std::string_view phase) {
    if (phase == "compile") states = States();
  };
  ASSERT_TRUE(repository_->Load("m", config, note).ok());
  EXPECT_THAT(states, ElementsAre("m - LOADING"));
  EXPECT_THAT(States(), ElementsAre("m 1 READY"));
  states.clear();
  repository_ = std::make_unique<Repository>(&stepped_, Limits());
  ASSERT_TRUE(repository_->Apply(config, note).ok());
  EXPECT_THAT(states, ElementsAre("m - LOADING"));
}

TEST_F(UnloadTest, RequestsAtTheSameTimeGetAnAnswerOrNotFound) {
  Put("m.fake", Add(1));
  Put("n.fake", Add(7));
  ModelConfig m = Model("m.fake");
  ModelConfig n = Model("n.fake");
  m.executions = n.executions = 4;
  const ModelsConfig config = Of({m, n});
  MustApply(config);
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!stop) {
        const auto picked = repository_->Pick("m", {}, {});
        if (picked.ok() ? Asked(*picked) != 1 : !absl::IsNotFound(picked.status())) ++wrong;
        if (picked.ok()) ++answered;
        const auto other = repository_->Pick("n", {}, {});
        if (!other.ok() || Asked(*other) != 7) ++wrong;
        (void)repository_->States();
      }
    });
  }
  threads.emplace_back([&] {
    while (!stop) {
      if (!repository_->Apply(config).ok()) ++wrong;
    }
  });
  const auto until = std::chrono::steady_clock::now() + kLong;
  for (int i = 0; (i < 60 || answered < 60) && std::chrono::steady_clock::now() < until; ++i) {
    EXPECT_TRUE(repository_->Unload("m").ok());
    EXPECT_THAT(repository_->Names(), Not(testing::Contains("m")));
    EXPECT_TRUE(repository_->Load("m", config).ok());
    EXPECT_EQ(Ask("m"), 1);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GE(answered, 60);
  EXPECT_TRUE(repository_->WaitUntilRetired(kLong));
}

}  // namespace
}  // namespace oarlock

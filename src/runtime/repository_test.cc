// What a server serves: models by name, their versions and routes, and how all that changes while it serves. Shadows:
// shadow_test.cc.
#include "runtime/repository.h"

#include <gmock/gmock.h>

#include <atomic>
#include <set>
#include <thread>

#include "runtime/repository_fixture_test.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(RepositoryTest, ServesWhatItIsTold) {
  Put("one.fake", Add(1));
  Put("two/net.fake", Add(2));
  ModelConfig named = Model("one.fake");
  named.name = "again";
  std::vector<std::string> changes;
  ASSERT_TRUE(repository_->Apply(Of({Model("one.fake"), Model("two"), named}), nullptr, &changes).ok());
  EXPECT_THAT(repository_->Names(), ElementsAre("again", "one", "two"));
  EXPECT_EQ(Ask("one"), 1);
  EXPECT_EQ(Ask("two"), 2);
  EXPECT_EQ(Ask("again"), 1);
  EXPECT_EQ(PredictorOf("two")->model()->name, "two");
  EXPECT_EQ(PredictorOf("two")->model()->version, 1);
  EXPECT_THAT(changes, ElementsAre("model 'again': version 1 is served now", "model 'one': version 1 is served now",
                                   "model 'two': version 1 is served now"));
  const auto unknown = repository_->Pick("tow", {}, {});
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(MessageOf(unknown.status()), "no model 'tow' is served; did you mean 'two'?");
}

TEST_F(RepositoryTest, WhatHasNotChangedIsNotLoadedAgain) {
  Put("one.fake", Add(1));
  Put("two/1/net.fake", Add(2));
  const ModelsConfig config = Of({Model("one.fake"), Routed("two", {{1, 1}})});
  MustApply(config);
  const auto one = *repository_->Model("one");
  const auto two = *repository_->Model("two");
  std::vector<std::string> phases;
  std::vector<std::string> changes;
  const auto note = [&](const fs::path& model, std::string_view phase) {
    phases.push_back(fmt::format("{} {}", model.filename().string(), phase));
  };
  ASSERT_TRUE(repository_->Apply(config, note, &changes).ok());
  EXPECT_THAT(phases, IsEmpty());
  EXPECT_THAT(changes, IsEmpty());
  EXPECT_EQ(*repository_->Model("one"), one);
  EXPECT_EQ(*repository_->Model("two"), two);
  PutNew("one.fake", Add(3));
  ASSERT_TRUE(repository_->Apply(config, note, &changes).ok());
  EXPECT_THAT(phases, ElementsAre("one.fake read", "one.fake compile", "one.fake warm up"));
  EXPECT_THAT(changes,
              ElementsAre("model 'one': version 1 is served now", "model 'one': version 1 is not served any more"));
  EXPECT_EQ(Ask("one"), 3);
  EXPECT_EQ(*repository_->Model("two"), two);
}

TEST_F(RepositoryTest, OtherSettingsLoadAnew) {
  Put("one.fake", Add(1));
  Put("two.fake", Add(2));
  MustApply(Of({Model("one.fake"), Model("two.fake")}));
  const auto one = PredictorOf("one");
  const auto two = PredictorOf("two");
  ModelConfig changed = Model("one.fake");
  changed.executions = 2;
  MustApply(Of({changed, Model("two.fake")}));
  EXPECT_NE(PredictorOf("one"), one);
  EXPECT_EQ(PredictorOf("one")->model()->pool->size(), 2u);
  EXPECT_EQ(PredictorOf("two"), two);
  changed.batching.emplace().max_batch_size = 4;
  const auto before = PredictorOf("one");
  MustApply(Of({changed, Model("two.fake")}));
  EXPECT_NE(PredictorOf("one"), before);
  EXPECT_EQ(PredictorOf("one")->model()->pool->batching().max_batch_size, 4);
}

TEST_F(RepositoryTest, WhatIsNotToldAnyMoreIsGone) {
  Put("one.fake", Add(1));
  Put("two.fake", Add(2));
  MustApply(Of({Model("one.fake"), Model("two.fake")}));
  std::vector<std::string> changes;
  ASSERT_TRUE(repository_->Apply(Of({Model("two.fake")}), nullptr, &changes).ok());
  EXPECT_THAT(changes, ElementsAre("model 'one': version 1 is not served any more"));
  EXPECT_THAT(repository_->Names(), ElementsAre("two"));
  EXPECT_EQ(repository_->Pick("one", {}, {}).status().code(), absl::StatusCode::kNotFound);
  MustApply(Of({}));
  EXPECT_THAT(repository_->Names(), IsEmpty());
}

TEST_F(RepositoryTest, AFailedLoadChangesNothingOfThatModelAndNamesIt) {
  Put("one.fake", Add(1));
  Put("two/1/net.fake", Add(2));
  ModelConfig two = Model("two");
  two.all_versions = true;
  MustApply(Of({Model("one.fake"), two}));
  const auto before = *repository_->Model("two");
  PutNew("one.fake", Add(3));
  PutNew("two/1/net.fake", Add(4));
  Put("two/2/net.fake", Add(5) + "fail_load RESOURCE_EXHAUSTED no room for it\n");
  Put("three.fake", "nonsense\n");
  const absl::Status status = repository_->Apply(Of({Model("one.fake"), two, Model("three.fake"), Model("none")}));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);  // of the first
  const std::string message(MessageOf(status));
  EXPECT_THAT(message, HasSubstr((root_ / "two/2/net.fake").string()));
  EXPECT_THAT(message, HasSubstr("no room for it; "));
  EXPECT_THAT(message, HasSubstr((root_ / "three.fake").string()));
  EXPECT_THAT(message, HasSubstr((root_ / "none").string()));
  EXPECT_EQ(Ask("one"), 3);  // the others change
  EXPECT_EQ(*repository_->Model("two"), before);
  EXPECT_EQ(Ask("two"), 2);
  EXPECT_THAT(repository_->Names(), ElementsAre("one", "two"));
  // Once it is well, it is taken.
  PutNew("two/2/net.fake", Add(5));
  MustApply(Of({Model("one.fake"), two}));
  EXPECT_EQ(Ask("two", 1), 4);
  EXPECT_EQ(Ask("two"), 5);
}

// Replacing a file by removing it first is not a wish to serve it no more.
TEST_F(RepositoryTest, AModelWhoseFileIsGoneStaysUnderItsName) {
  Put("m.fake", Add(1));
  Put("d/net.fake", Add(2));
  const ModelsConfig config = Of({Model("m.fake"), Model("d")});
  MustApply(config);
  fs::remove(root_ / "m.fake");
  fs::remove_all(root_ / "d");
  const absl::Status status = repository_->Apply(config);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(MessageOf(status)), HasSubstr((root_ / "m.fake").string()));
  EXPECT_THAT(repository_->Names(), ElementsAre("d", "m"));
  EXPECT_EQ(Ask("m"), 1);
  EXPECT_EQ(Ask("d"), 2);
  Put("m.fake", Add(3));
  Put("d/net.fake", Add(4));
  MustApply(config);
  EXPECT_EQ(Ask("m"), 3);
  EXPECT_EQ(Ask("d"), 4);
}

TEST_F(RepositoryTest, TwoModelsOfOneNameChangeNothing) {
  Put("one.fake", Add(1));
  Put("two.fake", Add(2));
  MustApply(Of({Model("one.fake")}));
  ModelConfig same = Model("two.fake");
  same.name = "one";
  PutNew("one.fake", Add(3));
  const absl::Status status = repository_->Apply(Of({Model("two.fake"), Model("one.fake"), same}));
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(MessageOf(status), "two models are called 'one'; give one of them another `name`");
  EXPECT_THAT(repository_->Names(), ElementsAre("one"));
  EXPECT_EQ(Ask("one"), 1);
}

TEST_F(RepositoryTest, OfVersionsTheHighestIsServedOrEach) {
  for (const int version : {1, 2, 10}) Put(fmt::format("m/{}/net.fake", version), Add(version));
  MustApply(Of({Model("m")}));
  EXPECT_THAT(VersionsOf("m"), ElementsAre(10));
  EXPECT_EQ(Ask("m"), 10);
  const auto ten = PredictorOf("m");
  const auto missing = repository_->Pick("m", 2, {});
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(MessageOf(missing.status()), "model 'm' has no version 2; it has 10");
  ModelConfig all = Model("m");
  all.all_versions = true;
  MustApply(Of({all}));
  EXPECT_THAT(VersionsOf("m"), ElementsAre(1, 2, 10));
  EXPECT_EQ(PredictorOf("m", 10), ten);  // loaded already
  for (const uint64_t version : {1, 2, 10}) {
    EXPECT_EQ(Ask("m", version), static_cast<int>(version));
    EXPECT_EQ(PredictorOf("m", version)->model()->version, static_cast<int64_t>(version));
    EXPECT_EQ(PredictorOf("m", version)->model()->name, "m");
  }
  EXPECT_EQ(Ask("m"), 10);
  for (const uint64_t version : {uint64_t{0}, uint64_t{3}, UINT64_MAX}) {
    EXPECT_EQ(MessageOf(repository_->Pick("m", version, {}).status()),
              fmt::format("model 'm' has no version {}; it has 1, 2, 10", version));
  }
  // A version that comes, and one that goes.
  Put("m/11/net.fake", Add(11));
  fs::remove_all(root_ / "m/1");
  std::vector<std::string> changes;
  ASSERT_TRUE(repository_->Apply(Of({all}), nullptr, &changes).ok());
  EXPECT_THAT(changes,
              ElementsAre("model 'm': version 11 is served now", "model 'm': version 1 is not served any more"));
  EXPECT_EQ(Ask("m"), 11);
}

TEST_F(RepositoryTest, RequestsAreSharedOutByWeight) {
  for (const int version : {1, 2, 3, 4}) Put(fmt::format("m/{}/net.fake", version), Add(version));
  MustApply(Of({Routed("m", {{1, 3}, {2, 1}, {4, 0}})}));
  EXPECT_THAT(VersionsOf("m"), ElementsAre(1, 2, 4));  // those that the route names
  std::map<int, int> counts;
  for (int i = 0; i < 400; ++i) ++counts[Ask("m")];
  EXPECT_NEAR(counts[1], 300, 3);
  EXPECT_NEAR(counts[2], 100, 3);
  EXPECT_EQ(counts[1] + counts[2], 400);
  EXPECT_EQ(Ask("m", 4), 4);  // to those who ask for it
}

TEST_F(RepositoryTest, ARouteToAVersionThatThereIsNotIsRefused) {
  Put("m/1/net.fake", Add(1));
  Put("m/2/net.fake", Add(2));
  MustApply(Of({Model("m")}));
  for (const bool all : {false, true}) {
    ModelConfig model = Routed("m", {{1, 1}, {3, 1}});
    model.all_versions = all;
    const absl::Status status = repository_->Apply(Of({model}));
    EXPECT_EQ(status.code(), all ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kNotFound);
    EXPECT_EQ(MessageOf(status),
              all ? "the route of model 'm' names version 3; there is 1, 2"
                  : fmt::format("'{}' has no version 3, which its route names; it has 1, 2", (root_ / "m").string()));
    EXPECT_THAT(VersionsOf("m"), ElementsAre(2));
    EXPECT_EQ(Ask("m"), 2);
  }
}

TEST_F(RepositoryTest, AKeyAlwaysGetsTheSameVersion) {
  for (const int version : {1, 2}) Put(fmt::format("m/{}/net.fake", version), Add(version));
  const ModelsConfig config = Of({Routed("m", {{1, 1}, {2, 1}})});
  MustApply(config);
  std::map<std::string, int> first;
  std::set<int> met;
  for (int i = 0; i < 50; ++i) {
    const std::string key = fmt::format("user-{}", i);
    met.insert(first[key] = Ask("m", {}, key));
  }
  EXPECT_THAT(met, ElementsAre(1, 2));
  repository_ = std::make_unique<Repository>(&stepped_, Limits());
  MustApply(config);
  for (const auto& [key, version] : first) {
    Ask("m");  // others in between change nothing
    EXPECT_EQ(Ask("m", {}, key), version) << key;
  }
  // A pin goes before a key.
  EXPECT_EQ(Ask("m", 1, "user-0"), 1);
  EXPECT_EQ(Ask("m", 2, "user-0"), 2);
}

TEST_F(RepositoryTest, TheGreatestWeightSpeaksForTheModel) {
  for (const int version : {1, 2, 3}) Put(fmt::format("m/{}/net.fake", version), Add(version));
  const auto speaker = [&](std::map<int64_t, int64_t> weights, std::map<int64_t, int64_t> shadows = {}) {
    ModelConfig model = Routed("m", std::move(weights), std::move(shadows));
    model.all_versions = true;
    MustApply(Of({model}));
    return PredictorOf("m")->model()->version;
  };
  EXPECT_EQ(speaker({}), 3);
  EXPECT_EQ(speaker({{1, 2}, {2, 1}, {3, 0}}), 1);
  EXPECT_EQ(speaker({{1, 2}, {2, 2}, {3, 1}}), 2);  // the highest of them
  EXPECT_EQ(speaker({}, {{3, 50}}), 2);             // a shadow answers nobody
  EXPECT_EQ(PredictorOf("m", 3)->model()->version, 3);
  EXPECT_EQ(MessageOf(repository_->Find("m", 4).status()), "model 'm' has no version 4; it has 1, 2, 3");
  EXPECT_EQ(repository_->Find("n", {}).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(RepositoryTest, ARouteIsSetWithoutALoadAndStays) {
  for (const int version : {1, 2}) Put(fmt::format("m/{}/net.fake", version), Add(version));
  ModelsConfig config = Of({Routed("m", {{1, 1}, {2, 0}})});
  MustApply(config);
  const auto one = PredictorOf("m", 1);
  EXPECT_EQ(Ask("m"), 1);
  RouteOptions route;
  route.weights = {{2, 1}};
  ASSERT_TRUE(repository_->SetRoute("m", route).ok());
  EXPECT_EQ(Ask("m"), 2);
  EXPECT_EQ(PredictorOf("m", 1), one);
  EXPECT_EQ((*repository_->Model("m"))->route(), route);
  // The configuration says what it said: no reason to change it back, also when a version is another.
  MustApply(config);
  EXPECT_EQ(Ask("m"), 2);
  PutNew("m/2/net.fake", Add(5));
  MustApply(config);
  EXPECT_EQ(Ask("m"), 5);
  // It says another one now.
  config.models[0].route.weights = {{1, 2}, {2, 0}};
  std::vector<std::string> changes;
  ASSERT_TRUE(repository_->Apply(config, nullptr, &changes).ok());
  EXPECT_THAT(changes, ElementsAre("model 'm': its route has changed"));
  EXPECT_EQ(Ask("m"), 1);
  EXPECT_EQ(PredictorOf("m", 1), one);
}

TEST_F(RepositoryTest, ARouteThatWasSetEndsWithTheVersionsThatItNames) {
  PutNew("m/1/m.fake", Add(1));
  const ModelsConfig config = Of({Model("m")});
  MustApply(config);
  RouteOptions route;
  route.weights = {{1, 1}};
  ASSERT_TRUE(repository_->SetRoute("m", route).ok());
  PutNew("m/2/m.fake", Add(2));
  MustApply(config);  // the highest version is served, and only that
  const auto picked = repository_->Pick("m", std::nullopt, std::nullopt);
  ASSERT_TRUE(picked.ok()) << picked.status();
  EXPECT_EQ(Asked(*picked), 2);
}

TEST_F(RepositoryTest, AWrongRouteIsRefusedAndChangesNothing) {
  for (const int version : {1, 2}) Put(fmt::format("m/{}/net.fake", version), Add(version));
  MustApply(Of({Routed("m", {{1, 1}, {2, 0}})}));
  RouteOptions route;
  route.weights = {{3, 1}};
  absl::Status status = repository_->SetRoute("m", route);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(status), "the route of model 'm' names version 3; there is 1, 2");
  route.weights = {{1, 1}};
  route.shadow_percents = {{7, 1}};
  EXPECT_EQ(MessageOf(repository_->SetRoute("m", route)), "the route of model 'm' names version 7; there is 1, 2");
  route.shadow_percents.clear();
  route.weights = {{1, 0}};
  EXPECT_EQ(MessageOf(repository_->SetRoute("m", route)), "all weights are 0; one version must take requests");
  EXPECT_EQ(repository_->SetRoute("n", route).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Ask("m"), 1);
}

TEST_F(RepositoryTest, ARouteChangesAtOnceForAll) {
  for (const int version : {1, 2}) Put(fmt::format("m/{}/net.fake", version), Add(version));
  ModelConfig model = Routed("m", {{1, 1}, {2, 0}});
  model.executions = 4;
  MustApply(Of({model}));
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      while (!stop) {
        const auto picked = repository_->Pick("m", {}, {});
        const int answer = picked.ok() ? Asked(*picked) : -1;
        if (answer != 1 && answer != 2) ++wrong;
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    RouteOptions route;
    const int version = 1 + i % 2;
    route.weights = {{version, 1}};
    EXPECT_TRUE(repository_->SetRoute("m", route).ok());
    EXPECT_EQ(Ask("m"), version);  // from now on
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(RepositoryTest, ARewrittenFileReloadsItsVersionOnly) {
  for (const int version : {1, 2}) Put(fmt::format("m/{}/net.fake", version), Add(version));
  Put("other.fake", Add(9));
  ModelConfig model = Model("m");
  model.all_versions = true;
  const ModelsConfig config = Of({model, Model("other.fake")});
  MustApply(config);
  const auto one = PredictorOf("m", 1);
  const auto two = PredictorOf("m", 2);
  const auto other = PredictorOf("other");
  PutNew("m/2/net.fake", Add(7));
  MustApply(config);
  EXPECT_EQ(PredictorOf("m", 1), one);
  EXPECT_NE(PredictorOf("m", 2), two);
  EXPECT_EQ(PredictorOf("other"), other);
  EXPECT_EQ(Ask("m", 2), 7);
  EXPECT_EQ(Ask("m", 1), 1);
  // A model.yaml beside it is the model's too.
  Put("m/1/model.yaml", "schema: 1\nbatching: {max_batch_size: 2}\n");
  MustApply(config);
  EXPECT_NE(PredictorOf("m", 1), one);
  EXPECT_EQ(PredictorOf("m", 1)->model()->pool->batching().max_batch_size, 2);
}

TEST_F(RepositoryTest, WhatIsReplacedEndsWhenItsRequestsHave) {
  Put("m.fake", Add(1));
  MustApply(Of({Model("m.fake")}));
  EXPECT_TRUE(repository_->WaitUntilRetired(milliseconds(0)));
  std::optional<RoutedPredictor> picked = *repository_->Pick("m", {}, {});
  std::weak_ptr<const LoadedModel> old = picked->model();
  PutNew("m.fake", Add(2));
  MustApply(Of({Model("m.fake")}));
  EXPECT_EQ(Ask("m"), 2);
  EXPECT_FALSE(repository_->WaitUntilRetired(milliseconds(20)));
  EXPECT_EQ(Asked(*picked), 1);
  // What it has asked still comes, though nobody holds the version any more.
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
  EXPECT_EQ(RunAll(), 1);
  EXPECT_THAT(answer, ElementsAre(2, 3, 4, 5));
  EXPECT_TRUE(repository_->WaitUntilRetired(kLong));
  EXPECT_TRUE(old.expired());
}

TEST_F(RepositoryTest, DrainingEndsAtItsLimit) {
  Limits limits;
  limits.drain_timeout_ms = 0;
  repository_ = std::make_unique<Repository>(&stepped_, limits);
  Put("m.fake", Add(1));
  MustApply(Of({Model("m.fake")}));
  const RoutedPredictor picked = *repository_->Pick("m", {}, {});
  MustApply(Of({}));
  EXPECT_TRUE(repository_->WaitUntilRetired(kLong));
  const std::vector<float> x = {1, 2, 3, 4};
  InferenceResponse response;
  const absl::Status status = picked.Infer(Request(x), &response);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(MessageOf(status), "the model was unloaded");
}

TEST_F(RepositoryTest, WhatStaysIsNotRetired) {
  Limits limits;
  limits.drain_timeout_ms = 0;
  repository_ = std::make_unique<Repository>(&stepped_, limits);
  for (const int version : {1, 2}) Put(fmt::format("m/{}/net.fake", version), Add(version));
  ModelConfig model = Model("m");
  model.all_versions = true;
  MustApply(Of({model}));
  const auto one = PredictorOf("m", 1);
  const auto two = PredictorOf("m", 2);
  PutNew("m/2/net.fake", Add(3));
  MustApply(Of({model}));
  RouteOptions route;
  route.weights = {{1, 1}};
  ASSERT_TRUE(repository_->SetRoute("m", route).ok());
  EXPECT_TRUE(repository_->WaitUntilRetired(kLong));
  EXPECT_EQ(one->state(), PredictorState::kReady);
  EXPECT_EQ(two->state(), PredictorState::kDestroyed);
}

TEST_F(RepositoryTest, UnloadAllEndsEverything) {
  Put("m.fake", Add(1));
  MustApply(Of({Model("m.fake")}));
  const auto predictor = PredictorOf("m");
  repository_->UnloadAll();
  EXPECT_THAT(repository_->Names(), IsEmpty());
  EXPECT_EQ(predictor->state(), PredictorState::kDestroyed);
}

}  // namespace
}  // namespace oarlock

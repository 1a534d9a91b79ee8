// Requests asked of another version as well: they are compared, counted, and never seen by their callers.
#include "runtime/shadow.h"

#include <gmock/gmock.h>

#include "runtime/repository_fixture_test.h"

namespace oarlock {
namespace {

using ::testing::ElementsAre;

class RepositoryShadow : public RepositoryTest {
 protected:
  // Version 1 answers; 2 says the same, 3 something else, 4 takes other inputs.
  void PutVersions() {
    Put("m/1/net.fake", Add(1));
    Put("m/2/net.fake", Add(1));
    Put("m/3/net.fake", Add(2));
    Put("m/4/net.fake", "input x FP32 -1,5\noutput y FP32 -1,5\nop add 1\n");
  }
};

TEST_F(RepositoryShadow, AnswersAreComparedAndNeverSeen) {
  PutVersions();
  MustApply(Of({Routed("m", {{1, 1}}, {{2, 100}, {3, 100}, {4, 100}})}));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Ask("m"), 1);
    EXPECT_EQ(RunAll(), 2);
  }
  EXPECT_EQ(ShadowOf("m", 2).matched, 10);
  EXPECT_EQ(ShadowOf("m", 3).differed, 10);
  EXPECT_EQ(ShadowOf("m", 4).failed, 10);
  for (const int64_t version : {2, 3, 4}) {
    const ShadowStatistics& shadow = ShadowOf("m", version);
    EXPECT_EQ(shadow.matched + shadow.differed + shadow.failed + shadow.dropped, 10) << version;
  }
  EXPECT_EQ(PredictorOf("m", 2)->model()->statistics().requests, 10);
}

TEST_F(RepositoryShadow, AFailedRunIsCountedToo) {
  Put("m/1/net.fake", Add(1));
  // Two runs warm it up.
  Put("m/2/net.fake", Add(1) + "fail_run 4 UNAVAILABLE out of luck\n");
  MustApply(Of({Routed("m", {{1, 1}}, {{2, 100}})}));
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(Ask("m"), 1);
    EXPECT_EQ(RunAll(), 1);
  }
  EXPECT_EQ(ShadowOf("m", 2).failed, 1);
  EXPECT_EQ(ShadowOf("m", 2).matched, 3);
}

TEST_F(RepositoryShadow, ThePercentIsExact) {
  PutVersions();
  MustApply(Of({Routed("m", {{1, 1}}, {{2, 30}})}));
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Ask("m"), 1);
    RunAll();
  }
  EXPECT_EQ(ShadowOf("m", 2).matched, 30);
}

TEST_F(RepositoryShadow, APinnedRequestAsksNone) {
  PutVersions();
  MustApply(Of({Routed("m", {{1, 1}}, {{2, 100}})}));
  EXPECT_EQ(Ask("m", 1), 1);
  EXPECT_EQ(Ask("m", 2), 1);
  EXPECT_EQ(RunAll(), 0);
}

TEST_F(RepositoryShadow, AVersionIsNotItsOwnShadow) {
  PutVersions();
  MustApply(Of({Routed("m", {{1, 1}, {2, 1}}, {{1, 100}, {2, 100}})}));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Ask("m"), 1);
    EXPECT_EQ(RunAll(), 1);
  }
  EXPECT_EQ(ShadowOf("m", 1).matched + ShadowOf("m", 2).matched, 20);
  EXPECT_NEAR(static_cast<double>(ShadowOf("m", 1).matched), 10, 1);
}

TEST_F(RepositoryShadow, TheToleranceIsTheRoutes) {
  PutVersions();
  ModelConfig model = Routed("m", {{1, 1}}, {{3, 100}});
  // 2 and 3, 3 and 4, ...: the first value is the farthest off, by 1 of 1 + 2.
  model.route.tolerance = 0.34F;
  MustApply(Of({model}));
  EXPECT_EQ(Ask("m"), 1);
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(ShadowOf("m", 3).matched, 1);
  model.route.tolerance = 0.33F;
  MustApply(Of({model}));
  EXPECT_EQ(Ask("m"), 1);
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(ShadowOf("m", 3).differed, 1);
}

TEST_F(RepositoryShadow, AsynchronousRequestsHaveThemToo) {
  PutVersions();
  MustApply(Of({Routed("m", {{1, 1}}, {{2, 100}, {3, 100}})}));
  int released = 0;
  int called = 0;
  {
    auto lent = std::make_unique<std::vector<float>>(4, 5.0F);
    InferenceRequest request = Request(*lent);
    request.keep_alive = std::shared_ptr<const void>(lent.get(), [&released, memory = lent.release()](const void*) {
      ++released;
      delete memory;
    });
    const RoutedPredictor picked = *repository_->Pick("m", {}, {});
    ASSERT_TRUE(picked
                    .InferAsync(std::move(request),
                                [&called](const absl::Status& status, const InferenceResponse& response) {
                                  EXPECT_TRUE(status.ok()) << status;
                                  EXPECT_THAT(Values(response), ElementsAre(6, 6, 6, 6));
                                  ++called;
                                })
                    .ok());
  }
  EXPECT_TRUE(stepped_.scheduler()->RunOne());
  EXPECT_EQ(called, 1);
  EXPECT_EQ(released, 0);  // the shadows read it where it lies
  EXPECT_EQ(RunAll(), 2);
  EXPECT_EQ(released, 1);
  EXPECT_EQ(ShadowOf("m", 2).matched, 1);
  EXPECT_EQ(ShadowOf("m", 3).differed, 1);
}

TEST_F(RepositoryShadow, LentMemoryIsCopiedSinceNobodyKeepsIt) {
  PutVersions();
  MustApply(Of({Routed("m", {{1, 1}}, {{2, 100}})}));
  std::vector<float> x = {1, 2, 3, 4};
  InferenceResponse response;
  ASSERT_TRUE(repository_->Pick("m", {}, {})->Infer(Request(x), &response).ok());
  std::fill(x.begin(), x.end(), 99.0F);
  response.Release();
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(ShadowOf("m", 2).matched, 1);
}

TEST_F(RepositoryShadow, NoMoreWaitThanTheLimitSays) {
  Limits limits;
  limits.shadow_requests_max = 2;
  repository_ = std::make_unique<Repository>(&stepped_, limits);
  PutVersions();
  MustApply(Of({Routed("m", {{1, 1}}, {{2, 100}})}));
  // The first is given the execution at once, two wait, and the others are dropped without being copied.
  for (int i = 0; i < 6; ++i) EXPECT_EQ(Ask("m"), 1);
  EXPECT_EQ(ShadowOf("m", 2).dropped, 3);
  EXPECT_EQ(RunAll(), 3);
  EXPECT_EQ(ShadowOf("m", 2).matched, 3);
}

TEST_F(RepositoryShadow, AFullQueueDropsIt) {
  Limits limits;
  limits.queue_requests_max = 1;
  repository_ = std::make_unique<Repository>(&stepped_, limits);
  PutVersions();
  MustApply(Of({Routed("m", {{1, 1}}, {{2, 100}})}));
  // The first is given the execution at once, the second waits, and there is room for no more.
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Ask("m"), 1);
  EXPECT_EQ(RunAll(), 2);
  EXPECT_EQ(ShadowOf("m", 2).matched, 2);
  EXPECT_EQ(ShadowOf("m", 2).dropped, 3);
}

TEST_F(RepositoryShadow, RequestsOfCallersGoBeforeIt) {
  PutVersions();
  MustApply(Of({Routed("m", {{1, 1}}, {{2, 100}})}));
  const std::vector<float> x = {1, 2, 3, 4};
  const RoutedPredictor two = *repository_->Pick("m", 2, {});
  InferenceResponse held;
  ASSERT_TRUE(two.Infer(Request(x), &held).ok());
  EXPECT_EQ(Ask("m"), 1);  // its copy waits for version 2
  int64_t compared_before = -1;
  ASSERT_TRUE(two.InferAsync(Request(x),
                             [&](const absl::Status& status, InferenceResponse) {
                               EXPECT_TRUE(status.ok()) << status;
                               compared_before = ShadowOf("m", 2).matched;
                             })
                  .ok());
  held.Release();
  EXPECT_EQ(RunAll(), 2);
  EXPECT_EQ(compared_before, 0);
  EXPECT_EQ(ShadowOf("m", 2).matched, 1);
}

TEST_F(RepositoryShadow, TheHighestVersionMayBeOneWithoutAnsweringAnybody) {
  Put("m/1/net.fake", Add(1));
  Put("m/2/net.fake", Add(1));
  Put("m/3/net.fake", Add(2));
  MustApply(Of({Routed("m", {}, {{3, 100}})}));
  EXPECT_THAT(VersionsOf("m"), ElementsAre(2, 3));
  EXPECT_EQ(Ask("m"), 1);
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(ShadowOf("m", 3).differed, 1);
}

TEST_F(RepositoryShadow, CountsStayWhileTheRouteChanges) {
  PutVersions();
  MustApply(Of({Routed("m", {{1, 1}}, {{2, 100}})}));
  EXPECT_EQ(Ask("m"), 1);
  EXPECT_EQ(RunAll(), 1);
  RouteOptions route = (*repository_->Model("m"))->route();
  route.shadow_percents = {{2, 50}};
  ASSERT_TRUE(repository_->SetRoute("m", route).ok());
  EXPECT_EQ(ShadowOf("m", 2).matched, 1);
}

}  // namespace
}  // namespace oarlock

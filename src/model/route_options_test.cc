// `route` and `versions` of an entry of models.yaml.
#include "model/route_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "model/models_config.h"

namespace oarlock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr std::string_view kHead = "schema: 1\nmodels:\n  - path: a\n";

absl::StatusOr<ModelConfig> Parse(std::string_view entry) {
  auto config = ParseModelsConfig(fmt::format("{}{}", kHead, entry), "models.yaml");
  if (!config.ok()) return config.status();
  return config->models.at(0);
}

// The whole text, so that a place that moves is noticed.
std::string Refusal(std::string_view entry) {
  const auto model = Parse(entry);
  if (model.ok()) return "";
  EXPECT_EQ(model.status().code(), absl::StatusCode::kInvalidArgument) << model.status();
  return std::string(MessageOf(model.status()));
}

TEST(RouteOptions, AreReadFromAnEntry) {
  const auto model = Parse(
      "    versions: all\n    route:\n      weights: {1: "
      "90, 2: 10, 3: 0}\n      shadow: {3: 25}\n"
      "      tolerance: 0.5\n");
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_TRUE(model->all_versions);
  EXPECT_THAT(model->route.weights, ElementsAre(Pair(1, 90), Pair(2, 10), Pair(3, 0)));
  EXPECT_THAT(model->route.shadow_percents, ElementsAre(Pair(3, 25)));
  EXPECT_EQ(model->route.tolerance, 0.5F);
}

TEST(RouteOptions, WithoutAnyTheHighestTakesAll) {
  const auto model = Parse("");
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_FALSE(model->all_versions);
  EXPECT_EQ(model->route, RouteOptions());
  EXPECT_THAT(model->route.weights, IsEmpty());
  EXPECT_EQ(model->route.tolerance, 1e-4F);
  EXPECT_FALSE(Parse("    versions: latest\n")->all_versions);
}

TEST(RouteOptions, PrintWhatReadsBack) {
  for (const std::string_view entry : {"    versions: all\n", "    route: {weights: {1: 1000000, 2: 0}}\n",
                                       "    versions: all\n    route: {weights: {7: 3}, shadow: {7: 1, 8: "
                                       "100}, tolerance: 0.25}\n",
                                       "    route: {shadow: {2: 5}}\n", "    route: {}\n"}) {
    SCOPED_TRACE(entry);
    ModelsConfig config;
    const auto model = Parse(entry);
    ASSERT_TRUE(model.ok()) << model.status();
    config.models.push_back(*model);
    const auto back = ParseModelsConfig(PrintModelsConfig(config), "models.yaml");
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->models[0].route, model->route);
    EXPECT_EQ(back->models[0].all_versions, model->all_versions);
  }
}

TEST(RouteOptions, RefusalsHaveAPlace) {
  EXPECT_EQ(Refusal("    versions: newest\n"),
            "models.yaml:4:15: 'versions' is 'newest'; it must be one of latest|all");
  EXPECT_EQ(Refusal("    route: all\n"), "models.yaml:4:12: 'route' is 'all'; it must be a mapping");
  EXPECT_EQ(Refusal("    route:\n      weight: {1: 1}\n"),
            "models.yaml:5:7: unknown key 'weight'; did you mean 'weights'?");
  EXPECT_EQ(Refusal("    route:\n      weights: [1, 2]\n"),
            "models.yaml:5:16: 'weights' is a list; it must be a mapping");
  EXPECT_EQ(Refusal("    route:\n      weights: {1: 1, one: 2}\n"),
            "models.yaml:5:23: 'one' is no version; versions are positive integers");
  for (const std::string_view version : {"0", "-1", "1.5", "9223372036854775808", "''"}) {
    EXPECT_EQ(Refusal(fmt::format("    route:\n      weights: {{{}: 1}}\n", version)),
              fmt::format("models.yaml:5:17: '{}' is no version; versions are "
                          "positive integers",
                          version == "''" ? "" : version));
  }
  EXPECT_EQ(Refusal("    route:\n      weights:\n        1: 5\n        2: half\n"),
            "models.yaml:7:12: 'weights.2' is 'half'; it must be an integer");
  EXPECT_EQ(Refusal("    route:\n      weights:\n        1: 5\n        2: -1\n"),
            "models.yaml:7:9: the weight of version 2 is -1; it must be from 0 to "
            "1000000");
  EXPECT_EQ(Refusal("    route: {weights: {1: 1000001}}\n"),
            "models.yaml:4:23: the weight of version 1 is 1000001; it must be "
            "from 0 to 1000000");
  EXPECT_EQ(Refusal("    route: {weights: {1: 1, 1: 2}}\n"), "models.yaml:4:29: key '1' stands twice");
  EXPECT_EQ(Refusal("    route: {weights: {1: 0, 2: 0}}\n"),
            "models.yaml:4:22: all weights are 0; one version must take requests");
  for (const std::string_view percent : {"0", "101"}) {
    EXPECT_EQ(Refusal(fmt::format("    route: {{shadow: {{2: {}}}}}\n", percent)),
              fmt::format("models.yaml:4:22: the percent of version 2 is {}; it must "
                          "be from 1 to 100",
                          percent));
  }
  EXPECT_EQ(Refusal("    route: {tolerance: -0.5}\n"), "models.yaml:4:24: 'tolerance' must not be negative");
  EXPECT_EQ(Refusal("    route: {tolerance: little}\n"),
            "models.yaml:4:24: 'tolerance' is 'little'; it must be a number");
}

// Two spellings of one version would otherwise be one of them.
TEST(RouteOptions, AVersionHasOneSpelling) {
  EXPECT_EQ(Refusal("    route: {weights: {1: 1, 01: 2}}\n"),
            "models.yaml:4:29: '01' is no version; versions are positive integers");
  EXPECT_EQ(Refusal("    route: {shadow: {01: 2}}\n"),
            "models.yaml:4:22: '01' is no version; versions are positive integers");
}

TEST(RouteOptions, AreCheckedWhereTheyAreNoText) {
  EXPECT_TRUE(Check(RouteOptions{}).ok());
  const auto check = [](std::map<int64_t, int64_t> weights) {
    RouteOptions route;
    route.weights = std::move(weights);
    return Check(route);
  };
  EXPECT_TRUE(check({{1, 1}}).ok());
  EXPECT_EQ(MessageOf(check({{1, 0}})), "all weights are 0; one version must take requests");
  EXPECT_EQ(MessageOf(check({{1, 1}, {2, -3}})),
            "version 2 has weight -3; weights are from 0 to 1000000, versions "
            "positive");
  EXPECT_FALSE(check({{0, 1}}).ok());
  EXPECT_FALSE(check({{1, 1'000'001}}).ok());
}

}  // namespace
}  // namespace oarlock

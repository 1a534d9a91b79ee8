// The filter before the router and the router read the same paths: whatever path is asked, what it leads to is what was
// checked.
#include <gtest/gtest.h>

#include <random>

#include "server/http/route.h"
#include "server/protocol/access_group.h"

namespace oarlock {
namespace {

// The group of what is served. None for the rest: it changes nothing, and any group but kOpen is right.
std::optional<AccessGroup> GroupOfRoute(RouteKind kind) {
  switch (kind) {
    case RouteKind::kServerLive:
    case RouteKind::kServerReady:
      return AccessGroup::kOpen;
    case RouteKind::kModelInfer:
      return AccessGroup::kInfer;
    case RouteKind::kServerMetadata:
    case RouteKind::kModelList:
    case RouteKind::kModelMetadata:
    case RouteKind::kModelReady:
    case RouteKind::kModelStatistics:
    case RouteKind::kStatistics:
    case RouteKind::kMetrics:
      return AccessGroup::kRead;
    default:
      return std::nullopt;
  }
}

TEST(AccessRoute, WhatIsAskedIsWhatWasChecked) {
  constexpr const char* kParts[] = {"v2",         "models",  "versions", "health",   "live",    "ready",
                                    "infer",      "stats",   "m",        "1",        "config",  "%76ersions",
                                    "repository", "index",   "load",     "generate", "",        ".",
                                    "..",         "metrics", "route",    "trace",    "setting", "infer?x"};
  constexpr const char* kVerbs[] = {"GET", "HEAD", "POST", "PUT", "OPTIONS"};
  std::mt19937 random(7);
  const auto pick = [&random](const auto& items) { return items[random() % std::size(items)]; };
  int operations = 0;
  for (int round = 0; round < 300'000; ++round) {
    // Most paths begin as those that there are.
    std::string target = random() % 4 == 0 ? "" : "/v2";
    for (auto i = random() % 7; i > 0; --i) target += std::string("/") + pick(kParts);
    const std::string verb = pick(kVerbs);
    const auto route = ParseRoute(verb, target);
    if (!route.ok()) continue;  // a version that is no number
    const auto wanted = GroupOfRoute(route->kind);
    if (!wanted) {
      ASSERT_NE(GroupOf(verb, target), AccessGroup::kOpen) << verb << " " << target;
      continue;
    }
    ASSERT_EQ(NameOf(GroupOf(verb, target)), NameOf(*wanted)) << verb << " " << target;
    if (*wanted != AccessGroup::kRead) ++operations;
  }
  EXPECT_GT(operations, 100);
}

}  // namespace
}  // namespace oarlock

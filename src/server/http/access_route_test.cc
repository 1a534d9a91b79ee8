// The filter before the router and the router read the same paths: whatever path is asked, what it leads to is what was
// checked.
#include <gtest/gtest.h>

#include <map>
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
    case RouteKind::kModelConfig:
    case RouteKind::kModelStatistics:
    case RouteKind::kModelRoute:
    case RouteKind::kStatistics:
    case RouteKind::kRepositoryIndex:
    case RouteKind::kTrace:
    case RouteKind::kLogging:
    case RouteKind::kShmStatus:
    case RouteKind::kCudaStatus:
    case RouteKind::kMetrics:
      return AccessGroup::kRead;
    case RouteKind::kSetModelRoute:
    case RouteKind::kModelLoad:
    case RouteKind::kModelUnload:
    case RouteKind::kSetTrace:
    case RouteKind::kSetLogging:
    case RouteKind::kShmRegister:
    case RouteKind::kShmUnregister:
    case RouteKind::kCudaRegister:
    case RouteKind::kCudaUnregister:
      return AccessGroup::kControl;
    case RouteKind::kUnsupported:
    case RouteKind::kOptions:
    case RouteKind::kMethodNotAllowed:
    case RouteKind::kNotFound:
      return std::nullopt;
  }
  return std::nullopt;
}

TEST(AccessRoute, WhatIsAskedIsWhatWasChecked) {
  constexpr const char* kParts[] = {"v2",
                                    "models",
                                    "versions",
                                    "health",
                                    "live",
                                    "ready",
                                    "infer",
                                    "stats",
                                    "m",
                                    "1",
                                    "config",
                                    "route",
                                    "trace",
                                    "setting",
                                    "index",
                                    "load",
                                    "unload",
                                    "region",
                                    "register",
                                    "unregister",
                                    "status",
                                    "generate",
                                    "",
                                    ".",
                                    "..",
                                    "infer?x",
                                    "metrics",
                                    "logging",
                                    "repository",
                                    "systemsharedmemory",
                                    "cudasharedmemory",
                                    "%76ersions"};
  constexpr const char* kBeginnings[] = {"",
                                         "/v2",
                                         "/v2/health",
                                         "/v2/models",
                                         "/v2/models/m",
                                         "/v2/repository/models",
                                         "/v2/systemsharedmemory",
                                         "/v2/cudasharedmemory"};
  constexpr const char* kVerbs[] = {"GET", "HEAD", "POST", "PUT", "OPTIONS"};
  std::mt19937 random(7);
  const auto pick = [&random](const auto& items) { return items[random() % std::size(items)]; };
  std::map<AccessGroup, int> seen;
  for (int round = 0; round < 300'000; ++round) {
    // Most paths begin as those that there are.
    std::string target = pick(kBeginnings);
    for (auto i = random() % 6; i > 0; --i) target += std::string("/") + pick(kParts);
    const std::string verb = pick(kVerbs);
    const auto route = ParseRoute(verb, target);
    if (!route.ok()) continue;  // a version that is no number
    const auto wanted = GroupOfRoute(route->kind);
    if (!wanted) {
      ASSERT_NE(GroupOf(verb, target), AccessGroup::kOpen) << verb << " " << target;
      continue;
    }
    ASSERT_EQ(NameOf(GroupOf(verb, target)), NameOf(*wanted)) << verb << " " << target;
    ++seen[*wanted];
  }
  for (const AccessGroup group : {AccessGroup::kOpen, AccessGroup::kInfer, AccessGroup::kRead, AccessGroup::kControl}) {
    EXPECT_GT(seen[group], 20) << NameOf(group);
  }
}

}  // namespace
}  // namespace oarlock

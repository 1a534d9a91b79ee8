#include "server/http/route.h"

#include <gtest/gtest.h>

namespace oarlock {
namespace {

Route Get(std::string_view target) {
  const auto route = ParseRoute("GET", target);
  EXPECT_TRUE(route.ok()) << target << ": " << route.status();
  return route.ok() ? *route : Route{};
}

Route Post(std::string_view target) {
  const auto route = ParseRoute("POST", target);
  EXPECT_TRUE(route.ok()) << target << ": " << route.status();
  return route.ok() ? *route : Route{};
}

TEST(Route, EveryServedPathHasItsKind) {
  EXPECT_EQ(Get("/v2").kind, RouteKind::kServerMetadata);
  EXPECT_EQ(Get("/v2/health/live").kind, RouteKind::kServerLive);
  EXPECT_EQ(Get("/v2/health/ready").kind, RouteKind::kServerReady);
  EXPECT_EQ(Get("/v2/models").kind, RouteKind::kModelList);
  EXPECT_EQ(Get("/v2/models/m").kind, RouteKind::kModelMetadata);
  EXPECT_EQ(Get("/v2/models/m/ready").kind, RouteKind::kModelReady);
  EXPECT_EQ(Get("/v2/models/m/config").kind, RouteKind::kModelConfig);
  EXPECT_EQ(Post("/v2/models/m/infer").kind, RouteKind::kModelInfer);
  EXPECT_EQ(Get("/v2/models/m/versions/3").kind, RouteKind::kModelMetadata);
  EXPECT_EQ(Get("/v2/models/m/versions/3/ready").kind, RouteKind::kModelReady);
  EXPECT_EQ(Get("/v2/models/m/versions/3/config").kind, RouteKind::kModelConfig);
  EXPECT_EQ(Get("/v2/models/m/versions/3/config").version, 3U);
  EXPECT_EQ(Post("/v2/models/m/versions/3/infer").kind, RouteKind::kModelInfer);
}

TEST(Route, ModelAndVersionAreReadFromThePath) {
  const Route pinned = Post("/v2/models/my-model/versions/12/infer");
  EXPECT_EQ(pinned.model, "my-model");
  EXPECT_EQ(pinned.version, 12U);
  EXPECT_EQ(Post("/v2/models/my-model/infer").version, std::nullopt);
  EXPECT_EQ(*Get("/v2/models/m/versions/18446744073709551615").version, 18446744073709551615ULL);
  EXPECT_EQ(*Get("/v2/models/m/versions/007").version, 7U);
}

TEST(Route, VersionsThatAreNoNumberAreErrors) {
  for (const std::string_view version : {"18446744073709551616", "0", "-1", "+1", "1a", "a", "%31", "1.0", " 1"}) {
    const std::string target = "/v2/models/m/versions/" + std::string(version) + "/infer";
    const auto route = ParseRoute("POST", target);
    EXPECT_EQ(route.status().code(), absl::StatusCode::kInvalidArgument) << version;
    EXPECT_EQ(route.status().message(),
              "version '" + std::string(version) + "' in the path; a version is a number from 1 to 2^64-1");
  }
}

TEST(Route, NamesArePlainText) {
  const std::pair<std::string_view, std::string> cases[] = {{"a%20b", "a b"},
                                                            {"%2e%2e", ".."},
                                                            {"..", ".."},
                                                            {".", "."},
                                                            {"..%2f..%2fetc", "../../etc"},
                                                            {"a%00b", std::string("a\0b", 3)},
                                                            {"%0a", "\n"},
                                                            {";id", ";id"},
                                                            {"$(id)", "$(id)"},
                                                            {"%E4%B8%AD", "中"},
                                                            {"%ff", "\xFF"},
                                                            {"a+b", "a+b"},
                                                            {"%252f", "%2f"},
                                                            {"stats", "stats"},
                                                            {"versions", "versions"},
                                                            {"%20lead", " lead"}};
  for (const auto& [encoded, name] : cases) {
    const Route route = Post("/v2/models/" + std::string(encoded) + "/infer");
    EXPECT_EQ(route.kind, RouteKind::kModelInfer) << encoded;
    EXPECT_EQ(route.model, name);
  }
  EXPECT_EQ(Get("/v2/models/" + std::string(4096, 'a')).model, std::string(4096, 'a'));
}

TEST(Route, WrongPercentEncodingIsAnError) {
  for (const std::string_view name : {"%", "a%2", "%g0", "%-1", "%+1", "% 1", "a%%20"}) {
    EXPECT_EQ(ParseRoute("GET", "/v2/models/" + std::string(name)).status().code(), absl::StatusCode::kInvalidArgument)
        << name;
  }
  EXPECT_EQ(ParseRoute("GET", "/v2/models/a%2").status().message(),
            "'a%2' in the path: '%' must be followed by two hexadecimal digits");
}

TEST(Route, TheQueryIsIgnored) {
  EXPECT_EQ(Get("/v2/models/m?x=/infer").model, "m");
  EXPECT_EQ(Get("/v2?").kind, RouteKind::kServerMetadata);
  EXPECT_EQ(Post("/v2/models/m/infer?a=b?c=%").kind, RouteKind::kModelInfer);
}

TEST(Route, UnknownPathsAreNotFound) {
  for (const std::string_view target : {"",
                                        "/",
                                        "v2",
                                        "*",
                                        "/v1",
                                        "/v2/",
                                        "//v2",
                                        "/V2",
                                        "/v2/models/",
                                        "/v2/models//infer",
                                        "/v2/models/m/",
                                        "/v2/models/m/versions",
                                        "/v2/models/m/versions/",
                                        "/v2/models/m/versions/1/",
                                        "/v2/models/m/infer/x",
                                        "/v2/models/m/Infer",
                                        "/v2/health",
                                        "/v2/health/live/x",
                                        "/v2/models/m/versions/1/infer/x",
                                        "/%762",
                                        "/v2/models/a/b",
                                        "/v2/a/b/c/d/e/f/g/h/i/j",
                                        "http://h/v2",
                                        "/metrics/x",
                                        "?",
                                        "/?",
                                        "/v2/models/m/trace"}) {
    EXPECT_EQ(Get(target).kind, RouteKind::kNotFound) << target;
  }
}

TEST(Route, WrongVerbsAreToldTheRightOnes) {
  const std::tuple<std::string_view, std::string_view, std::string_view> cases[] = {
      {"POST", "/v2", "GET, HEAD, OPTIONS"},
      {"GET", "/v2/models/m/infer", "POST, OPTIONS"},
      {"HEAD", "/v2/models/m/infer", "POST, OPTIONS"},
      {"TRACE", "/v2/health/live", "GET, HEAD, OPTIONS"},
      {"PUT", "/v2/models/m/versions/1/infer", "POST, OPTIONS"},
      {"DELETE", "/v2/logging", "GET, HEAD, POST, OPTIONS"},
      {"get", "/v2", "GET, HEAD, OPTIONS"},
      {"", "/v2", "GET, HEAD, OPTIONS"},
      {"POST", "/v2/models/stats", "GET, HEAD, OPTIONS"},
      {"GET", "/v2/repository/index", "POST, OPTIONS"},
      {"POST", "/metrics", "GET, HEAD, OPTIONS"},
      {"CONNECT", "host:443", "GET, HEAD, POST, OPTIONS"},
  };
  for (const auto& [method, target, allow] : cases) {
    const auto route = ParseRoute(method, target);
    ASSERT_TRUE(route.ok());
    EXPECT_EQ(route->kind, RouteKind::kMethodNotAllowed) << method << " " << target;
    EXPECT_EQ(route->allow, allow);
  }
  EXPECT_EQ(ParseRoute("DELETE", "/v3")->kind, RouteKind::kNotFound);
}

TEST(Route, HeadIsRoutedAsGet) {
  EXPECT_EQ(ParseRoute("HEAD", "/v2/health/live")->kind, RouteKind::kServerLive);
  const auto route = ParseRoute("HEAD", "/v2/models/m/versions/2");
  EXPECT_EQ(route->kind, RouteKind::kModelMetadata);
  EXPECT_EQ(route->model, "m");
  EXPECT_EQ(ParseRoute("HEAD", "/v2/models/m/config")->kind, RouteKind::kModelConfig);
  EXPECT_EQ(ParseRoute("HEAD", "/v3")->kind, RouteKind::kNotFound);
}

TEST(Route, OptionsListTheVerbsOfAPath) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"/v2", "GET, HEAD, OPTIONS"},
      {"/v2/models/m/infer", "POST, OPTIONS"},
      {"/v2/logging", "GET, HEAD, POST, OPTIONS"},
      {"*", "GET, HEAD, POST, OPTIONS"},
  };
  for (const auto& [target, allow] : cases) {
    const auto route = ParseRoute("OPTIONS", target);
    ASSERT_TRUE(route.ok());
    EXPECT_EQ(route->kind, RouteKind::kOptions) << target;
    EXPECT_EQ(route->allow, allow) << target;
  }
  EXPECT_EQ(ParseRoute("OPTIONS", "/v3")->kind, RouteKind::kNotFound);
}

TEST(Route, StatisticsOfOneModelAndOfAll) {
  EXPECT_EQ(ParseRoute("GET", "/v2/models/stats")->kind, RouteKind::kStatistics);
  const auto one = ParseRoute("GET", "/v2/models/m/versions/3/stats");
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->kind, RouteKind::kModelStatistics);
  EXPECT_EQ(one->model, "m");
  EXPECT_EQ(one->version, 3u);
  EXPECT_EQ(ParseRoute("POST", "/v2/models/m/stats")->kind, RouteKind::kMethodNotAllowed);
}

TEST(Route, ModelsOfTheRepository) {
  EXPECT_EQ(Post("/v2/repository/index").kind, RouteKind::kRepositoryIndex);
  EXPECT_EQ(Post("/v2/repository/index").repository, "");
  EXPECT_EQ(Post("/v2/repository/a%20b/index").repository, "a b");
  EXPECT_EQ(Post("/v2/repository/models/index").kind, RouteKind::kRepositoryIndex);
  const Route load = Post("/v2/repository/models/a%2Fb/load");
  EXPECT_EQ(load.kind, RouteKind::kModelLoad);
  EXPECT_EQ(load.model, "a/b");
  EXPECT_EQ(Post("/v2/repository/models/m/unload").kind, RouteKind::kModelUnload);
  EXPECT_EQ(Post("/v2/repository/models/m/versions/1/unload").kind, RouteKind::kNotFound);
  EXPECT_EQ(Get("/v2/models/m/route").kind, RouteKind::kModelRoute);
  EXPECT_EQ(Post("/v2/models/m/route").kind, RouteKind::kSetModelRoute);
  EXPECT_EQ(Post("/v2/models/m/route").model, "m");
  EXPECT_EQ(Post("/v2/models/m/versions/1/route").kind, RouteKind::kNotFound);
  EXPECT_EQ(ParseRoute("OPTIONS", "/v2/models/m/route")->allow, "GET, HEAD, POST, OPTIONS");
}

TEST(Route, RegionsOfSharedMemory) {
  EXPECT_EQ(Get("/v2/systemsharedmemory/status").kind, RouteKind::kShmStatus);
  EXPECT_EQ(Get("/v2/systemsharedmemory/status").region, "");
  EXPECT_EQ(Get("/v2/systemsharedmemory/region/r/status").kind, RouteKind::kShmStatus);
  const Route made = Post("/v2/systemsharedmemory/region/in%200/register");
  EXPECT_EQ(made.kind, RouteKind::kShmRegister);
  EXPECT_EQ(made.region, "in 0");
  EXPECT_EQ(Post("/v2/systemsharedmemory/region/r/unregister").kind, RouteKind::kShmUnregister);
  EXPECT_EQ(Post("/v2/systemsharedmemory/unregister").kind, RouteKind::kShmUnregister);
  EXPECT_EQ(Post("/v2/systemsharedmemory/unregister").region, "");
  EXPECT_EQ(Get("/v2/cudasharedmemory/status").kind, RouteKind::kCudaStatus);
  EXPECT_EQ(Get("/v2/cudasharedmemory/region/r/status").region, "r");
  EXPECT_EQ(Post("/v2/cudasharedmemory/region/r/register").kind, RouteKind::kCudaRegister);
  EXPECT_EQ(Post("/v2/cudasharedmemory/region/r/unregister").kind, RouteKind::kCudaUnregister);
  EXPECT_EQ(Post("/v2/cudasharedmemory/unregister").kind, RouteKind::kCudaUnregister);
  EXPECT_EQ(Get("/v2/systemsharedmemory").kind, RouteKind::kNotFound);
  EXPECT_EQ(ParseRoute("GET", "/v2/systemsharedmemory/region/r/register")->allow, "POST, OPTIONS");
}

TEST(Route, Settings) {
  EXPECT_EQ(Get("/v2/trace/setting").kind, RouteKind::kTrace);
  EXPECT_EQ(Get("/v2/trace/setting").model, "");
  EXPECT_EQ(Post("/v2/trace/setting").kind, RouteKind::kSetTrace);
  EXPECT_EQ(Get("/v2/models/m/trace/setting").kind, RouteKind::kTrace);
  EXPECT_EQ(Post("/v2/models/m/trace/setting").model, "m");
  EXPECT_EQ(Get("/v2/logging").kind, RouteKind::kLogging);
  EXPECT_EQ(Post("/v2/logging").kind, RouteKind::kSetLogging);
}

TEST(Route, PathsOfTheProtocolThatAreNotServedNameTheirExtension) {
  const std::tuple<std::string_view, std::string_view, std::string_view> cases[] = {
      {"POST", "/v2/models/m/generate", "generate"},
      {"POST", "/v2/models/m/versions/1/generate_stream", "generate"},
  };
  for (const auto& [method, target, extension] : cases) {
    const auto route = ParseRoute(method, target);
    ASSERT_TRUE(route.ok());
    EXPECT_EQ(route->kind, RouteKind::kUnsupported) << method << " " << target;
    EXPECT_EQ(route->extension, extension) << target;
  }
  EXPECT_EQ(Get("/metrics").kind, RouteKind::kMetrics);
}

}  // namespace
}  // namespace oarlock

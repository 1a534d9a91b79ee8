#include "server/http/route.h"

#include <array>
#include <charconv>
#include <span>

#include "base/status.h"
#include "server/protocol/version_number.h"

namespace oarlock {
namespace {

enum : unsigned { kGet = 1, kPost = 2 };

// Longer paths than v2/models/M/versions/V/trace/setting are none of ours.
constexpr size_t kPartsMax = 8;

struct Parts {
  std::array<std::string_view, kPartsMax> part{};
  size_t count = 0;  // 0 if there are too many, or one is empty: "//", a slash at the end

  // Patterns are taken apart by the compiler.
  constexpr Parts(const char* path) : Parts(std::string_view(path)) {}  // NOLINT(google-explicit-constructor)
  constexpr explicit Parts(std::string_view path) {
    for (bool last = false; !last;) {
      const size_t slash = path.find('/');
      last = slash == std::string_view::npos;
      if (count == part.size() || slash == 0 || path.empty()) {
        count = 0;
        return;
      }
      part[count++] = path.substr(0, slash);
      path.remove_prefix(last ? path.size() : slash + 1);
    }
  }
};

struct Row {
  unsigned methods;
  // Parts between slashes. {model} stands for M or M/versions/V, {name} for M alone, {repository} and {region} for
  // one part.
  Parts pattern;
  RouteKind kind;
  std::string_view extension = "";
};

// The first row that fits a path decides; a row with another verb only adds to what is allowed.
constexpr Row kRows[] = {
    {kGet, "v2", RouteKind::kServerMetadata},
    {kGet, "v2/health/live", RouteKind::kServerLive},
    {kGet, "v2/health/ready", RouteKind::kServerReady},
    {kGet, "v2/models", RouteKind::kModelList},
    {kGet, "v2/models/stats", RouteKind::kStatistics},
    {kGet, "v2/models/{model}", RouteKind::kModelMetadata},
    {kGet, "v2/models/{model}/ready", RouteKind::kModelReady},
    {kPost, "v2/models/{model}/infer", RouteKind::kModelInfer},
    {kGet, "v2/models/{model}/config", RouteKind::kModelConfig},
    {kGet, "v2/models/{model}/stats", RouteKind::kModelStatistics},
    {kGet, "v2/models/{name}/route", RouteKind::kModelRoute},
    {kPost, "v2/models/{name}/route", RouteKind::kSetModelRoute},
    {kPost, "v2/models/{model}/generate", RouteKind::kUnsupported, "generate"},
    {kPost, "v2/models/{model}/generate_stream", RouteKind::kUnsupported, "generate"},
    {kGet, "v2/models/{name}/trace/setting", RouteKind::kTrace},
    {kPost, "v2/models/{name}/trace/setting", RouteKind::kSetTrace},
    {kGet, "v2/trace/setting", RouteKind::kTrace},
    {kPost, "v2/trace/setting", RouteKind::kSetTrace},
    {kGet, "v2/logging", RouteKind::kLogging},
    {kPost, "v2/logging", RouteKind::kSetLogging},
    {kPost, "v2/repository/index", RouteKind::kRepositoryIndex},
    {kPost, "v2/repository/{repository}/index", RouteKind::kRepositoryIndex},
    {kPost, "v2/repository/models/{name}/load", RouteKind::kModelLoad},
    {kPost, "v2/repository/models/{name}/unload", RouteKind::kModelUnload},
    {kGet, "v2/systemsharedmemory/status", RouteKind::kShmStatus},
    {kGet, "v2/systemsharedmemory/region/{region}/status", RouteKind::kShmStatus},
    {kPost, "v2/systemsharedmemory/region/{region}/register", RouteKind::kShmRegister},
    {kPost, "v2/systemsharedmemory/region/{region}/unregister", RouteKind::kShmUnregister},
    {kPost, "v2/systemsharedmemory/unregister", RouteKind::kShmUnregister},
    {kGet, "v2/cudasharedmemory/status", RouteKind::kCudaStatus},
    {kGet, "v2/cudasharedmemory/region/{region}/status", RouteKind::kCudaStatus},
    {kPost, "v2/cudasharedmemory/region/{region}/register", RouteKind::kCudaRegister},
    {kPost, "v2/cudasharedmemory/region/{region}/unregister", RouteKind::kCudaUnregister},
    {kPost, "v2/cudasharedmemory/unregister", RouteKind::kCudaUnregister},
    {kGet, "metrics", RouteKind::kMetrics},
};

struct Match {
  std::string_view model;
  std::optional<std::string_view> version;
  std::string_view repository;
  std::string_view region;
};

std::optional<Match> MatchPattern(const Parts& wanted, const Parts& path) {
  Match match;
  size_t at = 0;
  for (size_t i = 0; i < wanted.count; ++i) {
    if (at >= path.count) return std::nullopt;
    if (wanted.part[i] == "{model}") {
      match.model = path.part[at++];
      if (at + 1 < path.count && path.part[at] == "versions") {
        match.version = path.part[at + 1];
        at += 2;
      }
    } else if (wanted.part[i] == "{name}") {
      match.model = path.part[at++];
    } else if (wanted.part[i] == "{repository}") {
      match.repository = path.part[at++];
    } else if (wanted.part[i] == "{region}") {
      match.region = path.part[at++];
    } else if (wanted.part[i] != path.part[at++]) {
      return std::nullopt;
    }
  }
  return at == path.count ? std::optional(match) : std::nullopt;
}

absl::StatusOr<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    uint8_t byte = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (error != std::errc() || digits.size() != 2 || end != digits.data() + 2) {
      return InvalidArgument("'{}' in the path: '%' must be followed by two hexadecimal digits", Printable(text));
    }
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

absl::StatusOr<uint64_t> ParseVersion(std::string_view text) {
  if (const auto version = ParseVersionNumber(text)) return *version;
  return InvalidArgument("version '{}' in the path; a version is a number from 1 to 2^64-1", Printable(text));
}

std::string_view AllowText(unsigned methods) {
  if (methods == kGet) return "GET, HEAD, OPTIONS";
  return methods == kPost ? "POST, OPTIONS" : "GET, HEAD, POST, OPTIONS";
}

}  // namespace

absl::StatusOr<Route> ParseRoute(std::string_view method, std::string_view target) {
  const unsigned asked = method == "GET" || method == "HEAD" ? kGet : method == "POST" ? kPost : 0U;
  const RouteKind otherwise = method == "OPTIONS" ? RouteKind::kOptions : RouteKind::kMethodNotAllowed;
  if ((method == "OPTIONS" && target == "*") || method == "CONNECT") {
    return Route{.kind = otherwise, .allow = AllowText(kGet | kPost)};
  }
  if (!target.starts_with('/')) return Route{.kind = RouteKind::kNotFound};
  target.remove_prefix(1);
  const Parts path(target.substr(0, target.find('?')));
  unsigned allowed = 0;
  for (const Row& row : kRows) {
    const std::optional<Match> match = path.count == 0 ? std::nullopt : MatchPattern(row.pattern, path);
    if (!match.has_value()) continue;
    if ((row.methods & asked) == 0) {
      allowed |= row.methods;
      continue;
    }
    Route route{.kind = row.kind, .extension = row.extension};
    OAR_ASSIGN_OR_RETURN(route.model, PercentDecode(match->model));
    OAR_ASSIGN_OR_RETURN(route.repository, PercentDecode(match->repository));
    OAR_ASSIGN_OR_RETURN(route.region, PercentDecode(match->region));
    if (match->version.has_value()) {
      OAR_ASSIGN_OR_RETURN(route.version, ParseVersion(*match->version));
    }
    return route;
  }
  if (allowed != 0) return Route{.kind = otherwise, .allow = AllowText(allowed)};
  return Route{.kind = RouteKind::kNotFound};
}

}  // namespace oarlock

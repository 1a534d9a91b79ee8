// Which question a request line asks: method and path in, a route out. Names from the path are text to look a model up
// by; they are never part of a file's path.
// Thread rule: a pure function; any thread. Ownership: the route owns its model's name, its views are constants.
#ifndef OARLOCK_SERVER_HTTP_ROUTE_H_
#define OARLOCK_SERVER_HTTP_ROUTE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace oarlock {

enum class RouteKind {
  kServerMetadata,    // GET  /v2
  kServerLive,        // GET  /v2/health/live
  kServerReady,       // GET  /v2/health/ready
  kModelList,         // GET  /v2/models
  kModelMetadata,     // GET  /v2/models/M[/versions/V]
  kModelReady,        // GET  /v2/models/M[/versions/V]/ready
  kModelConfig,       // GET  /v2/models/M[/versions/V]/config
  kModelRoute,        // GET  /v2/models/M/route
  kSetModelRoute,     // POST /v2/models/M/route
  kModelInfer,        // POST /v2/models/M[/versions/V]/infer
  kModelStatistics,   // GET  /v2/models/M[/versions/V]/stats
  kStatistics,        // GET  /v2/models/stats
  kRepositoryIndex,   // POST /v2/repository[/R]/index
  kModelLoad,         // POST /v2/repository/models/M/load
  kModelUnload,       // POST /v2/repository/models/M/unload
  kShmStatus,         // GET /v2/systemsharedmemory[/region/R]/status
  kShmRegister,       // POST /v2/systemsharedmemory/region/R/register
  kShmUnregister,     // POST /v2/systemsharedmemory[/region/R]/unregister
  kCudaStatus,        // GET /v2/cudasharedmemory[/region/R]/status
  kCudaRegister,      // POST /v2/cudasharedmemory/region/R/register
  kCudaUnregister,    // POST /v2/cudasharedmemory[/region/R]/unregister
  kTrace,             // GET /v2[/models/M]/trace/setting
  kSetTrace,          // POST /v2[/models/M]/trace/setting
  kLogging,           // GET /v2/logging
  kSetLogging,        // POST /v2/logging
  kMetrics,           // GET  /metrics
  kUnsupported,       // a path of the protocol that is not served: 501, `extension` names what it belongs to
  kOptions,           // OPTIONS of any of these, or of the server ("*"): `allow` lists the verbs
  kMethodNotAllowed,  // a path with another verb: 405, `allow` lists the right ones
  kNotFound,          // 404
};

struct Route {
  RouteKind kind = RouteKind::kNotFound;
  std::string model = {};  // percent-decoded; any bytes; empty if the path names none
  std::optional<uint64_t> version = {};
  std::string repository = {};      // as `model`
  std::string region = {};          // of shared memory, as `model`
  std::string_view extension = {};  // as in `extensions` of the server's metadata
  std::string_view allow = {};      // as in the header Allow
};

// `target` is that of the request line; what follows a '?' is ignored. HEAD is taken for GET. INVALID_ARGUMENT for a
// '%' that is not followed by two hexadecimal digits, and for a version that is no number.
absl::StatusOr<Route> ParseRoute(std::string_view method, std::string_view target);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_ROUTE_H_

#include "server/protocol/access_group.h"

namespace oarlock {
namespace {

constexpr std::string_view kService = "/inference.GRPCInferenceService/";
constexpr std::string_view kHealth = "/grpc.health.v1.Health/";

// An operation: over HTTP, over gRPC, or both. In a path, {model} stands for M or M/versions/V, {name} for one part.
struct Row {
  AccessGroup group;
  std::string_view verb;
  std::string_view path;
  std::string_view method;
};

constexpr AccessGroup kOpen = AccessGroup::kOpen;
constexpr AccessGroup kInfer = AccessGroup::kInfer;
constexpr AccessGroup kRead = AccessGroup::kRead;
constexpr AccessGroup kControl = AccessGroup::kControl;

// What only reads over HTTP alone needs no row: it is kRead without one.
constexpr Row kRows[] = {
    {kOpen, "GET", "v2/health/live", "ServerLive"},
    {kOpen, "GET", "v2/health/ready", "ServerReady"},
    {kInfer, "POST", "v2/models/{model}/infer", "ModelInfer"},
    {kInfer, "", "", "ModelStreamInfer"},
    {kInfer, "POST", "v2/models/{model}/generate", ""},
    {kInfer, "POST", "v2/models/{model}/generate_stream", ""},
    {kRead, "GET", "v2", "ServerMetadata"},
    {kRead, "GET", "v2/models/{model}", "ModelMetadata"},
    {kRead, "GET", "v2/models/{model}/ready", "ModelReady"},
    {kRead, "GET", "v2/models/{model}/config", "ModelConfig"},
    {kRead, "GET", "v2/models/{model}/stats", "ModelStatistics"},
    {kRead, "POST", "v2/repository/index", "RepositoryIndex"},
    {kRead, "POST", "v2/repository/{name}/index", "RepositoryIndex"},
    {kRead, "GET", "v2/systemsharedmemory/status", "SystemSharedMemoryStatus"},
    {kRead, "GET", "v2/cudasharedmemory/status", "CudaSharedMemoryStatus"},
    {kControl, "POST", "v2/models/{model}/route", ""},
    {kControl, "POST", "v2/repository/models/{name}/load", "RepositoryModelLoad"},
    {kControl, "POST", "v2/repository/models/{name}/unload", "RepositoryModelUnload"},
    {kControl, "POST", "v2/systemsharedmemory/region/{name}/register", "SystemSharedMemoryRegister"},
    {kControl, "POST", "v2/systemsharedmemory/region/{name}/unregister", "SystemSharedMemoryUnregister"},
    {kControl, "POST", "v2/systemsharedmemory/unregister", "SystemSharedMemoryUnregister"},
    {kControl, "POST", "v2/cudasharedmemory/region/{name}/register", "CudaSharedMemoryRegister"},
    {kControl, "POST", "v2/cudasharedmemory/region/{name}/unregister", "CudaSharedMemoryUnregister"},
    {kControl, "POST", "v2/cudasharedmemory/unregister", "CudaSharedMemoryUnregister"},
    {kControl, "POST", "v2/models/{model}/trace/setting", "TraceSetting"},
    {kControl, "POST", "v2/trace/setting", "TraceSetting"},
    {kControl, "POST", "v2/logging", "LogSettings"},
};

// What stands before the next slash, which goes with it. `*last`: there was none.
std::string_view TakePart(std::string_view* path, bool* last) {
  const size_t slash = path->find('/');
  *last = slash == std::string_view::npos;
  const std::string_view part = path->substr(0, slash);
  path->remove_prefix(*last ? path->size() : slash + 1);
  return part;
}

bool Fits(std::string_view pattern, std::string_view path) {
  for (bool last_wanted = false, last = false;;) {
    if (last_wanted || last) return last_wanted == last;
    const std::string_view wanted = TakePart(&pattern, &last_wanted);
    const std::string_view part = TakePart(&path, &last);
    if (part.empty()) return false;
    if (wanted == "{model}") {
      constexpr std::string_view kVersions = "versions/";
      if (!last && path.starts_with(kVersions)) {
        path.remove_prefix(kVersions.size());
        if (TakePart(&path, &last).empty()) return false;
      }
    } else if (wanted != "{name}" && wanted != part) {
      return false;
    }
  }
}

}  // namespace

std::string_view NameOf(AccessGroup group) {
  constexpr std::string_view kNames[kAccessGroupCount] = {"open", "infer", "read", "control"};
  return kNames[static_cast<size_t>(group)];
}

AccessGroup GroupOf(std::string_view method, std::string_view target) {
  if (!target.starts_with('/')) return kRead;
  const std::string_view path = target.substr(1, target.find('?') - 1);
  const std::string_view verb = method == "HEAD" ? "GET" : method;
  for (const Row& row : kRows) {
    if (!row.path.empty() && row.verb == verb && Fits(row.path, path)) return row.group;
  }
  return kRead;
}

AccessGroup GroupOfMethod(std::string_view method) {
  if (method.starts_with(kHealth)) return kOpen;
  if (!method.starts_with(kService)) return kRead;
  method.remove_prefix(kService.size());
  for (const Row& row : kRows) {
    if (!row.method.empty() && row.method == method) return row.group;
  }
  return kRead;
}

}  // namespace oarlock

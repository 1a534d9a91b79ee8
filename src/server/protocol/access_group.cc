#include "server/protocol/access_group.h"

namespace oarlock {
namespace {

constexpr std::string_view kService = "/inference.GRPCInferenceService/";
constexpr std::string_view kHealth = "/grpc.health.v1.Health/";

// An operation of that name: a verb and a path over HTTP, a method of the same name over gRPC, or both. In a path,
// {model} stands for M or M/versions/V, {name} for one part.
struct Row {
  AccessGroup group;
  std::string_view name;
  std::string_view verb;
  std::string_view path;
};

constexpr AccessGroup kOpen = AccessGroup::kOpen;
constexpr AccessGroup kInfer = AccessGroup::kInfer;
constexpr AccessGroup kRead = AccessGroup::kRead;
constexpr AccessGroup kControl = AccessGroup::kControl;

// The first row of a name is gRPC's, where one method does what two verbs do over HTTP.
constexpr Row kRows[] = {
    {kOpen, "ServerLive", "GET", "v2/health/live"},
    {kOpen, "ServerReady", "GET", "v2/health/ready"},
    {kInfer, "ModelInfer", "POST", "v2/models/{model}/infer"},
    {kInfer, "ModelStreamInfer", "", ""},
    {kInfer, "ModelGenerate", "POST", "v2/models/{model}/generate"},
    {kInfer, "ModelGenerate", "POST", "v2/models/{model}/generate_stream"},
    {kControl, "ModelRoute", "POST", "v2/models/{name}/route"},
    {kControl, "RepositoryModelLoad", "POST", "v2/repository/models/{name}/load"},
    {kControl, "RepositoryModelUnload", "POST", "v2/repository/models/{name}/unload"},
    {kControl, "SystemSharedMemoryRegister", "POST", "v2/systemsharedmemory/region/{name}/register"},
    {kControl, "SystemSharedMemoryUnregister", "POST", "v2/systemsharedmemory/region/{name}/unregister"},
    {kControl, "SystemSharedMemoryUnregister", "POST", "v2/systemsharedmemory/unregister"},
    {kControl, "CudaSharedMemoryRegister", "POST", "v2/cudasharedmemory/region/{name}/register"},
    {kControl, "CudaSharedMemoryUnregister", "POST", "v2/cudasharedmemory/region/{name}/unregister"},
    {kControl, "CudaSharedMemoryUnregister", "POST", "v2/cudasharedmemory/unregister"},
    {kControl, "TraceSetting", "POST", "v2/models/{name}/trace/setting"},
    {kControl, "TraceSetting", "POST", "v2/trace/setting"},
    {kControl, "LogSettings", "POST", "v2/logging"},
    {kRead, "ServerMetadata", "GET", "v2"},
    {kRead, "ModelList", "GET", "v2/models"},
    {kRead, "ModelStatistics", "GET", "v2/models/stats"},
    {kRead, "ModelMetadata", "GET", "v2/models/{model}"},
    {kRead, "ModelReady", "GET", "v2/models/{model}/ready"},
    {kRead, "ModelConfig", "GET", "v2/models/{model}/config"},
    {kRead, "ModelStatistics", "GET", "v2/models/{model}/stats"},
    {kRead, "ModelRoute", "GET", "v2/models/{name}/route"},
    {kRead, "RepositoryIndex", "POST", "v2/repository/index"},
    {kRead, "RepositoryIndex", "POST", "v2/repository/{name}/index"},
    {kRead, "SystemSharedMemoryStatus", "GET", "v2/systemsharedmemory/status"},
    {kRead, "SystemSharedMemoryStatus", "GET", "v2/systemsharedmemory/region/{name}/status"},
    {kRead, "CudaSharedMemoryStatus", "GET", "v2/cudasharedmemory/status"},
    {kRead, "CudaSharedMemoryStatus", "GET", "v2/cudasharedmemory/region/{name}/status"},
    {kRead, "TraceSetting", "GET", "v2/models/{name}/trace/setting"},
    {kRead, "TraceSetting", "GET", "v2/trace/setting"},
    {kRead, "LogSettings", "GET", "v2/logging"},
    {kRead, "Metrics", "GET", "metrics"},
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

Operation OperationOf(std::string_view method, std::string_view target) {
  if (!target.starts_with('/')) return {};
  const std::string_view path = target.substr(1, target.find('?') - 1);
  const std::string_view verb = method == "HEAD" ? "GET" : method;
  for (const Row& row : kRows) {
    if (!row.path.empty() && row.verb == verb && Fits(row.path, path)) return {row.group, row.name};
  }
  return {};
}

AccessGroup GroupOfMethod(std::string_view method) {
  if (method.starts_with(kHealth)) return kOpen;
  if (!method.starts_with(kService)) return kRead;
  method.remove_prefix(kService.size());
  for (const Row& row : kRows) {
    if (row.name == method) return row.group;
  }
  return kRead;
}

}  // namespace oarlock

#include "server/http/shared_memory_routes.h"

#include "base/status.h"
#include "server/http/json_body.h"
#include "tensor/json_text.h"

namespace oarlock {
namespace {

std::string RowsJson(const std::vector<SharedMemoryRow>& rows) {
  JsonText json;
  json.StartArray();
  for (const SharedMemoryRow& row : rows) {
    json.StartObject();
    json.Field("name", row.name);
    json.Field("key", row.key);
    json.Field("offset", static_cast<int64_t>(row.offset));
    json.Field("byte_size", static_cast<int64_t>(row.size_bytes));
    json.EndObject();
  }
  json.EndArray();
  return std::string(json.text());
}

// {"key": "/my_object", "offset": 0, "byte_size": 4096}
absl::StatusOr<SharedMemoryRow> ReadRow(const HttpCall& call, const Route& route, const Limits& limits) {
  SharedMemoryRow row;
  row.name = route.region;
  const auto read_size = [](std::string_view key, JsonValue value, uint64_t* size) -> absl::Status {
    OAR_ASSIGN_OR_RETURN(const int64_t number, ReadJsonInteger(key, value, 0));
    *size = static_cast<uint64_t>(number);
    return absl::OkStatus();
  };
  const auto read = [&](std::string_view key, JsonValue value) -> absl::Status {
    if (key == "offset") return read_size(key, value, &row.offset);
    if (key == "byte_size") return read_size(key, value, &row.size_bytes);
    if (key != "key") return SkipJson(value);
    OAR_ASSIGN_OR_RETURN(row.key, ReadJsonString(key, value));
    return absl::OkStatus();
  };
  OAR_RETURN_IF_ERROR(ReadJsonBody(call.body, limits, read));
  return row;
}

absl::Status Answer(const HttpCall& call, const Route& route, Service* service, std::string* text) {
  SharedMemory& regions = service->shared_memory();
  switch (route.kind) {
    case RouteKind::kShmStatus: {
      OAR_ASSIGN_OR_RETURN(const auto rows, regions.Rows(route.region));
      *text = RowsJson(rows);
      return absl::OkStatus();
    }
    case RouteKind::kShmRegister: {
      OAR_RETURN_IF_ERROR(regions.CheckAllowed());  // what is off has no message to be read
      OAR_ASSIGN_OR_RETURN(SharedMemoryRow row, ReadRow(call, route, service->limits()));
      return regions.Register(std::move(row));
    }
    case RouteKind::kShmUnregister:
      return route.region.empty() ? regions.UnregisterAll() : regions.Unregister(route.region);
    case RouteKind::kCudaStatus:
      *text = "[]";
      return route.region.empty() ? absl::OkStatus() : CudaSharedMemoryUnsupported();
    case RouteKind::kCudaRegister:
      return CudaSharedMemoryUnsupported();
    default:
      return absl::OkStatus();  // to unregister what there is not is no error
  }
}

}  // namespace

HttpAnswer AnswerSharedMemory(const HttpCall& call, const Route& route, Service* service) {
  HttpAnswer answer;
  answer.text = "{}";
  const absl::Status status = Answer(call, route, service, &answer.text);
  return status.ok() ? answer : HttpAnswer::Error(status);
}

}  // namespace oarlock

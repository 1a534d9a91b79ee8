#include "server/http/settings_routes.h"

#include "base/status.h"
#include "server/http/json_body.h"
#include "server/protocol/settings.h"
#include "tensor/json_text.h"

namespace oarlock {
namespace {

using simdjson::ondemand::json_type;

absl::StatusOr<json_type> TypeOf(JsonValue value) {
  json_type type{};
  if (const auto error = value.value.type().get(type)) return MalformedJson(error);
  return type;
}

std::string TraceJson() {
  JsonText json;
  json.StartObject();
  for (const TraceSetting& setting : TraceSettings()) {
    json.Key(setting.name);
    if (setting.is_list) json.StartArray();
    for (const std::string& value : setting.values) json.String(value);
    if (setting.is_list) json.EndArray();
  }
  json.EndObject();
  return std::string(json.text());
}

std::string LogJson() {
  JsonText json;
  json.StartObject();
  for (const LogSetting& setting : LogSettings()) {
    std::visit([&](const auto& value) { json.Field(setting.name, value); }, setting.value);
  }
  json.EndObject();
  return std::string(json.text());
}

// A string, a list of strings, or null for none.
absl::StatusOr<std::vector<std::string>> ReadTraceValues(std::string_view key, JsonValue value) {
  std::vector<std::string> values;
  const auto add = [&](JsonValue each) -> absl::Status {
    if (values.size() == kTraceValuesMax) {
      return InvalidArgument("'{}' has more than {} values", Printable(key), kTraceValuesMax);
    }
    OAR_ASSIGN_OR_RETURN(values.emplace_back(), ReadJsonString(Printable(key), each));
    return absl::OkStatus();
  };
  OAR_ASSIGN_OR_RETURN(const json_type type, TypeOf(value));
  if (type == json_type::null) {
    OAR_RETURN_IF_ERROR(SkipJson(value));
  } else if (type == json_type::array) {
    OAR_RETURN_IF_ERROR(ReadJsonArray(Printable(key), value, [&](size_t, JsonValue each) { return add(each); }));
  } else {
    OAR_RETURN_IF_ERROR(add(value));
  }
  return values;
}

absl::StatusOr<LogValue> ReadLogValue(std::string_view key, JsonValue value) {
  OAR_ASSIGN_OR_RETURN(const json_type type, TypeOf(value));
  if (type == json_type::boolean) {
    OAR_ASSIGN_OR_RETURN(const bool flag, ReadJsonBool(Printable(key), value));
    return flag;
  }
  if (type == json_type::number) {
    OAR_ASSIGN_OR_RETURN(const int64_t number, ReadJsonInteger(Printable(key), value, 0));
    return number;
  }
  OAR_ASSIGN_OR_RETURN(const std::string_view text, ReadJsonString(Printable(key), value));
  return std::string(text);
}

absl::Status Set(const HttpCall& call, const Route& route, const Service& service) {
  return ReadJsonBody(call.body, service.limits(), [&](std::string_view key, JsonValue value) -> absl::Status {
    if (route.kind == RouteKind::kSetTrace) {
      OAR_ASSIGN_OR_RETURN(const auto values, ReadTraceValues(key, value));
      return SetTrace(key, values);
    }
    OAR_ASSIGN_OR_RETURN(const LogValue read, ReadLogValue(key, value));
    return SetLog(key, read);
  });
}

absl::Status Check(const HttpCall& call, const Route& route, const Service& service) {
  if (!route.model.empty()) OAR_RETURN_IF_ERROR(service.repository().Model(route.model).status());
  const bool sets = route.kind == RouteKind::kSetTrace || route.kind == RouteKind::kSetLogging;
  return sets ? Set(call, route, service) : absl::OkStatus();
}

}  // namespace

HttpAnswer AnswerSettings(const HttpCall& call, const Route& route, const Service& service) {
  if (const absl::Status status = Check(call, route, service); !status.ok()) return HttpAnswer::Error(status);
  HttpAnswer answer;
  const bool trace = route.kind == RouteKind::kTrace || route.kind == RouteKind::kSetTrace;
  answer.text = trace ? TraceJson() : LogJson();
  return answer;
}

}  // namespace oarlock

#include "server/http/repository_routes.h"

#include <limits>

#include "base/status.h"
#include "server/http/json_body.h"
#include "tensor/json_text.h"

namespace oarlock {
namespace {

HttpAnswer Json(std::string text) {
  HttpAnswer answer;
  answer.text = std::move(text);
  return answer;
}

std::string IndexJson(const std::vector<VersionState>& states) {
  JsonText json;
  json.StartArray();
  for (const VersionState& state : states) {
    json.StartObject();
    json.Field("name", state.model);
    if (state.version) json.Field("version", fmt::format("{}", *state.version));
    json.Field("state", NameOf(state.state));
    json.Field("reason", state.reason);
    json.EndObject();
  }
  json.EndArray();
  return std::string(json.text());
}

absl::StatusOr<HttpAnswer> Index(const HttpCall& call, const Route& route, const Service& service) {
  bool only_ready = false;
  const auto read = [&](std::string_view key, JsonValue value) -> absl::Status {
    if (key != "ready") return SkipJson(value);
    OAR_ASSIGN_OR_RETURN(only_ready, ReadJsonBool(key, value));
    return absl::OkStatus();
  };
  OAR_RETURN_IF_ERROR(ReadJsonBody(call.body, service.limits(), read));
  OAR_ASSIGN_OR_RETURN(const auto states, service.Index(route.repository, only_ready));
  return Json(IndexJson(states));
}

// Of a load or an unload: all that it may say are parameters.
absl::Status CheckParameters(const HttpCall& call, bool load, const Limits& limits) {
  const auto check = [load](std::string_view name, JsonValue value) -> absl::Status {
    OAR_RETURN_IF_ERROR(load ? CheckLoadParameter(name) : CheckUnloadParameter(name));
    return ReadJsonBool(name, value).status();
  };
  return ReadJsonBody(call.body, limits, [&](std::string_view key, JsonValue value) {
    return key == "parameters" ? ReadJsonObject(key, value, check) : SkipJson(value);
  });
}

// {"1": 90, "2": 10}
template <typename AddEntry>
absl::Status ReadVersions(std::string_view key, JsonValue value, const Limits& limits, AddEntry add) {
  int64_t count = 0;
  return ReadJsonObject(key, value, [&](std::string_view version, JsonValue number) -> absl::Status {
    if (++count > limits.route_versions_max) {
      return InvalidArgument("'{}' names more than {} versions (route_versions_max)", key, limits.route_versions_max);
    }
    OAR_ASSIGN_OR_RETURN(const int64_t read, ReadJsonInteger(Printable(version), number, 0));
    return add(version, read);
  });
}

absl::Status ReadTolerance(std::string_view key, JsonValue value, float* tolerance) {
  double number = 0;
  const bool is_number = !value.value.get_double().get(number);
  if (!is_number || number < 0 || number > std::numeric_limits<float>::max()) {
    return WrongJson(key, value, "a number from 0 on, as FP32 holds it");
  }
  *tolerance = static_cast<float>(number);
  return absl::OkStatus();
}

// What a misspelt key would leave out is a rule that nobody asked for.
absl::StatusOr<RouteOptions> ReadRouteOptions(const HttpCall& call, const Limits& limits) {
  RouteOptions route;
  const auto read = [&](std::string_view key, JsonValue value) -> absl::Status {
    if (key == "weights") {
      return ReadVersions(key, value, limits, [&](auto version, auto n) { return AddWeight(version, n, &route); });
    }
    if (key == "shadow") {
      return ReadVersions(key, value, limits, [&](auto version, auto n) { return AddShadow(version, n, &route); });
    }
    if (key == "tolerance") return ReadTolerance(key, value, &route.tolerance);
    return InvalidArgument("a route has no '{}'; it has weights, shadow and tolerance", Printable(key));
  };
  if (call.body.size_bytes() == 0) return InvalidArgument("a JSON object is needed, like {{\"weights\":{{\"1\":1}}}}");
  OAR_RETURN_IF_ERROR(ReadJsonBody(call.body, limits, read));
  return route;
}

std::string RouteJson(const RouteOptions& route) {
  JsonText json;
  const auto versions = [&json](std::string_view key, const std::map<int64_t, int64_t>& values) {
    json.Key(key);
    json.StartObject();
    for (const auto& [version, value] : values) json.Field(fmt::format("{}", version), value);
    json.EndObject();
  };
  json.StartObject();
  versions("weights", route.weights);
  versions("shadow", route.shadow_percents);
  json.Key("tolerance");
  json.Value(route.tolerance);
  json.EndObject();
  return std::string(json.text());
}

// Tells how what was asked for ended; `text` is the answer if well.
ModelControl::Done Ending(std::string text, HttpHandler::Done done) {
  return [text = std::move(text), done = std::move(done)](absl::Status status) mutable {
    std::move(done)(status.ok() ? Json(std::move(text)) : HttpAnswer::Error(status));
  };
}

// An error has left `done` alone.
absl::Status Control(const HttpCall& call, const Route& route, Service* service, HttpHandler::Done* done) {
  OAR_RETURN_IF_ERROR(service->CheckModelControl());
  if (route.kind == RouteKind::kSetModelRoute) {
    OAR_ASSIGN_OR_RETURN(RouteOptions options, ReadRouteOptions(call, service->limits()));
    auto ending = Ending(RouteJson(options), std::move(*done));
    service->SetRoute(route.model, std::move(options), std::move(ending));
    return absl::OkStatus();
  }
  const bool load = route.kind == RouteKind::kModelLoad;
  OAR_RETURN_IF_ERROR(CheckParameters(call, load, service->limits()));
  auto ending = Ending("{}", std::move(*done));
  load ? service->LoadModel(route.model, std::move(ending)) : service->UnloadModel(route.model, std::move(ending));
  return absl::OkStatus();
}

absl::StatusOr<HttpAnswer> CurrentRoute(const Route& route, const Service& service) {
  OAR_ASSIGN_OR_RETURN(const RouteOptions options, service.RouteOf(route.model));
  return Json(RouteJson(options));
}

}  // namespace

void AnswerRepository(const HttpCall& call, const Route& route, Service* service, HttpHandler::Done done) {
  if (route.kind == RouteKind::kRepositoryIndex || route.kind == RouteKind::kModelRoute) {
    const auto answer =
        route.kind == RouteKind::kModelRoute ? CurrentRoute(route, *service) : Index(call, route, *service);
    return std::move(done)(answer.ok() ? *answer : HttpAnswer::Error(answer.status()));
  }
  const absl::Status status = Control(call, route, service, &done);
  if (!status.ok()) std::move(done)(HttpAnswer::Error(status));
}

}  // namespace oarlock

// oarlock serve: models over HTTP until SIGTERM or SIGINT.
#include <fmt/ranges.h>
#include <csignal>

#include <charconv>
#include <filesystem>
#include <thread>

#include "base/file.h"
#include "base/signals.h"
#include "base/status.h"
#include "cli/command.h"
#include "model/model_versions.h"
#include "runtime/watcher.h"
#include "server/http/handler.h"
#include "server/http/http_server.h"
#include "tensor/json_text.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

struct ServeFlags {
  std::string path;
  std::string model_dir;
  ModelFlags model;
  std::string http;
  int http_port = -1;
  int http_threads = 0;
  int thread_budget = -1;
  int watch_ms = -1;
  std::vector<std::string> limits;
  bool print_config = false;
};

std::string LimitsHelp() {
  std::string text = "Limits (--limit NAME=VALUE), with their defaults:\n";
  for (const LimitRow& row : LimitRows()) text += fmt::format("  {:<28}{:<12}{}\n", row.name, row.value, row.doc);
  return text + "\n";
}

// "name=value"
absl::Status ApplyLimit(const std::string& text, Limits* limits) {
  const size_t at = text.find('=');
  int64_t value = 0;
  const char* const first = text.data() + (at == std::string::npos ? 0 : at + 1);
  const auto [end, error] = std::from_chars(first, text.data() + text.size(), value);
  if (at == std::string::npos || error != std::errc() || end != text.data() + text.size()) {
    return UsageError(fmt::format("--limit '{}' must be NAME=NUMBER", Printable(text)));
  }
  const absl::Status status = SetLimit(text.substr(0, at), value, limits);
  return status.ok() ? status : UsageError(MessageOf(status));
}

// A models.yaml, a directory of models, or one model; then what the flags say.
absl::StatusOr<ModelsConfig> MakeConfig(const ServeFlags& flags, const GlobalFlags& global) {
  if (flags.path.empty() == flags.model_dir.empty()) {
    return UsageError("give one MODEL, DIRECTORY or models.yaml (or --model-dir PATH)");
  }
  const fs::path path = flags.path.empty() ? flags.model_dir : flags.path;
  const bool is_config = path.extension() == ".yaml" || path.extension() == ".yml";
  ModelsConfig config;
  OAR_ASSIGN_OR_RETURN(const ModelConfig model_flags, flags.model.Finish(global));
  if (is_config) {
    OAR_ASSIGN_OR_RETURN(config, ReadModelsConfig(path));
  } else if (KindOf(path) == PathKind::kDirectory) {
    OAR_ASSIGN_OR_RETURN(config.models, ModelsIn(path));
  } else {
    config.models.emplace_back().path = path;
  }
  if (!is_config) {
    if (!model_flags.name.empty() && config.models.size() > 1) {
      return UsageError(
          fmt::format("--model-name is for one model; '{}' holds {}", path.string(), config.models.size()));
    }
    for (ModelConfig& model : config.models) {
      const fs::path model_path = model.path;
      model = model_flags;
      model.path = model_path;
    }
  }
  if (!flags.http.empty()) config.http = flags.http;
  if (flags.http_port >= 0) config.http = fmt::format("0.0.0.0:{}", flags.http_port);
  if (flags.http_threads > 0) config.http_threads = flags.http_threads;
  if (flags.thread_budget >= 0) config.thread_budget = flags.thread_budget;
  if (flags.watch_ms >= 0) config.watch_ms = flags.watch_ms;
  if (!global.engine_path.empty()) config.engine_path = global.engine_path;
  if (!global.cache_dir.empty()) config.cache_dir = global.cache_dir;
  for (ModelConfig& model : config.models) model.cache_dir = config.cache_dir;
  for (const std::string& limit : flags.limits) OAR_RETURN_IF_ERROR(ApplyLimit(limit, &config.limits));
  return config;
}

absl::Status Announce(const HttpServer& server, const Repository& repository, bool json_wanted) {
  if (!json_wanted) {
    return Print(fmt::format("serving {} on http://{}\n", fmt::join(repository.Names(), ", "), server.address()));
  }
  JsonText json;
  json.StartObject();
  json.Field("http", server.address());
  json.Key("models");
  json.StartArray();
  for (const std::string& name : repository.Names()) json.String(name);
  json.EndArray();
  json.EndObject();
  return Print(fmt::format("{}\n", json.text()));
}

// Requests in flight get their answers; meanwhile /v2/health/ready says no, and new inferences are refused.
void Drain(const Limits& limits, HttpHandler* handler, HttpServer* server) {
  handler->set_ready(false);
  server->BeginDrain();
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(limits.drain_timeout_ms);
  while (server->busy_count() > 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

// What is to be served, read anew. Where the directory of models is gone or empty, something is wrong rather than every
// model unwanted.
absl::StatusOr<ModelsConfig> ReadAgain(const ServeFlags& flags, const GlobalFlags& global) {
  OAR_ASSIGN_OR_RETURN(ModelsConfig config, MakeConfig(flags, global));
  const fs::path path = flags.path.empty() ? flags.model_dir : flags.path;
  if (config.models.size() == 1 && config.models[0].path == path && KindOf(path) != PathKind::kFile &&
      !HoldsVersions(path)) {
    return NotFound("there is no model in '{}'", path.string());
  }
  return config;
}

absl::Status Serve(const ModelsConfig& config, const Watcher::Source& source, const GlobalFlags& global) {
  // Every thread made from here on leaves these signals to this one.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  Runtime runtime(config.engine_path, config.thread_budget);
  Repository repository(&runtime, config.limits);
  HttpHandler handler(&repository, config.limits);
  HttpServer server({config.http, config.http_threads}, config.limits, &handler);
  // Before the models: a port in use should not cost a load, and health questions are answered meanwhile.
  OAR_RETURN_IF_ERROR(server.Listen());
  server.Start();
  if (!server.is_loopback()) {
    fmt::print(stderr,
               "oarlock: warning: listening on {} without access control; whoever reaches it may use the models\n",
               server.address());
  }
  {
    Progress progress("loading");
    OAR_RETURN_IF_ERROR(repository.Apply(config, [&progress](const fs::path& model, std::string_view phase) {
      progress.Phase(fmt::format("{}: {}", model.string(), phase));
    }));
  }
  for (const auto& model : repository.Models()) {
    for (const auto& [version, variant] : model->variants()) PrintWarnings(*variant.predictor->model());
  }
  handler.set_live(true);
  handler.set_ready(true);
  std::optional<Watcher> watcher;
  if (config.watch_ms > 0) {
    watcher.emplace(&repository, source, config, config.limits, std::chrono::milliseconds(config.watch_ms),
                    [](std::string_view line) { fmt::print(stderr, "oarlock: {}\n", line); });
  }

  OAR_RETURN_IF_ERROR(Announce(server, repository, global.json));

  int signal_number = 0;
  sigwait(&ends, &signal_number);
  Drain(config.limits, &handler, &server);
  watcher.reset();         // once a load under way has ended
  repository.CancelAll();  // what the drain did not wait for
  server.Stop();
  repository.UnloadAll();
  return absl::OkStatus();
}

}  // namespace

Command RegisterServe(Flags* flags, const GlobalFlags* global) {
  auto values = std::make_shared<ServeFlags>();
  flags->Positional("MODEL", "A model, a directory of models, or a models.yaml.", false, &values->path);
  flags->Add("model", "path", &values->model_dir);
  flags->Add("model", "name", &values->model.config.name);
  AddModelFlags(flags, &values->model);
  flags->Add("models", "http", &values->http);
  flags->Add("models", "http_port", 0, 65'535, &values->http_port);
  flags->Exclude("--http-port", "--http");
  flags->Add("models", "http_threads", 1, 256, &values->http_threads);
  flags->Add("models", "thread_budget", 0, 4096, &values->thread_budget);
  flags->Add("models", "watch_ms", 0, 3'600'000, &values->watch_ms);
  flags->Add("models", "limits", &values->limits);
  flags->Switch("serve", "print-config", &values->print_config);
  flags->Footer(LimitsHelp());
  return [values, global]() -> absl::Status {
    OAR_ASSIGN_OR_RETURN(const ModelsConfig config, MakeConfig(*values, *global));
    return values->print_config ? Print(PrintModelsConfig(config))
                                : Serve(
                                      config, [values, global] { return ReadAgain(*values, *global); }, *global);
  };
}

}  // namespace oarlock

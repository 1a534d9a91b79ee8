// oarlock serve: models over HTTP and gRPC until SIGTERM or SIGINT; SIGHUP has it read its keys
// and certificates and open its log anew.
#include <fmt/ranges.h>
#include <csignal>

#include <charconv>
#include <filesystem>

#include "base/status.h"
#include "cli/command.h"
#include "server/embedded/server.h"
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
  std::string grpc;
  int grpc_port = -1;
  std::string unix_path;
  std::string tls_cert;
  std::string tls_key;
  std::string tls_client_ca;
  int http_threads = 0;
  int thread_budget = -1;
  int watch_ms = -1;
  std::string model_control;
  bool allow_client_shm = false;
  std::string keys_file;
  std::string access_log;
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

// What the flags say, over what was read. `model_flags` are those of a model; a models.yaml has its own.
absl::Status ApplyFlags(const ServeFlags& flags, const GlobalFlags& global, const ModelConfig& model_flags,
                        const ServerSource& source, ModelsConfig* config) {
  if (!source.is_config()) {
    if (!model_flags.name.empty() && config->models.size() > 1) {
      return UsageError(
          fmt::format("--model-name is for one model; '{}' holds {}", source.path.string(), config->models.size()));
    }
    for (ModelConfig& model : config->models) {
      const fs::path model_path = model.path;
      model = model_flags;
      model.path = model_path;
    }
  }
  if (!flags.grpc.empty()) config->grpc = flags.grpc;
  if (flags.grpc_port >= 0) config->grpc = fmt::format("0.0.0.0:{}", flags.grpc_port);
  if (!flags.unix_path.empty()) config->unix_path = flags.unix_path;
  if (!flags.tls_cert.empty()) config->tls.cert = flags.tls_cert;
  if (!flags.tls_key.empty()) config->tls.key = flags.tls_key;
  if (!flags.tls_client_ca.empty()) config->tls.client_ca = flags.tls_client_ca;
  if (flags.http_threads > 0) config->http_threads = flags.http_threads;
  if (flags.thread_budget >= 0) config->thread_budget = flags.thread_budget;
  if (flags.watch_ms >= 0) config->watch_ms = flags.watch_ms;
  if (flags.allow_client_shm) config->allow_client_shm = true;
  if (!flags.model_control.empty()) {
    const auto model_control = ModelControlFromName(flags.model_control);
    if (!model_control.ok()) return UsageError(MessageOf(model_control.status()));
    config->model_control = *model_control;
  }
  if (!flags.keys_file.empty()) config->keys_file = fs::absolute(flags.keys_file);
  if (!flags.access_log.empty()) {
    config->access_log =
        flags.access_log == kStandardOutput ? fs::path(flags.access_log) : fs::absolute(flags.access_log);
  }
  if (!global.engine_path.empty()) config->engine_path = global.engine_path;
  if (!global.cache_dir.empty()) config->cache_dir = global.cache_dir;
  for (const std::string& limit : flags.limits) OAR_RETURN_IF_ERROR(ApplyLimit(limit, &config->limits));
  return absl::OkStatus();
}

absl::StatusOr<ServerSource> SourceOf(const ServeFlags& flags, const GlobalFlags& global) {
  if (flags.path.empty() == flags.model_dir.empty()) {
    return UsageError("give one MODEL, DIRECTORY or models.yaml (or --model-dir PATH)");
  }
  ServerSource source;
  source.path = flags.path.empty() ? flags.model_dir : flags.path;
  source.http = flags.http_port >= 0 ? fmt::format("0.0.0.0:{}", flags.http_port) : flags.http;
  OAR_ASSIGN_OR_RETURN(const ModelConfig model_flags, flags.model.Finish(global));
  source.adjust = [flags, global, model_flags, adjusted = source](ModelsConfig* config) {
    return ApplyFlags(flags, global, model_flags, adjusted, config);
  };
  return source;
}

absl::Status Announce(std::string_view http, std::string_view grpc, bool has_tls,
                      const std::vector<std::string>& models, bool json_wanted) {
  if (!json_wanted) {
    const std::string also = grpc.empty()   ? ""
                             : grpc == http ? ", and gRPC there too"
                                            : fmt::format(", gRPC on {}", grpc);
    return Print(fmt::format("serving {} on http{}://{}{}\n", fmt::join(models, ", "), has_tls ? "s" : "", http, also));
  }
  JsonText json;
  json.StartObject();
  json.Field("http", http);
  if (!grpc.empty()) json.Field("grpc", grpc);
  json.Key("models");
  json.StartArray();
  for (const std::string& name : models) json.String(name);
  json.EndArray();
  json.EndObject();
  return Print(fmt::format("{}\n", json.text()));
}

absl::Status Serve(const ServerSource& source, const ModelsConfig& config, const GlobalFlags& global) {
  // Every thread made from here on leaves these signals to this one.
  sigset_t taken;
  sigemptyset(&taken);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&taken, number);
  pthread_sigmask(SIG_BLOCK, &taken, nullptr);

  Runtime runtime(config.engine_path, config.thread_budget);
  Progress progress("loading");
  Server server(source, config, &runtime, [&progress](LogLevel level, std::string_view line) {
    progress.Done();
    fmt::print(stderr, "oarlock: {}{}\n", level == LogLevel::kWarning ? "warning: " : "", line);
  });
  OAR_RETURN_IF_ERROR(server.Start([&progress](const fs::path& model, std::string_view phase) {
    progress.Phase(fmt::format("{}: {}", model.string(), phase));
  }));
  progress.Done();
  OAR_ASSIGN_OR_RETURN(const std::string_view address, server.address());
  OAR_ASSIGN_OR_RETURN(const std::string_view grpc, server.grpc_address());
  OAR_RETURN_IF_ERROR(Announce(address, grpc, config.tls.is_used(), server.ModelNames(), global.json));

  int signal_number = 0;
  while (sigwait(&taken, &signal_number) == 0 && signal_number == SIGHUP) (void)server.Reload();
  (void)server.Drain();  // what is not answered by then is cancelled
  return server.Stop();
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
  flags->Add("models", "grpc", &values->grpc);
  flags->Add("models", "grpc_port", 0, 65'535, &values->grpc_port);
  flags->Exclude("--grpc-port", "--grpc");
  flags->Add("models", "unix", &values->unix_path);
  flags->Add("models", "tls_cert", &values->tls_cert);
  flags->Add("models", "tls_key", &values->tls_key);
  flags->Add("models", "tls_client_ca", &values->tls_client_ca);
  flags->Add("models", "http_threads", 1, 256, &values->http_threads);
  flags->Add("models", "thread_budget", 0, 4096, &values->thread_budget);
  flags->Add("models", "watch_ms", 0, 3'600'000, &values->watch_ms);
  flags->Add("models", "model_control", &values->model_control);
  flags->Switch("models", "allow_client_shm", &values->allow_client_shm);
  flags->AddNonEmpty("models", "keys_file", &values->keys_file);
  flags->AddNonEmpty("models", "access_log", &values->access_log);
  flags->Add("models", "limits", &values->limits);
  flags->Switch("serve", "print-config", &values->print_config);
  flags->Footer(LimitsHelp());
  return [values, global]() -> absl::Status {
    OAR_ASSIGN_OR_RETURN(const ServerSource source, SourceOf(*values, *global));
    OAR_ASSIGN_OR_RETURN(const ModelsConfig config, ReadConfig(source));
    return values->print_config ? Print(PrintModelsConfig(config)) : Serve(source, config, *global);
  };
}

}  // namespace oarlock

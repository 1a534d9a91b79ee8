#include "model/models_config.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/file.h"
#include "base/nearest.h"
#include "base/status.h"
#include "base/utf8.h"
#include "model/conversion_cache.h"
#include "model/model_versions.h"
#include "model/yaml_section.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

constexpr Precision kPrecisions[] = {Precision::kF32, Precision::kBF16, Precision::kF16};
constexpr ImporterChoice kImporters[] = {ImporterChoice::kAuto, ImporterChoice::kOarlock, ImporterChoice::kEngine};
constexpr Weights kWeights[] = {Weights::kPacked, Weights::kShared};

constexpr int64_t kThreadBudgetMax = 4096;
constexpr int64_t kWatchMsMax = 3'600'000;

absl::StatusOr<ModelConfig> ReadModelConfig(const YamlSection& section, const fs::path& directory,
                                            const Limits& limits) {
  ModelConfig model;
  std::string path;
  OAR_RETURN_IF_ERROR(section.Read("path", &path));
  if (path.empty()) return section.Error("path", "'path' is missing; it names the model's file or directory");
  model.path = directory / path;  // an absolute path stands for itself
  OAR_RETURN_IF_ERROR(section.Read("name", &model.name));
  if (section.Has("name")) {
    if (const absl::Status status = CheckModelName(model.name, limits); !status.ok()) {
      return section.Error("name", MessageOf(status));
    }
  }
  OAR_RETURN_IF_ERROR(section.Read("engine", &model.engine));
  int importer = 0;
  OAR_RETURN_IF_ERROR(section.ReadChoice("importer", &importer));
  model.importer = kImporters[importer];
  int precision = 0;
  OAR_RETURN_IF_ERROR(section.ReadChoice("precision", &precision));
  model.precision = kPrecisions[precision];
  int weights = 0;
  OAR_RETURN_IF_ERROR(section.ReadChoice("weights", &weights));
  model.weights = kWeights[weights];
  int64_t executions = model.executions;
  OAR_RETURN_IF_ERROR(section.Read("executions", 0, limits.executions_max, &executions));
  model.executions = static_cast<int>(executions);
  int never_inline = 0;
  OAR_RETURN_IF_ERROR(section.ReadChoice("inline", &never_inline));
  model.inline_runs = never_inline == 0;
  int64_t threads = model.threads;
  OAR_RETURN_IF_ERROR(section.Read("threads", 1, 1024, &threads));
  model.threads = static_cast<int>(threads);
  if (section.Has("batching")) {
    OAR_ASSIGN_OR_RETURN(const YamlSection batching, section.Section("batching", "batching"));
    OAR_ASSIGN_OR_RETURN(model.batching, ReadBatching(batching, limits));
  }
  int all_versions = 0;
  OAR_RETURN_IF_ERROR(section.ReadChoice("versions", &all_versions));
  model.all_versions = all_versions == 1;
  if (section.Has("route")) {
    OAR_ASSIGN_OR_RETURN(const YamlSection route, section.Section("route", "route"));
    OAR_ASSIGN_OR_RETURN(model.route, ReadRoute(route));
  }
  return model;
}

// Empty paths are refused: what should have been written into them must not be off without a word.
absl::Status ReadSight(const YamlSection& root, const fs::path& directory, ModelsConfig* config) {
  for (const auto& [key, path] :
       {std::pair("keys_file", &config->keys_file), std::pair("access_log", &config->access_log)}) {
    std::string text;
    OAR_RETURN_IF_ERROR(root.Read(key, &text));
    if (!root.Has(key)) continue;
    if (text.empty()) return root.Error(key, fmt::format("'{}' is empty; it must name a file", key));
    *path = text == kStandardOutput && key == std::string_view("access_log") ? fs::path(text) : directory / text;
  }
  return absl::OkStatus();
}

// A YAML scalar that reads back to `text`.
std::string Quoted(std::string_view text) {
  YAML::Emitter emitter;
  emitter << YAML::DoubleQuoted << std::string(text);
  return emitter.c_str();
}

// Absolute, since the file that it is printed to may lie anywhere.
std::string QuotedPath(const fs::path& path) { return Quoted(fs::absolute(path).lexically_normal().string()); }

std::string PrintBatching(const BatchingOptions& batching) {
  return fmt::format(
      "    batching: {{max_batch_size: {}, max_delay_us: {}, eager: {}, buckets: [{}], batchable: {}}}\n",
      batching.max_batch_size, batching.delay_max.count(), batching.eager, fmt::join(batching.buckets, ", "),
      batching.batchable);
}

std::string PrintRoute(const RouteOptions& route) {
  const auto mapping = [](const std::map<int64_t, int64_t>& values) {
    std::string text;
    for (const auto& [version, value] : values)
      text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", version, value);
    return text;
  };
  return fmt::format("    route: {{weights: {{{}}}, shadow: {{{}}}, tolerance: {}}}\n", mapping(route.weights),
                     mapping(route.shadow_percents), route.tolerance);
}

}  // namespace

absl::StatusOr<Precision> PrecisionFromName(std::string_view name) {
  for (Precision precision : kPrecisions) {
    if (NameOf(precision) == name) return precision;
  }
  return InvalidArgument("precision '{}'; it must be f32, bf16 or f16", Printable(name));
}

std::string_view NameOf(ImporterChoice choice) {
  switch (choice) {
    case ImporterChoice::kOarlock:
      return "oarlock";
    case ImporterChoice::kEngine:
      return "engine";
    case ImporterChoice::kAuto:
      break;
  }
  return "auto";
}

absl::StatusOr<ImporterChoice> ImporterFromName(std::string_view name) {
  for (ImporterChoice choice : kImporters) {
    if (NameOf(choice) == name) return choice;
  }
  return InvalidArgument("importer '{}'; it must be auto, oarlock or engine", Printable(name));
}

absl::StatusOr<bool> InlineFromName(std::string_view name) {
  if (name == "auto") return true;
  if (name == "never") return false;
  return InvalidArgument("inline '{}'; it must be auto or never", Printable(name));
}

absl::StatusOr<bool> ModelControlFromName(std::string_view name) {
  if (name == "explicit") return true;
  if (name == "none") return false;
  return InvalidArgument("model control mode '{}'; it must be none or explicit", Printable(name));
}

absl::StatusOr<Weights> WeightsFromName(std::string_view name) {
  for (Weights weights : kWeights) {
    if (NameOf(weights) == name) return weights;
  }
  return InvalidArgument("weights '{}'; it must be packed or shared", Printable(name));
}

bool IsPathSegment(std::string_view name) {
  const bool plain = std::none_of(name.begin(), name.end(),
                                  [](char c) { return c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  const bool folded = name == "." || name == "..";           // clients take them out of a path before they send it
  return !name.empty() && plain && !folded && IsUtf8(name);  // names go out in JSON
}

absl::Status CheckModelName(std::string_view name, const Limits& limits) {
  if (!IsPathSegment(name) || static_cast<int64_t>(name.size()) > limits.name_bytes_max) {
    return InvalidArgument(
        "model name '{}' must be 1 to {} bytes of UTF-8 without '/' and control characters, and not '.' or '..'",
        Printable(name), limits.name_bytes_max);
  }
  return absl::OkStatus();
}

absl::Status SetLimit(std::string_view name, int64_t value, Limits* limits) {
  std::vector<std::string_view> known;
  for (const LimitRow& row : LimitRows()) {
    known.push_back(row.name);
    if (row.name != name) continue;
    if (value < row.smallest || value > row.largest) {
      return InvalidArgument("limit '{}' is {}; it must be from {} to {}", name, value, row.smallest, row.largest);
    }
    limits->*row.field = value;
    return absl::OkStatus();
  }
  return InvalidArgument("unknown limit '{}'{}", Printable(name), Suggestion(name, known));
}

absl::Status CheckListening(const ModelsConfig& config) {
  const TlsFiles& tls = config.tls;
  if (tls.cert.empty() != tls.key.empty()) {
    return InvalidArgument("TLS needs a certificate and its key (tls_cert, tls_key); only one is given");
  }
  if (tls.cert.empty() && !tls.client_ca.empty()) {
    return InvalidArgument("tls_client_ca is given without tls_cert and tls_key, which TLS needs");
  }
  if (!tls.is_used()) return absl::OkStatus();
  if (config.grpc.empty()) {
    return InvalidArgument(
        "with TLS, HTTP and gRPC cannot share the address '{}': the first bytes do not tell them apart; give gRPC one "
        "of its own (--grpc ADDR:PORT), or none (--grpc none)",
        config.http);
  }
  if (config.grpc.starts_with("unix:")) {
    return InvalidArgument("gRPC with TLS is for ADDR:PORT; '{}' is a Unix socket (--unix takes one in the clear)",
                           config.grpc);
  }
  return absl::OkStatus();
}

namespace {

absl::Status ReadPath(const YamlSection& root, std::string_view key, const fs::path& directory, fs::path* path) {
  std::string text;
  OAR_RETURN_IF_ERROR(root.Read(key, &text));
  if (!text.empty()) *path = directory / text;
  return absl::OkStatus();
}

// An address, or in KServe's spelling a port of all interfaces.
absl::Status ReadAddress(const YamlSection& root, std::string_view key, std::string_view port_key,
                         std::string* address) {
  OAR_RETURN_IF_ERROR(root.Read(key, address));
  int64_t port = 0;
  OAR_RETURN_IF_ERROR(root.Read(port_key, 0, 65'535, &port));
  if (root.Has(key) && root.Has(port_key)) {
    return root.Error(port_key,
                      fmt::format("'{}' and '{}' are both given; they say the same, so give one", key, port_key));
  }
  if (root.Has(port_key)) *address = fmt::format("0.0.0.0:{}", port);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ModelsConfig> ParseModelsConfig(std::string_view text, std::string name, const fs::path& directory) {
  OAR_ASSIGN_OR_RETURN(const YamlSection root, YamlSection::Parse(text, std::move(name), "models"));
  OAR_RETURN_IF_ERROR(root.CheckSchema());
  ModelsConfig config;
  OAR_RETURN_IF_ERROR(ReadAddress(root, "http", "http_port", &config.http));
  OAR_RETURN_IF_ERROR(ReadAddress(root, "grpc", "grpc_port", &config.grpc));
  OAR_RETURN_IF_ERROR(ReadPath(root, "unix", directory, &config.unix_path));
  OAR_RETURN_IF_ERROR(ReadPath(root, "tls_cert", directory, &config.tls.cert));
  OAR_RETURN_IF_ERROR(ReadPath(root, "tls_key", directory, &config.tls.key));
  OAR_RETURN_IF_ERROR(ReadPath(root, "tls_client_ca", directory, &config.tls.client_ca));
  int64_t http_threads = config.http_threads;
  OAR_RETURN_IF_ERROR(root.Read("http_threads", 1, 256, &http_threads));
  config.http_threads = static_cast<int>(http_threads);
  int64_t thread_budget = config.thread_budget;
  OAR_RETURN_IF_ERROR(root.Read("thread_budget", 0, kThreadBudgetMax, &thread_budget));
  config.thread_budget = static_cast<int>(thread_budget);
  int64_t watch_ms = config.watch_ms;
  OAR_RETURN_IF_ERROR(root.Read("watch_ms", 0, kWatchMsMax, &watch_ms));
  config.watch_ms = static_cast<int>(watch_ms);
  int model_control = 0;
  OAR_RETURN_IF_ERROR(root.ReadChoice("model_control", &model_control));
  config.model_control = model_control == 1;
  OAR_RETURN_IF_ERROR(root.Read("allow_client_shm", &config.allow_client_shm));
  OAR_RETURN_IF_ERROR(ReadPath(root, "engine_path", directory, &config.engine_path));
  std::string cache_dir;
  OAR_RETURN_IF_ERROR(root.Read("cache_dir", &cache_dir));
  if (!cache_dir.empty()) config.cache_dir = cache_dir == kNoCache ? fs::path(cache_dir) : directory / cache_dir;
  OAR_RETURN_IF_ERROR(ReadSight(root, directory, &config));
  OAR_RETURN_IF_ERROR(root.ForEachInteger(
      "limits", [&config](std::string_view limit, int64_t value) { return SetLimit(limit, value, &config.limits); }));
  if (!root.Has("models")) return root.Error("models", "'models' is missing; it lists the models to serve");
  OAR_ASSIGN_OR_RETURN(const auto sections, root.List("models", "model"));
  for (const YamlSection& section : sections) {
    OAR_ASSIGN_OR_RETURN(ModelConfig model, ReadModelConfig(section, directory, config.limits));
    model.cache_dir = config.cache_dir;
    config.models.push_back(std::move(model));
  }
  return config;
}

absl::StatusOr<ModelsConfig> ParseModelsConfig(std::string_view text, const fs::path& path) {
  return ParseModelsConfig(text, path.string(), path.parent_path());
}

absl::StatusOr<ModelsConfig> ReadModelsConfig(const fs::path& path) {
  OAR_ASSIGN_OR_RETURN(const FileBytes content, ReadFile(path, Limits().manifest_bytes_max));
  return ParseModelsConfig(content.text(), path);
}

absl::StatusOr<std::vector<ModelConfig>> ModelsIn(const fs::path& directory) {
  std::vector<ModelConfig> models;
  if (!HoldsVersions(directory)) {
    OAR_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(directory));
    for (const std::string& name : names) {
      if (KindOf(directory / name) != PathKind::kDirectory || !HoldsVersions(directory / name)) continue;
      models.emplace_back().path = directory / name;
    }
  }
  if (models.empty()) models.emplace_back().path = directory;  // finding it says what is there, or is not
  return models;
}

std::string PrintModelsConfig(const ModelsConfig& config) {
  std::string text = fmt::format("schema: 1\nhttp: {}\nhttp_threads: {}\nthread_budget: {}\nwatch_ms: {}\n",
                                 Quoted(config.http), config.http_threads, config.thread_budget, config.watch_ms);
  text += fmt::format("model_control: {}\nallow_client_shm: {}\n", config.model_control ? "explicit" : "none",
                      config.allow_client_shm);
  if (!config.grpc.empty()) text += fmt::format("grpc: {}\n", Quoted(config.grpc));
  const std::pair<std::string_view, fs::path> paths[] = {{"unix", config.unix_path},
                                                         {"tls_cert", config.tls.cert},
                                                         {"tls_key", config.tls.key},
                                                         {"tls_client_ca", config.tls.client_ca}};
  for (const auto& [key, path] : paths) {
    if (!path.empty()) text += fmt::format("{}: {}\n", key, QuotedPath(path));
  }
  if (!config.engine_path.empty()) text += fmt::format("engine_path: {}\n", QuotedPath(config.engine_path));
  if (!config.cache_dir.empty()) {
    text +=
        fmt::format("cache_dir: {}\n", config.cache_dir == kNoCache ? Quoted(kNoCache) : QuotedPath(config.cache_dir));
  }
  if (!config.keys_file.empty()) text += fmt::format("keys_file: {}\n", QuotedPath(config.keys_file));
  if (!config.access_log.empty()) {
    text += fmt::format("access_log: {}\n",
                        config.access_log == kStandardOutput ? Quoted(kStandardOutput) : QuotedPath(config.access_log));
  }
  text += "limits:\n";
  for (const LimitRow& row : LimitRows()) text += fmt::format("  {}: {}\n", row.name, config.limits.*row.field);
  text += config.models.empty() ? "models: []\n" : "models:\n";
  for (const ModelConfig& model : config.models) {
    text += fmt::format("  - path: {}\n", QuotedPath(model.path));
    if (!model.name.empty()) text += fmt::format("    name: {}\n", Quoted(model.name));
    text += fmt::format(
        "    engine: {}\n    importer: {}\n    precision: {}\n    weights: {}\n    executions: {}\n    inline: {}\n    "
        "threads: {}\n",
        Quoted(model.engine), NameOf(model.importer), NameOf(model.precision), NameOf(model.weights), model.executions,
        model.inline_runs ? "auto" : "never", model.threads);
    if (model.batching) text += PrintBatching(*model.batching);
    text += fmt::format("    versions: {}\n", model.all_versions ? "all" : "latest");
    if (model.route != RouteOptions()) text += PrintRoute(model.route);
  }
  return text;
}

}  // namespace oarlock

// models.yaml: what a server serves and how. Keys: config_schema.def, scopes `models` and `model`. Values.
#ifndef OARLOCK_MODEL_MODELS_CONFIG_H_
#define OARLOCK_MODEL_MODELS_CONFIG_H_

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "engine/engine.h"
#include "model/batching.h"
#include "model/route_options.h"
#include "model/tls_files.h"

namespace oarlock {

// Who reads a Paddle model: our importer, or an engine that can.
enum class ImporterChoice { kAuto, kOarlock, kEngine };
std::string_view NameOf(ImporterChoice choice);  // "auto", "oarlock", "engine"

struct ModelConfig {
  std::string name;  // empty = that of the directory or file
  std::filesystem::path path;
  std::string engine = "auto";
  std::filesystem::path cache_dir;  // ModelsConfig's
  ImporterChoice importer = ImporterChoice::kAuto;
  Precision precision = Precision::kF32;
  Weights weights = Weights::kPacked;
  int executions = 0;  // 0 = one per usable core, divided by `threads`
  int threads = 1;
  bool inline_runs = true;                  // `inline: auto`
  std::optional<BatchingOptions> batching;  // none = the manifest's
  bool all_versions = false;                // `versions: all`; else the latest
  RouteOptions route;
};

// What `access_log` says instead of a path.
inline constexpr std::string_view kStandardOutput = "-";

struct ModelsConfig {
  std::string http = "127.0.0.1:8080";
  std::string grpc;                 // empty = where `http` is, "none" = nowhere
  std::filesystem::path unix_path;  // besides; empty = none
  TlsFiles tls;
  int http_threads = 1;
  int thread_budget = 0;       // 0 = the usable cores
  int watch_ms = 1000;         // 0 = never
  bool model_control = false;  // `model_control: explicit`
  bool allow_client_shm = false;
  std::filesystem::path engine_path;
  std::filesystem::path cache_dir;   // of converted models; empty = the user's own, "none" = nothing is kept
  std::filesystem::path keys_file;   // empty = no access control
  std::filesystem::path access_log;  // empty = none, "-" = standard output
  Limits limits;
  std::vector<ModelConfig> models;
};

// Paths in the file are relative to its directory.
absl::StatusOr<ModelsConfig> ReadModelsConfig(const std::filesystem::path& path);
absl::StatusOr<ModelsConfig> ParseModelsConfig(std::string_view text, const std::filesystem::path& path);
// The same of a text that is no file's: errors call it `name`, and paths in it are relative to `directory`.
absl::StatusOr<ModelsConfig> ParseModelsConfig(std::string_view text, std::string name,
                                               const std::filesystem::path& directory);

// Sets one limit by its name; an unknown name or a value out of range is an error.
absl::Status SetLimit(std::string_view name, int64_t value, Limits* limits);

// The models in a directory: itself if it holds one, right in it or in version directories (model_versions.h), else
// each of its subdirectories that does.
absl::StatusOr<std::vector<ModelConfig>> ModelsIn(const std::filesystem::path& directory);

// "f32", "bf16", "f16".
absl::StatusOr<Precision> PrecisionFromName(std::string_view name);
absl::StatusOr<ImporterChoice> ImporterFromName(std::string_view name);
// "auto" is true, "never" is false.
absl::StatusOr<bool> InlineFromName(std::string_view name);
// "explicit" is true, "none" is false.
absl::StatusOr<bool> ModelControlFromName(std::string_view name);
// "packed", "shared".
absl::StatusOr<Weights> WeightsFromName(std::string_view name);

// What `http`, `grpc` and TLS must be together.
absl::Status CheckListening(const ModelsConfig& config);

// Can a URL carry it as one segment of its path? Not empty, UTF-8 without '/' and control characters, neither "." nor
// "..".
bool IsPathSegment(std::string_view name);
// Such a name, of at most name_bytes_max.
absl::Status CheckModelName(std::string_view name, const Limits& limits);

// The configuration as a models.yaml that reads back to it.
std::string PrintModelsConfig(const ModelsConfig& config);

}  // namespace oarlock

#endif  // OARLOCK_MODEL_MODELS_CONFIG_H_

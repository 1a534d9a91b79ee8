// What a server serves: where that is written, and what its caller says besides. Read at the start, and again whenever
// the watcher looks. A value; reading is thread-safe if `adjust` is.
//   ServerSource source;
//   source.path = "models.yaml";
//   OAR_ASSIGN_OR_RETURN(const ModelsConfig config, ReadConfig(source));
#ifndef OARLOCK_SERVER_EMBEDDED_SERVER_SOURCE_H_
#define OARLOCK_SERVER_EMBEDDED_SERVER_SOURCE_H_

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "model/models_config.h"

namespace oarlock {

struct ServerSource {
  // One of the two: a models.yaml, a directory of models, or one model; or the text of a models.yaml.
  std::filesystem::path path;
  std::optional<std::string> text;
  std::filesystem::path directory;  // that paths in `text` are relative to; empty = the working directory

  std::string http;                 // instead of the configuration's; empty = that
  std::filesystem::path cache_dir;  // where the configuration names none
  // Everything else, after that and before `cache_dir`.
  std::function<absl::Status(ModelsConfig* config)> adjust;

  // Is it a models.yaml, rather than models?
  bool is_config() const;
};

// INVALID_ARGUMENT says file, line and key, or that not one of path and text is given; NOT_FOUND: there is no such
// file.
absl::StatusOr<ModelsConfig> ReadConfig(const ServerSource& source);
// The same for one that is served already: where the directory of models is gone or empty, something is wrong rather
// than every model unwanted.
absl::StatusOr<ModelsConfig> ReadConfigAgain(const ServerSource& source);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_EMBEDDED_SERVER_SOURCE_H_

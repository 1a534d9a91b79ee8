#include "server/embedded/server_source.h"

#include "base/file.h"
#include "base/status.h"
#include "model/model_versions.h"

namespace oarlock {
namespace {

absl::StatusOr<ModelsConfig> ReadUnadjusted(const ServerSource& source) {
  if (source.text) return ParseModelsConfig(*source.text, "the configuration", source.directory);
  if (source.is_config()) return ReadModelsConfig(source.path);
  ModelsConfig config;
  if (KindOf(source.path) == PathKind::kDirectory) {
    OAR_ASSIGN_OR_RETURN(config.models, ModelsIn(source.path));
  } else {
    config.models.emplace_back().path = source.path;
  }
  return config;
}

}  // namespace

bool ServerSource::is_config() const {
  return text.has_value() || path.extension() == ".yaml" || path.extension() == ".yml";
}

absl::StatusOr<ModelsConfig> ReadConfig(const ServerSource& source) {
  if (source.path.empty() && !source.text) {
    return InvalidArgument(
        "nothing to serve is given; give a models.yaml, a directory of models or a model, or the text of a "
        "models.yaml");
  }
  if (!source.path.empty() && source.text) {
    return InvalidArgument("'{}' and the text of a models.yaml are both given; give one of them", source.path.string());
  }
  OAR_ASSIGN_OR_RETURN(ModelsConfig config, ReadUnadjusted(source));
  if (!source.http.empty()) config.http = source.http;
  if (source.adjust) OAR_RETURN_IF_ERROR(source.adjust(&config));
  OAR_RETURN_IF_ERROR(CheckListening(config));
  if (config.cache_dir.empty()) config.cache_dir = source.cache_dir;
  for (ModelConfig& model : config.models) model.cache_dir = config.cache_dir;
  return config;
}

absl::StatusOr<ModelsConfig> ReadConfigAgain(const ServerSource& source) {
  OAR_ASSIGN_OR_RETURN(ModelsConfig config, ReadConfig(source));
  if (config.models.size() == 1 && config.models[0].path == source.path && KindOf(source.path) != PathKind::kFile &&
      !HoldsVersions(source.path)) {
    return NotFound("there is no model in '{}'", source.path.string());
  }
  return config;
}

}  // namespace oarlock

#include "engine/registry.h"

#include <algorithm>
#include <array>

#include "base/cpu.h"
#include "base/file.h"
#include "base/install.h"
#include "base/nearest.h"
#include "base/status.h"
#include "engine/plugin.h"

namespace oarlock {
namespace {

constexpr KnownEngine kKnown[] = {
#define OAR_KNOWN_ENGINE(name, install, private_library) {#name, install, private_library},
#include "engine/engines.def"
#undef OAR_KNOWN_ENGINE
};

std::filesystem::path DefaultDirectory() {
  const std::filesystem::path directory = PrivateLibraryDirectory();
  return directory.empty() ? directory : directory / "engines";
}

}  // namespace

EngineRegistry::EngineRegistry(std::filesystem::path directory, int threads_max)
    : directory_(directory.empty() ? DefaultDirectory() : std::move(directory)),
      threads_max_(threads_max > 0 ? threads_max : UsableCpuCount()) {}

const KnownEngine* EngineRegistry::Known(std::string_view name) {
  const auto* row =
      std::find_if(std::begin(kKnown), std::end(kKnown), [&](const KnownEngine& k) { return k.name == name; });
  return row == std::end(kKnown) ? nullptr : row;
}

std::vector<std::string> EngineRegistry::Names() const {
  std::vector<std::string> present;
  if (const auto files = ListDirectory(directory_); files.ok()) {
    for (const std::string& file : *files) {
      if (const std::string_view name = EngineNameOf(file); !name.empty()) present.emplace_back(name);
    }
  }
  std::vector<std::string> names;
  for (const KnownEngine& known : kKnown) {
    const bool is_present = std::find(present.begin(), present.end(), known.name) != present.end();
    if (is_present || !known.install.empty()) names.emplace_back(known.name);
  }
  for (std::string& name : present) {
    if (Known(name) == nullptr) names.push_back(std::move(name));
  }
  return names;
}

absl::StatusOr<std::shared_ptr<Engine>> EngineRegistry::Get(std::string_view name) {
  OAR_RETURN_IF_ERROR(CheckEngineName(name));
  const std::lock_guard lock(mutex_);
  if (const auto found = engines_.find(name); found != engines_.end()) return found->second;
  const std::filesystem::path path = directory_ / PluginFileName(name);
  if (Known(name) == nullptr && KindOf(path) == PathKind::kMissing) {
    const std::vector<std::string> names = Names();
    return NotFound("no engine '{}': there is no '{}'{}", name, path.string(),
                    Suggestion(name, std::vector<std::string_view>(names.begin(), names.end())));
  }
  OAR_ASSIGN_OR_RETURN(const oar_engine_api* api, OpenPlugin(path, Known(name)));
  OAR_ASSIGN_OR_RETURN(auto engine, Engine::Open(api, path.string(), threads_max_));
  if (engine->name() != name) {
    return FailedPrecondition("engine plugin '{}' says it is '{}'; its file name says '{}'", path.string(),
                              Printable(engine->name()), name);
  }
  engines_.emplace(name, engine);
  return engine;
}

}  // namespace oarlock

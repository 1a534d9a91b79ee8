// A plugin file: opens it and fetches its table. Not the engine behind it: see Engine::Open.
#ifndef OARLOCK_ENGINE_PLUGIN_H_
#define OARLOCK_ENGINE_PLUGIN_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/registry.h"
#include "oarlock/engine.h"

namespace oarlock {

// A name becomes part of a path: [a-z0-9_]+, at most 64 characters.
absl::Status CheckEngineName(std::string_view name);
std::string PluginFileName(std::string_view name);
// The name in "liboarlock_engine_<name>.so"; empty if the file is called otherwise.
std::string_view EngineNameOf(std::string_view file_name);

// Opens the file and asks it for a table of our ABI. The file stays open for the life of the process: engines leave
// threads and thread-local destructors behind that run after a dlclose. `known` may be null.
absl::StatusOr<const oar_engine_api*> OpenPlugin(const std::filesystem::path& path, const KnownEngine* known);

// Is the table whole? FAILED_PRECONDITION names what is wrong or missing.
absl::Status CheckTable(const oar_engine_api* api, std::string_view path);

}  // namespace oarlock

#endif  // OARLOCK_ENGINE_PLUGIN_H_

#include "engine/plugin.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstddef>

#include "base/file.h"
#include "base/signals.h"
#include "base/status.h"
#include "engine/inside.h"
#include "engine/private_library.h"
#include "engine/shared_object.h"

namespace oarlock {
namespace {

constexpr std::string_view kPrefix = "liboarlock_engine_";
constexpr std::string_view kSuffix = ".so";
constexpr size_t kNameBytesMax = 64;
constexpr std::string_view kSameVersion = "install the plugin and the program of one version";

absl::Status NoSuchFile(const std::filesystem::path& path, const KnownEngine* known) {
  if (known != nullptr && !known->install.empty()) {
    return NotFound("engine '{}' is not installed: there is no file '{}'; install it with {}", known->name,
                    path.string(), known->install);
  }
  return NotFound("there is no engine plugin '{}'", path.string());
}

// The plugin, and the engine's own libraries in the folder of its name.
absl::Status CheckNothingCutOff(const std::filesystem::path& plugin) {
  OAR_RETURN_IF_ERROR(CheckNotCutOff(plugin));
  const auto folder = plugin.parent_path() / EngineNameOf(plugin.filename().string());
  const auto names = ListDirectory(folder);
  for (const std::string& name : names.ok() ? *names : std::vector<std::string>()) {
    OAR_RETURN_IF_ERROR(CheckNotCutOff(folder / name));
  }
  return absl::OkStatus();
}

std::string LoaderError() {
  const char* text = dlerror();  // NOLINT(concurrency-mt-unsafe): glibc's is per thread
  return text == nullptr ? "no reason given" : text;
}

}  // namespace

absl::Status CheckEngineName(std::string_view name) {
  const auto is_legal = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  if (name.empty() || name.size() > kNameBytesMax || !std::all_of(name.begin(), name.end(), is_legal)) {
    return InvalidArgument("'{}' is no engine name; one has 1 to {} characters of a-z, 0-9 and _", Printable(name),
                           kNameBytesMax);
  }
  return absl::OkStatus();
}

std::string PluginFileName(std::string_view name) { return fmt::format("{}{}{}", kPrefix, name, kSuffix); }

std::string_view EngineNameOf(std::string_view file_name) {
  if (!file_name.starts_with(kPrefix) || !file_name.ends_with(kSuffix)) return {};
  if (file_name.size() < kPrefix.size() + kSuffix.size()) return {};
  const std::string_view name = file_name.substr(kPrefix.size(), file_name.size() - kPrefix.size() - kSuffix.size());
  return CheckEngineName(name).ok() ? name : std::string_view();
}

absl::StatusOr<const oar_engine_api*> OpenPlugin(const std::filesystem::path& path, const KnownEngine* known) {
  if (KindOf(path) == PathKind::kMissing) return NoSuchFile(path, known);
  const InsideEngine inside;
  const BlockSignals blocked;  // constructors of an engine's libraries may start threads
  // Open already: its private library is the one that is mapped.
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
  if (library == nullptr) {
    if (known != nullptr && !known->private_library.empty()) {
      OAR_RETURN_IF_ERROR(CheckPrivateLibrary(known->name, known->private_library, OwnMaps()));
    }
    OAR_RETURN_IF_ERROR(CheckNothingCutOff(path));
    library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  }
  if (library == nullptr) {
    return FailedPrecondition("engine plugin '{}' cannot be loaded: {}", path.string(), LoaderError());
  }
  const auto entry = reinterpret_cast<oar_engine_entry_fn>(dlsym(library, OAR_ENGINE_ENTRY));
  if (entry == nullptr) {
    return FailedPrecondition("'{}' is no engine plugin: it does not export {}", path.string(), OAR_ENGINE_ENTRY);
  }
  const oar_engine_api* api = entry(OAR_ENGINE_ABI);
  if (api == nullptr) {
    return FailedPrecondition("engine plugin '{}' does not serve plugin ABI {}, and does not say which one it does; {}",
                              path.string(), OAR_ENGINE_ABI, kSameVersion);
  }
  return api;
}

absl::Status CheckTable(const oar_engine_api* api, std::string_view path) {
  if (api == nullptr) return FailedPrecondition("engine plugin '{}' has no table", path);
  // The ABI first: how large a table is, and what follows these two fields, is another matter in another ABI.
  if (api->struct_size >= offsetof(oar_engine_api, reserved) && api->abi != OAR_ENGINE_ABI) {
    return FailedPrecondition("engine plugin '{}' was built for plugin ABI {}, and this program for {}; {}", path,
                              api->abi, OAR_ENGINE_ABI, kSameVersion);
  }
  if (api->struct_size < sizeof(oar_engine_api)) {
    return FailedPrecondition("engine plugin '{}' has a table of {} bytes; plugin ABI {} takes {}", path,
                              api->struct_size, OAR_ENGINE_ABI, sizeof(oar_engine_api));
  }
  if (api->name == nullptr) return FailedPrecondition("engine plugin '{}' has no name in its table", path);

  struct Function {
    std::string_view name;
    bool present;
  };
  const bool has_start = (api->capabilities & OAR_ENGINE_CAP_ASYNC) == 0 || api->start != nullptr;
  const bool has_cancel = (api->capabilities & OAR_ENGINE_CAP_CANCEL) == 0 || api->cancel != nullptr;
  const bool has_profile = (api->capabilities & OAR_ENGINE_CAP_PROFILE) == 0 || api->profile != nullptr;
#define OAR_FUNCTION(field) \
  { #field, api->field != nullptr }
  const Function functions[] = {
      OAR_FUNCTION(version),       OAR_FUNCTION(open),           OAR_FUNCTION(close),
      OAR_FUNCTION(reads),         OAR_FUNCTION(probe),          OAR_FUNCTION(devices),
      OAR_FUNCTION(load),          OAR_FUNCTION(unload),         OAR_FUNCTION(describe),
      OAR_FUNCTION(input_port),    OAR_FUNCTION(output_port),    OAR_FUNCTION(memory),
      OAR_FUNCTION(execution_new), OAR_FUNCTION(execution_free), OAR_FUNCTION(bind_input),
      OAR_FUNCTION(bind_output),   OAR_FUNCTION(output_shape),   OAR_FUNCTION(run),
      OAR_FUNCTION(output),        {"start", has_start},         {"cancel", has_cancel},
      {"profile", has_profile},
  };
#undef OAR_FUNCTION
  for (const Function& function : functions) {
    if (!function.present) {
      return FailedPrecondition("engine plugin '{}' lacks the function {}, which plugin ABI {} asks for", path,
                                function.name, OAR_ENGINE_ABI);
    }
  }
  return absl::OkStatus();
}

}  // namespace oarlock

#include "library.h"

#include <dlfcn.h>

#include <mutex>
#include <string>

#include "../plugin/failure.h"
#include "../plugin/process_exit.h"

namespace oarlock::onnxruntime {
namespace {

using plugin::Code;
using plugin::Failure;

constexpr const char* kInstall = "run ./scripts/bootstrap, or unpack the package again";

std::mutex mutex;
const OrtApi* api = nullptr;  // set once, guarded by mutex until then

// The folder of the plugin's name beside the plugin.
std::string LibraryPath() {
  Dl_info info{};
  if (dladdr(&api, &info) == 0 || info.dli_fname == nullptr) return {};
  const std::string plugin = info.dli_fname;
  return plugin.substr(0, plugin.rfind('/') + 1) + "onnxruntime/libonnxruntime.so." OARLOCK_ONNXRUNTIME_VERSION;
}

[[noreturn]] void Refuse(const std::string& text) { throw Failure(Code::kFailedPrecondition, text); }

}  // namespace

void OpenLibrary() {
  const std::lock_guard lock(mutex);
  if (api != nullptr) return;
  const std::string path = LibraryPath();
  // By its full path: a copy of another version that the host has loaded under the same soname is not taken for it.
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = dlerror();
    Refuse("ONNX Runtime's library cannot be loaded: " + std::string(why == nullptr ? path.c_str() : why) + "; " +
           kInstall);
  }
  using GetApiBase = const OrtApiBase*(ORT_API_CALL*)();
  const auto get_api_base = reinterpret_cast<GetApiBase>(dlsym(library, "OrtGetApiBase"));
  if (get_api_base == nullptr) Refuse("'" + path + "' is not ONNX Runtime: it does not export OrtGetApiBase");
  const std::string version = get_api_base()->GetVersionString();
  if (version != OARLOCK_ONNXRUNTIME_VERSION) {
    Refuse("'" + path + "' is ONNX Runtime " + version + "; this plugin is for " OARLOCK_ONNXRUNTIME_VERSION "; " +
           kInstall);
  }
  const OrtApi* table = get_api_base()->GetApi(ORT_API_VERSION);
  if (table == nullptr) {
    Refuse("ONNX Runtime " + version + " does not serve its API number " + std::to_string(ORT_API_VERSION));
  }
  plugin::WatchExit();
  api = table;
}

const OrtApi& Api() { return *api; }

}  // namespace oarlock::onnxruntime

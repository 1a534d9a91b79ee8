#include "capi/server_library.h"

#include "base/file.h"
#include "base/install.h"
#include "base/status.h"
#include "engine/shared_object.h"

namespace oarlock::capi {

std::filesystem::path ServerLibraryPath() { return PrivateLibraryDirectory() / "liboarlock_server.so"; }

absl::StatusOr<const ServerApi*> OpenServerLibrary(const std::filesystem::path& path, const char* build) {
  if (KindOf(path) == PathKind::kMissing) {
    return Unimplemented(
        "servers need '{}', which is missing; install Oarlock anew, or build it with ./scripts/bootstrap and CMake",
        path.string());
  }
  OAR_ASSIGN_OR_RETURN(void* const function, OpenFunction(path, kServerEntry));
  const char* own = "";
  const ServerApi* const api = reinterpret_cast<ServerEntry>(function)(build, &own);
  if (api == nullptr) {
    return FailedPrecondition("'{}' is of the build {}, and what opens it of {}; install both from one package",
                              path.string(), own, build);
  }
  return api;
}

}  // namespace oarlock::capi

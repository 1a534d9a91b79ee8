// The shared object with the server (lib/oarlock/liboarlock_server.so): opened when the first server is made, so that
// what it brings along comes into the process only then, and never into liboarlock.so. Thread-safe. It stays open.
#ifndef OARLOCK_CAPI_SERVER_LIBRARY_H_
#define OARLOCK_CAPI_SERVER_LIBRARY_H_

#include <filesystem>

#include "absl/status/statusor.h"
#include "base/build_stamp.h"
#include "server/embedded/server_abi.h"

namespace oarlock::capi {

// Where it lies in this installation, if it is part of it.
std::filesystem::path ServerLibraryPath();

// UNIMPLEMENTED if there is none; FAILED_PRECONDITION says what is wrong with the file, or names the two builds if it
// is not of `build`.
absl::StatusOr<const ServerApi*> OpenServerLibrary(const std::filesystem::path& path = ServerLibraryPath(),
                                                   const char* build = BuildStamp());

}  // namespace oarlock::capi

#endif  // OARLOCK_CAPI_SERVER_LIBRARY_H_

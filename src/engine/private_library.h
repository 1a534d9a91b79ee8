// Two copies of one library under one soname in a process end in the first one serving both. An engine built with
// another version of it (OpenVINO's TBB against a host program's) then fails far from the cause, so it is looked for
// beforehand.
#ifndef OARLOCK_ENGINE_PRIVATE_LIBRARY_H_
#define OARLOCK_ENGINE_PRIVATE_LIBRARY_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace oarlock {

// The file mapped for `soname`, by the text of /proc/<pid>/maps; empty if none is. The loader maps what the soname's
// symbolic link leads to, so "libtbb.so.12.8" counts as "libtbb.so.12".
std::string MappedLibrary(std::string_view maps, std::string_view soname);

// FAILED_PRECONDITION if `soname` is mapped already: to be asked before the engine's plugin is opened for the first
// time.
absl::Status CheckPrivateLibrary(std::string_view engine, std::string_view soname, std::string_view maps);

// Text of /proc/self/maps; empty if it cannot be read.
std::string OwnMaps();

}  // namespace oarlock

#endif  // OARLOCK_ENGINE_PRIVATE_LIBRARY_H_

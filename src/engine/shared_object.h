// Is a shared object whole? The loader maps what the headers of a file promise without looking at its size; one that
// was cut off while it was copied ends the process with SIGBUS instead of an error.
#ifndef OARLOCK_ENGINE_SHARED_OBJECT_H_
#define OARLOCK_ENGINE_SHARED_OBJECT_H_

#include <filesystem>

#include "absl/status/status.h"

namespace oarlock {

// FAILED_PRECONDITION if the file ends before its segments do. OK for what is no 64-bit ELF file, or cannot be read:
// about those the loader has words of its own.
absl::Status CheckNotCutOff(const std::filesystem::path& shared_object);

}  // namespace oarlock

#endif  // OARLOCK_ENGINE_SHARED_OBJECT_H_

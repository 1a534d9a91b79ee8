// Opening a shared object of ours. Is it whole? The loader maps what the headers of a file promise without looking at
// its size; one that was cut off while it was copied ends the process with SIGBUS instead of an error. Thread-safe.
#ifndef OARLOCK_ENGINE_SHARED_OBJECT_H_
#define OARLOCK_ENGINE_SHARED_OBJECT_H_

#include <filesystem>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace oarlock {

// FAILED_PRECONDITION if the file ends before its segments do. OK for what is no 64-bit ELF file, or cannot be read:
// about those the loader has words of its own.
absl::Status CheckNotCutOff(const std::filesystem::path& shared_object);

// Opens it, once and for all: libraries in it leave threads and thread-local destructors behind. Its symbols stay its
// own: the host may have another copy of what it brings along. Gives its function of that name; FAILED_PRECONDITION
// says why there is none.
absl::StatusOr<void*> OpenFunction(const std::filesystem::path& shared_object, const char* name);

}  // namespace oarlock

#endif  // OARLOCK_ENGINE_SHARED_OBJECT_H_

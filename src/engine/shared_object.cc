#include "engine/shared_object.h"

#include <dlfcn.h>
#include <elf.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "base/signals.h"
#include "base/status.h"

namespace oarlock {
namespace {

template <typename T>
bool ReadAt(std::ifstream* file, uint64_t offset, T* value) {
  file->seekg(static_cast<std::streamoff>(offset));
  return static_cast<bool>(file->read(reinterpret_cast<char*>(value), sizeof *value));
}

}  // namespace

absl::Status CheckNotCutOff(const std::filesystem::path& shared_object) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(shared_object, error))
    return absl::OkStatus();  // a pipe must not be waited for
  const uint64_t size_bytes = std::filesystem::file_size(shared_object, error);
  std::ifstream file(shared_object, std::ios::binary);
  Elf64_Ehdr header;
  if (error || !ReadAt(&file, 0, &header)) return absl::OkStatus();
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64)
    return absl::OkStatus();
  uint64_t end = 0;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    if (!ReadAt(&file, header.e_phoff + uint64_t{i} * sizeof segment, &segment)) {
      return FailedPrecondition("'{}' is cut off: it ends after {} bytes, within its headers", shared_object.string(),
                                size_bytes);
    }
    if (segment.p_type == PT_LOAD) end = std::max(end, segment.p_offset + segment.p_filesz);
  }
  if (size_bytes >= end) return absl::OkStatus();
  return FailedPrecondition("'{}' is cut off: it has {} bytes, of at least {}", shared_object.string(), size_bytes,
                            end);
}

absl::StatusOr<void*> OpenFunction(const std::filesystem::path& shared_object, const char* name) {
  OAR_RETURN_IF_ERROR(CheckNotCutOff(shared_object));
  const BlockSignals blocked;  // constructors of its libraries may start threads
  void* const library = dlopen(shared_object.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return FailedPrecondition("cannot open '{}': {}", shared_object.string(), dlerror());
  void* const function = dlsym(library, name);
  if (function == nullptr) return FailedPrecondition("'{}' has no {}", shared_object.string(), name);
  return function;
}

}  // namespace oarlock

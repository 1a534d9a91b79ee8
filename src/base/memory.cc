#include "base/memory.h"

#include <malloc.h>

#include <charconv>
#include <fstream>
#include <string>

#include "base/cgroup.h"

namespace oarlock {
namespace {

// "max", in version 2, and an absent file are no number and no limit.
std::optional<int64_t> NumberIn(const std::filesystem::path& path) {
  const std::string line = FirstLine(path);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
  if (error != std::errc() || value <= 0) return std::nullopt;
  return value;
}

int64_t MachineBytes(const std::filesystem::path& root) {
  std::ifstream file(root / "proc/meminfo");
  std::string word;
  int64_t kibibytes = 0;
  return file >> word >> kibibytes && word == "MemTotal:" ? kibibytes * 1024 : 0;
}

}  // namespace

MemoryBounds ReadMemoryBounds(const std::filesystem::path& root) {
  MemoryBounds bounds;
  bounds.machine_bytes = MachineBytes(root);
  const auto limit = LeastCgroupBound(
      root, "memory", [](const auto& directory) { return NumberIn(directory / "memory.max"); },
      [](const auto& directory) { return NumberIn(directory / "memory.limit_in_bytes"); });
  // Version 1 writes "no limit" as a number near 2^63.
  if (limit && (bounds.machine_bytes == 0 || *limit < bounds.machine_bytes)) bounds.cgroup_bytes = limit;
  return bounds;
}

void ReturnFreeMemory() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

}  // namespace oarlock

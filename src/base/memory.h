// How much memory this process may use: the least of what the machine has and what its cgroups allow. Thread-safe.
#ifndef OARLOCK_BASE_MEMORY_H_
#define OARLOCK_BASE_MEMORY_H_

#include <cstdint>
#include <filesystem>
#include <optional>

namespace oarlock {

struct MemoryBounds {
  int64_t machine_bytes = 0;            // 0 = /proc does not say
  std::optional<int64_t> cgroup_bytes;  // none = no cgroup sets a limit below the machine's

  int64_t usable_bytes() const { return cgroup_bytes.value_or(machine_bytes); }
};

// `root` stands for "/", for tests.
MemoryBounds ReadMemoryBounds(const std::filesystem::path& root = "/");

// Gives memory that was freed back to the system. Worth its time (milliseconds) after much has been freed at once: the
// heap keeps what lies between small pieces that are still in use.
void ReturnFreeMemory();

}  // namespace oarlock

#endif  // OARLOCK_BASE_MEMORY_H_

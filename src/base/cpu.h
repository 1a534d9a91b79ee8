// How many cores this process may use: the least of the affinity mask and the cgroup's quota. Thread-safe.
#ifndef OARLOCK_BASE_CPU_H_
#define OARLOCK_BASE_CPU_H_

#include <filesystem>

namespace oarlock {

// At least 1. A quota of 1.5 cores counts as 1: a second thread would only be throttled.
int UsableCpuCount();

// The same from given places, for tests: `root` stands for "/" (cgroup v2 and v1 files are looked for below it).
int UsableCpuCount(const std::filesystem::path& root, int affinity_count);

}  // namespace oarlock

#endif  // OARLOCK_BASE_CPU_H_

// How many cores this process may use: the least of the affinity mask and the cgroup's quota; and what they can do.
// Thread-safe.
#ifndef OARLOCK_BASE_CPU_H_
#define OARLOCK_BASE_CPU_H_

#include <filesystem>
#include <set>
#include <string>

namespace oarlock {

// At least 1. A quota of 1.5 cores counts as 1: a second thread would only be throttled.
int UsableCpuCount();

// The same from given places, for tests: `root` stands for "/" (cgroup v2 and v1 files are looked for below it).
int UsableCpuCount(const std::filesystem::path& root, int affinity_count);

// The kernel's names of what the first core can do ("sse4_2", "avx2"); empty if /proc does not say.
std::set<std::string> CpuFlags(const std::filesystem::path& root = "/");

}  // namespace oarlock

#endif  // OARLOCK_BASE_CPU_H_

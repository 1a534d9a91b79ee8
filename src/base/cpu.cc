#include "base/cpu.h"

#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

namespace oarlock {
namespace {

std::string FirstLine(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// Whole cores of one cgroup's quota; nothing if it has none.
std::optional<int> CoresOf(int64_t quota_us, int64_t period_us) {
  if (quota_us <= 0 || period_us <= 0) return std::nullopt;
  return static_cast<int>(std::max<int64_t>(1, quota_us / period_us));
}

std::optional<int> QuotaV2(const std::filesystem::path& directory) {
  std::ifstream file(directory / "cpu.max");
  std::string quota;
  int64_t period_us = 0;
  if (!(file >> quota >> period_us) || quota == "max") return std::nullopt;
  return CoresOf(std::strtoll(quota.c_str(), nullptr, 10), period_us);
}

std::optional<int> QuotaV1(const std::filesystem::path& directory) {
  return CoresOf(std::strtoll(FirstLine(directory / "cpu.cfs_quota_us").c_str(), nullptr, 10),
                 std::strtoll(FirstLine(directory / "cpu.cfs_period_us").c_str(), nullptr, 10));
}

// The least quota from `cgroup` up to the root of its hierarchy: a parent binds its children.
template <typename Quota>
int LeastOnTheWayUp(const std::filesystem::path& mount, std::filesystem::path cgroup, int count, Quota quota) {
  for (int depth = 0; depth < 64; ++depth) {
    if (const auto cores = quota(mount / cgroup.relative_path())) count = std::min(count, *cores);
    if (!cgroup.has_relative_path()) break;
    cgroup = cgroup.parent_path();
  }
  return count;
}

}  // namespace

int UsableCpuCount(const std::filesystem::path& root, int affinity_count) {
  int count = std::max(1, affinity_count);
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {  // "hierarchy:controllers:path"
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    if (controllers == ",,") {
      count = LeastOnTheWayUp(root / "sys/fs/cgroup", path, count, QuotaV2);
    } else if (controllers.find(",cpu,") != std::string::npos) {
      count = LeastOnTheWayUp(root / "sys/fs/cgroup/cpu", path, count, QuotaV1);
    }
  }
  return count;
}

int UsableCpuCount() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int affinity_count = ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  return UsableCpuCount("/", affinity_count);
}

}  // namespace oarlock

#include "base/cpu.h"

#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>

#include "base/cgroup.h"

namespace oarlock {
namespace {

// Whole cores of one cgroup's quota; nothing if it has none.
std::optional<int64_t> CoresOf(int64_t quota_us, int64_t period_us) {
  if (quota_us <= 0 || period_us <= 0) return std::nullopt;
  return std::max<int64_t>(1, quota_us / period_us);
}

std::optional<int64_t> QuotaV2(const std::filesystem::path& directory) {
  std::ifstream file(directory / "cpu.max");
  std::string quota;
  int64_t period_us = 0;
  if (!(file >> quota >> period_us) || quota == "max") return std::nullopt;
  return CoresOf(std::strtoll(quota.c_str(), nullptr, 10), period_us);
}

std::optional<int64_t> QuotaV1(const std::filesystem::path& directory) {
  return CoresOf(std::strtoll(FirstLine(directory / "cpu.cfs_quota_us").c_str(), nullptr, 10),
                 std::strtoll(FirstLine(directory / "cpu.cfs_period_us").c_str(), nullptr, 10));
}

}  // namespace

int UsableCpuCount(const std::filesystem::path& root, int affinity_count) {
  const int count = std::max(1, affinity_count);
  const auto quota = LeastCgroupBound(root, "cpu", QuotaV2, QuotaV1);
  return quota ? static_cast<int>(std::min<int64_t>(count, *quota)) : count;
}

int UsableCpuCount() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int affinity_count = ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  return UsableCpuCount("/", affinity_count);
}

std::set<std::string> CpuFlags(const std::filesystem::path& root) {
  std::ifstream file(root / "proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(':');
    if (!line.starts_with("flags") || colon == std::string::npos) continue;
    std::istringstream words(line.substr(colon + 1));
    return {std::istream_iterator<std::string>(words), std::istream_iterator<std::string>()};
  }
  return {};
}

}  // namespace oarlock

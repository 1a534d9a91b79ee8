#include "base/cgroup.h"

#include <algorithm>
#include <fstream>

namespace oarlock {
namespace {

namespace fs = std::filesystem;

std::optional<int64_t> LeastOnTheWayUp(const fs::path& mount, fs::path cgroup, const CgroupBound& bound) {
  std::optional<int64_t> least;
  for (int depth = 0; depth < 64; ++depth) {
    if (const auto here = bound(mount / cgroup.relative_path())) least = std::min(least.value_or(*here), *here);
    if (!cgroup.has_relative_path()) break;
    cgroup = cgroup.parent_path();
  }
  return least;
}

}  // namespace

std::optional<int64_t> LeastCgroupBound(const fs::path& root, std::string_view controller, const CgroupBound& version_2,
                                        const CgroupBound& version_1) {
  std::optional<int64_t> least;
  const std::string wanted = "," + std::string(controller) + ",";
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {  // "hierarchy:controllers:path"
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    std::optional<int64_t> found;
    if (controllers == ",,") {
      found = LeastOnTheWayUp(root / "sys/fs/cgroup", path, version_2);
    } else if (controllers.find(wanted) != std::string::npos) {
      found = LeastOnTheWayUp(root / "sys/fs/cgroup" / controller, path, version_1);
    }
    if (found) least = std::min(least.value_or(*found), *found);
  }
  return least;
}

std::string FirstLine(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace oarlock

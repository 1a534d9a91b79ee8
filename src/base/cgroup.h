// The bounds that cgroups, version 2 and version 1, put on this process. Thread-safe.
#ifndef OARLOCK_BASE_CGROUP_H_
#define OARLOCK_BASE_CGROUP_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace oarlock {

// The bound that one cgroup's directory holds; nothing if it sets none.
using CgroupBound = std::function<std::optional<int64_t>(const std::filesystem::path& directory)>;

// The least bound from this process's cgroup up to the root of each hierarchy: a parent binds its children.
// `controller` names version 1's hierarchy ("cpu"). `root` stands for "/", for tests.
std::optional<int64_t> LeastCgroupBound(const std::filesystem::path& root, std::string_view controller,
                                        const CgroupBound& version_2, const CgroupBound& version_1);

// The first line of a file; empty if there is none.
std::string FirstLine(const std::filesystem::path& path);

}  // namespace oarlock

#endif  // OARLOCK_BASE_CGROUP_H_

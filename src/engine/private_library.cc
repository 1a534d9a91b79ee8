#include "engine/private_library.h"

#include <fstream>
#include <iterator>

#include "base/status.h"

namespace oarlock {

std::string MappedLibrary(std::string_view maps, std::string_view soname) {
  while (!maps.empty()) {
    const size_t end = maps.find('\n');
    std::string_view line = maps.substr(0, end);
    maps = end == std::string_view::npos ? std::string_view() : maps.substr(end + 1);
    const size_t slash = line.find('/');  // no column before the path holds one
    if (slash == std::string_view::npos) continue;
    line.remove_prefix(slash);
    constexpr std::string_view kDeleted = " (deleted)";
    if (line.ends_with(kDeleted)) line.remove_suffix(kDeleted.size());
    const std::string_view file = line.substr(line.rfind('/') + 1);
    if (file == soname || (file.starts_with(soname) && file[soname.size()] == '.')) return std::string(line);
  }
  return {};
}

absl::Status CheckPrivateLibrary(std::string_view engine, std::string_view soname, std::string_view maps) {
  if (soname.empty()) return absl::OkStatus();
  const std::string mapped = MappedLibrary(maps, soname);
  if (mapped.empty()) return absl::OkStatus();
  return FailedPrecondition(
      "engine '{}' brings its own {}, but this process has already loaded {}; the two do not mix: load the engine "
      "before "
      "that library, link the program without it, or run the models in a server process of their own",
      engine, soname, mapped);
}

std::string OwnMaps() {
  std::ifstream file("/proc/self/maps", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace oarlock

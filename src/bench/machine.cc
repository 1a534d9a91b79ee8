#include "bench/machine.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>
#include <span>
#include <sstream>

#include "base/cpu.h"
#include "base/sha256.h"

namespace oarlock {
namespace {

// The value of the first line that starts with `key` in /proc/cpuinfo.
std::string CpuInfo(const std::string& key) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(key)) return line.substr(std::min(line.size(), line.find(": ") + 2));
  }
  return {};
}

std::string FeaturesOf(const std::string& flags) {
  std::string features;
  std::istringstream words(flags);
  for (std::string word; words >> word;) {
    for (const char* wanted : {"avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_tile"}) {
      if (word == wanted) features += (features.empty() ? "" : " ") + word;
    }
  }
  return features;
}

}  // namespace

Machine ThisMachine() {
  Machine machine;
  machine.cpu = CpuInfo("model name");
  machine.cpu_features = FeaturesOf(CpuInfo("flags"));
  machine.cores = UsableCpuCount();
  machine.memory_bytes = int64_t{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGESIZE);
  utsname names{};
  if (::uname(&names) == 0) machine.kernel = fmt::format("{} {}", names.sysname, names.release);
  machine.compiler = fmt::format("GCC {}", __VERSION__);
  const std::string text = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n", machine.cpu, machine.cpu_features, machine.cores,
                                       machine.memory_bytes, machine.kernel, machine.compiler);
  machine.fingerprint = Sha256Hex(std::as_bytes(std::span(text))).substr(0, 16);
  return machine;
}

}  // namespace oarlock

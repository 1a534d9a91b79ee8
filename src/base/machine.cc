#include "base/machine.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <span>

#include "base/cpu.h"
#include "base/sha256.h"

namespace oarlock {
namespace {

std::string CpuModel() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(std::min(line.size(), line.find(": ") + 2));
  }
  return {};
}

std::string CpuFeatures() {
  const std::set<std::string> flags = CpuFlags();
  std::string features;
  for (const char* wanted : {"avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_tile"}) {
    if (flags.contains(wanted)) features += std::string(features.empty() ? "" : " ") + wanted;
  }
  return features;
}

}  // namespace

Machine ThisMachine() {
  Machine machine;
  machine.cpu = CpuModel();
  machine.cpu_features = CpuFeatures();
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

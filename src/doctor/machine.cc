#include "doctor/machine.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>

#include <algorithm>
#include <limits>

#include "base/cpu.h"

namespace oarlock {
namespace {

// What the program is compiled for: x86-64-v2, in the kernel's words.
constexpr std::string_view kRequiredFlags[] = {"cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"};

// What engines choose their kernels by. Two of the kernel's words may mean the same to them.
struct Feature {
  std::string_view name;
  std::string_view flag;
  std::string_view other_flag;
};
constexpr Feature kFeatures[] = {{"avx2", "avx2", ""},
                                 {"avx512", "avx512f", ""},
                                 {"vnni", "avx512_vnni", "avx_vnni"},
                                 {"bf16", "avx512_bf16", "amx_bf16"},
                                 {"amx", "amx_tile", ""}};

// A server with OpenVINO and a model of 340 kB takes about 110 MB; below this, little else finds room.
constexpr int64_t kLittleMemoryBytes = 256 << 20;

// Descriptors besides those of connections: what listens, the engine's and the model's files, standard streams.
constexpr int64_t kOtherDescriptors = 64;

Diagnosis CheckCpu(const std::set<std::string>& flags) {
  if (flags.empty()) {
    return Diagnosis::Warning("cpu", "/proc/cpuinfo does not say what the processor can do", "mount /proc");
  }
  std::vector<std::string_view> missing;
  for (std::string_view flag : kRequiredFlags) {
    if (!flags.contains(std::string(flag))) missing.push_back(flag);
  }
  if (!missing.empty()) {
    return Diagnosis::Error(
        "cpu", fmt::format("the processor lacks {}, and x86-64-v2 is required", fmt::join(missing, ", ")),
        "run it on a newer processor; in a virtual machine, choose a CPU model that has them, such as `host`");
  }
  std::vector<std::string_view> features;
  for (const Feature& feature : kFeatures) {
    const bool has = flags.contains(std::string(feature.flag)) || flags.contains(std::string(feature.other_flag));
    if (has) features.push_back(feature.name);
  }
  return Diagnosis::Ok("cpu",
                       fmt::format("x86-64-v2 with {}", features.empty() ? "nothing beyond that engines use"
                                                                         : fmt::to_string(fmt::join(features, ", "))));
}

Diagnosis CheckMemory(const MemoryBounds& memory) {
  if (memory.usable_bytes() == 0) {
    return Diagnosis::Warning("memory", "neither /proc/meminfo nor a cgroup says how much there is", "mount /proc");
  }
  const std::string found = memory.cgroup_bytes
                                ? fmt::format("{}, by the cgroup's limit", BytesText(*memory.cgroup_bytes))
                                : fmt::format("{}, no limit by a cgroup", BytesText(memory.machine_bytes));
  if (memory.usable_bytes() < kLittleMemoryBytes) {
    return Diagnosis::Warning(
        "memory", fmt::format("{}; a server wants {} and what its models need", found, BytesText(kLittleMemoryBytes)),
        "raise the limit (docker run --memory, Kubernetes resources.limits.memory, systemd MemoryMax)");
  }
  return Diagnosis::Ok("memory", found);
}

Diagnosis CheckDescriptors(int64_t soft, int64_t hard, const Limits& limits) {
  const int64_t wanted = limits.http_connections_max + kOtherDescriptors;
  if (soft >= wanted) return Diagnosis::Ok("descriptors", fmt::format("{} may be open", soft));
  std::string fix = hard >= wanted
                        ? fmt::format("`ulimit -n {}` before the server starts", wanted)
                        : fmt::format("raise the hard limit from {} to {} as root, and the soft one", hard, wanted);
  fix += fmt::format(" (systemd: LimitNOFILE={})", wanted);
  if (soft > kOtherDescriptors) {
    fix += fmt::format(", or serve with --limit http_connections_max={}", soft - kOtherDescriptors);
  }
  return Diagnosis::Warning(
      "descriptors",
      fmt::format("{} may be open; http_connections_max is {} and needs {}", soft, limits.http_connections_max, wanted),
      std::move(fix));
}

int64_t Number(rlim_t value) {
  return static_cast<int64_t>(std::min<rlim_t>(value, std::numeric_limits<int64_t>::max()));
}

}  // namespace

std::string BytesText(int64_t size_bytes) {
  if (size_bytes < 10'000) return fmt::format("{} bytes", size_bytes);
  constexpr std::string_view kUnits[] = {"KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(size_bytes) / 1024;
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(kUnits); ++unit) value /= 1024;
  return value < 100 ? fmt::format("{:.3g} {}", value, kUnits[unit]) : fmt::format("{:.0f} {}", value, kUnits[unit]);
}

MachineFacts ReadMachine(const std::filesystem::path& root) {
  MachineFacts machine;
  machine.cpu_flags = CpuFlags(root);
  machine.cpu_count = UsableCpuCount();
  machine.memory = ReadMemoryBounds(root);
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
    machine.descriptors_max = Number(descriptors.rlim_cur);
    machine.descriptors_hard_max = Number(descriptors.rlim_max);
  }
  return machine;
}

Diagnoses CheckMachine(const MachineFacts& machine, const Limits& limits) {
  return {CheckCpu(machine.cpu_flags),
          Diagnosis::Ok("cores", fmt::format("{} usable, by affinity and the cgroup's quota", machine.cpu_count)),
          CheckMemory(machine.memory), CheckDescriptors(machine.descriptors_max, machine.descriptors_hard_max, limits)};
}

}  // namespace oarlock

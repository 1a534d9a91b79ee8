// What the machine and its container give: the processor, cores, memory, descriptors. Reading and judging are apart, so
// that tests judge machines that they do not have.
#ifndef OARLOCK_DOCTOR_MACHINE_H_
#define OARLOCK_DOCTOR_MACHINE_H_

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

#include "base/limits.h"
#include "base/memory.h"
#include "doctor/diagnosis.h"

namespace oarlock {

struct MachineFacts {
  std::set<std::string> cpu_flags;  // empty = /proc does not say
  int cpu_count = 1;                // that this process may use
  MemoryBounds memory;
  int64_t descriptors_max = 0;       // the soft limit, which holds
  int64_t descriptors_hard_max = 0;  // up to which it may be raised
};

// `root` stands for "/", for tests; the limit of descriptors is always this process's.
MachineFacts ReadMachine(const std::filesystem::path& root = "/");

Diagnoses CheckMachine(const MachineFacts& machine, const Limits& limits);

// "512 MiB", "23.4 GiB"
std::string BytesText(int64_t size_bytes);

}  // namespace oarlock

#endif  // OARLOCK_DOCTOR_MACHINE_H_

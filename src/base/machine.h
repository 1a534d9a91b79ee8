// What figures were measured on, and calls answered by: without it they say nothing. Thread-safe.
#ifndef OARLOCK_BASE_MACHINE_H_
#define OARLOCK_BASE_MACHINE_H_

#include <cstdint>
#include <string>

namespace oarlock {

struct Machine {
  std::string cpu;           // model name
  std::string cpu_features;  // those that matter here: "avx2 avx512f avx512_vnni"
  int cores = 0;             // usable by this process
  int64_t memory_bytes = 0;
  std::string kernel;  // "Linux 6.1.0"
  std::string compiler;
  std::string fingerprint;  // the first 16 hexadecimal digits of the SHA-256 of what stands above
};
Machine ThisMachine();

}  // namespace oarlock

#endif  // OARLOCK_BASE_MACHINE_H_

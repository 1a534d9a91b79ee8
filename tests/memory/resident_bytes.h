// How much memory this process holds.
#ifndef OARLOCK_TESTS_MEMORY_RESIDENT_BYTES_H_
#define OARLOCK_TESTS_MEMORY_RESIDENT_BYTES_H_

#include <unistd.h>

#include <cstdint>
#include <fstream>

namespace oarlock {

inline int64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t size = 0;
  int64_t resident = 0;
  file >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

}  // namespace oarlock

#endif  // OARLOCK_TESTS_MEMORY_RESIDENT_BYTES_H_

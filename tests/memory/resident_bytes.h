// How much memory this process holds.
#ifndef OARLOCK_TESTS_MEMORY_RESIDENT_BYTES_H_
#define OARLOCK_TESTS_MEMORY_RESIDENT_BYTES_H_

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

namespace oarlock {

inline int64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t size = 0;
  int64_t resident = 0;
  file >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

// Reads every page of the libraries that are mapped. They come in as they are first used, some of them late, and would
// be taken for growth.
inline void BringInLibraries() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    unsigned long begin = 0;
    unsigned long end = 0;
    char mode[5] = "";
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, mode) != 3) continue;
    if (mode[0] != 'r' || mode[1] == 'w' || line.find(".so") == std::string::npos) continue;
    for (unsigned long at = begin; at < end; at += static_cast<unsigned long>(::sysconf(_SC_PAGESIZE))) {
      (void)*reinterpret_cast<const volatile char*>(at);
    }
  }
}

}  // namespace oarlock

#endif  // OARLOCK_TESTS_MEMORY_RESIDENT_BYTES_H_

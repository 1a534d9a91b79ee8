// What this process takes of the machine, as /proc tells it. Values; thread-safe.
//   const ProcessFigures figures = ReadProcess();
#ifndef OARLOCK_BASE_PROCESS_H_
#define OARLOCK_BASE_PROCESS_H_

#include <cstdint>

namespace oarlock {

// What cannot be read is 0.
struct ProcessFigures {
  int64_t resident_bytes = 0;
  double cpu_seconds = 0;    // of all its threads, in user and kernel mode
  double start_seconds = 0;  // since 1970
  int64_t open_files = 0;
  int64_t open_files_max = 0;  // 0 also if there is no bound
};
ProcessFigures ReadProcess();

}  // namespace oarlock

#endif  // OARLOCK_BASE_PROCESS_H_

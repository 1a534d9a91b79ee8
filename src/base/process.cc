#include "base/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <string>

#include "base/file.h"

namespace oarlock {
namespace {

int64_t ReadResidentBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t size = 0;
  int64_t resident = 0;
  file >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

double ReadCpuSeconds() {
  timespec used{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0) return 0;
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

// When the machine was started, and how long after that the process was.
double ReadStartSeconds() {
  constexpr int kStartField = 22;  // of /proc/self/stat, counted from 1
  double booted = 0;
  std::ifstream machine("/proc/stat");
  for (std::string word; machine >> word && word != "btime";) {
  }
  machine >> booted;
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  // The second field is the program's name in parentheses, and may hold anything.
  size_t at = line.rfind(')');
  for (int field = 2; at != std::string::npos && field < kStartField; ++field) at = line.find(' ', at + 1);
  if (!machine || at == std::string::npos) return 0;
  return booted + std::strtod(line.c_str() + at, nullptr) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

int64_t CountOpenFiles() {
  const auto names = ListDirectory("/proc/self/fd");
  return names.ok() ? static_cast<int64_t>(names->size()) - 1 : 0;  // one is that of the count itself
}

int64_t ReadOpenFilesMax() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 0;
  return static_cast<int64_t>(limit.rlim_cur);
}

}  // namespace

ProcessFigures ReadProcess() {
  static const double kStarted = ReadStartSeconds();
  return {ReadResidentBytes(), ReadCpuSeconds(), kStarted, CountOpenFiles(), ReadOpenFilesMax()};
}

}  // namespace oarlock

// The command line of a program of this folder: what is measured, then `--name value` in any order. What is wrong ends
// the program with a line that says so.
#ifndef OARLOCK_BENCH_RUNTIME_ARGUMENTS_H_
#define OARLOCK_BENCH_RUNTIME_ARGUMENTS_H_

#include <chrono>
#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace oarlock {

class Arguments {
 public:
  // `usage`: "PROGRAM MODEL --callers N"; the names in it are those that there are.
  Arguments(int argc, char** argv, std::string usage);
  const std::string& target() const { return target_; }
  std::string Text(const std::string& name, std::string otherwise) const;
  double Number(const std::string& name, double otherwise) const;
  int Count(const std::string& name, int otherwise) const { return static_cast<int>(Number(name, otherwise)); }
  std::chrono::nanoseconds Seconds(const std::string& name, double otherwise) const {
    return std::chrono::nanoseconds(static_cast<int64_t>(Number(name, otherwise) * 1e9));
  }

 private:
  std::string target_;
  std::map<std::string, std::string> values_;
};

// Ends the program unless it is well.
void Need(const absl::Status& status);
template <typename T>
T Need(absl::StatusOr<T> value) {
  Need(value.status());
  return *std::move(value);
}

}  // namespace oarlock

#endif  // OARLOCK_BENCH_RUNTIME_ARGUMENTS_H_

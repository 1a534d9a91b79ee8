// Another program that makes the same calls: a baseline on the raw engine (bench/raw). It is started once and kept, so
// that blocks of it and of ours can be interleaved. It says `ready` in a line; to a line with a number N it makes N
// calls and answers with the nanoseconds they took in all, or with `error TEXT`. It ends when its input ends.
#ifndef OARLOCK_BENCH_PROGRAM_TARGET_H_
#define OARLOCK_BENCH_PROGRAM_TARGET_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "bench/target.h"

namespace oarlock {

class ProgramTarget : public Target {
 public:
  // `command`: a path and arguments, split at blanks; no shell.
  static absl::StatusOr<std::unique_ptr<ProgramTarget>> Start(std::string command);
  ~ProgramTarget() override;

  std::string name() const override { return command_; }
  bool tells_latencies() const override { return false; }
  // Closed loads of one caller. A load by duration is tried with one call, and then made with as many as fit.
  absl::StatusOr<BlockResult> Run(const Load& load) override;

 private:
  explicit ProgramTarget(std::string command) : command_(std::move(command)) {}
  absl::Status Spawn();
  absl::StatusOr<int64_t> Call(int64_t count);
  absl::StatusOr<std::string> ReadLine(int timeout_ms);

  std::string command_;
  pid_t process_ = -1;
  int to_ = -1;
  int from_ = -1;
  std::string rest_;
  double call_ns_ = 0;  // of the last block
};

}  // namespace oarlock

#endif  // OARLOCK_BENCH_PROGRAM_TARGET_H_

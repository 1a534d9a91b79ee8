// A few threads and a bounded queue: where asynchronous requests of one predictor run. Threads are created at once,
// with asynchronous signals blocked. Thread-safe; a task may call any of this, and may drop the last reference to the
// executor.
#ifndef OARLOCK_RUNTIME_EXECUTOR_H_
#define OARLOCK_RUNTIME_EXECUTOR_H_

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"

namespace oarlock {

class Executor {
 public:
  // Called exactly once with the number that Post() gives, outside all locks: with OK on a thread of the executor, to
  // do the work; or with CANCELLED, on the thread that cancelled or stopped, without having run.
  using Task = absl::AnyInvocable<void(uint64_t id, absl::Status) &&>;

  // `name` is that of the threads, as `top -H` shows it (15 bytes at most are shown).
  Executor(const std::string& name, int thread_count, int64_t queue_max);
  ~Executor() { Stop(); }

  // UNAVAILABLE if the queue is full, FAILED_PRECONDITION after Stop(): the task is destroyed uncalled.
  absl::StatusOr<uint64_t> Post(Task task);
  // True if the task was still waiting; it has then been called with CANCELLED.
  bool Cancel(uint64_t id);
  // The same for everything that waits.
  void CancelAll();
  // Cancels what waits and joins the threads (but not the calling one). Idempotent.
  void Stop();
  size_t queue_size() const;

 private:
  struct State;
  static void Work(const std::shared_ptr<State>& state);
  std::shared_ptr<State> state_;
  std::vector<std::thread> threads_;
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_EXECUTOR_H_

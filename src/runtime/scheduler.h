// Who runs when, for all models of a process: one budget of threads, shared out as permits. Whoever runs an execution
// holds as many permits as it has threads, so that not more run than the machine has cores, however many models are
// loaded. Where all executions of all models together have no more threads than that, permits are not counted: it would
// be the one thing that all callers write to. A few workers serve the queues of all predictors; callers of
// Predictor::Infer run on their own threads and hold permits like everybody else.
//
// Order, when there are fewer permits than takers: the most urgent priority; then the model that runs least at the
// moment, so that a flood of requests for one model leaves others their share; then the one served longest ago.
// Thread-safe. Ownership: pools keep their scheduler; Stop() ends the workers.
#ifndef OARLOCK_RUNTIME_SCHEDULER_H_
#define OARLOCK_RUNTIME_SCHEDULER_H_

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "runtime/batcher.h"

namespace oarlock {

class Execution;
class ExecutionPool;

// A request that waits in a pool's queue.
class QueuedRequest {
 public:
  virtual ~QueuedRequest() = default;
  // It is over without having run. Called exactly once in place of a run, outside all locks.
  virtual void End(absl::Status status) = 0;
  // What keeps the pool.
  virtual std::shared_ptr<const void> owner() const = 0;

 private:
  friend class ExecutionPool;
  friend class EndedRequests;
  friend class Scheduler;
  // Set once it is to end without having run.
  ExecutionPool* pool_ = nullptr;
  absl::StatusCode ended_with_ = absl::StatusCode::kUnknown;
  std::unique_ptr<QueuedRequest> next_;
};

// First in, first out, without memory of its own: a request can always be ended.
class EndedRequests {
 public:
  bool empty() const { return first_ == nullptr; }
  size_t size() const { return size_; }
  void Push(std::unique_ptr<QueuedRequest> request) noexcept;
  std::unique_ptr<QueuedRequest> Pop() noexcept;

 private:
  std::unique_ptr<QueuedRequest> first_;
  QueuedRequest* last_ = nullptr;
  size_t size_ = 0;
};

using QueuedRequests = std::vector<std::unique_ptr<QueuedRequest>>;  // in the order of their rows

class Scheduler {
 public:
  static constexpr int kAutomatic = -1;

  // `thread_budget` 0 = the usable cores. `worker_count`: one more than the budget by default, because a worker is busy
  // with the callback of what it ran; 0 = none, and RunOne() does the work, which is how tests make it repeatable.
  static std::shared_ptr<Scheduler> Create(int thread_budget = 0, int worker_count = kAutomatic);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  int thread_budget() const { return budget_; }
  // Runs what a worker would run next, if anything. False: there is nothing to do now.
  bool RunOne();
  // Joins the workers (but not the calling one). Pools must have been stopped. Idempotent.
  void Stop();

 private:
  friend class ExecutionPool;
  // A batch that has its execution and permits.
  struct Granted {
    ExecutionPool* pool = nullptr;
    Execution* execution = nullptr;
    Batch batch;
    QueuedRequests requests;
    std::shared_ptr<const void> owner;
  };

  explicit Scheduler(int thread_budget) : budget_(thread_budget), permits_(thread_budget) {}
  // Could more threads run than the budget allows? What began to run before it became so has no permits, and is not
  // waited for.
  bool is_limited() const { return limited_.load(std::memory_order_relaxed); }
  // A pool comes or goes, whose executions have so many threads. With mutex_ held.
  void ChangeDemand(int64_t threads);
  bool TryTakePermits(int count);
  // Grants whatever can be granted; a request that there is no memory for is ended. All with a lock are called with
  // mutex_ held.
  void Dispatch() noexcept;
  ExecutionPool* Next();
  // How long until something may be due although nobody calls; nothing if that is never.
  std::optional<std::chrono::nanoseconds> UntilDue() const;
  void SetActive(ExecutionPool* pool, bool active);
  // After Dispatch() by somebody who does not work himself.
  void WakeWorkers();
  bool WorkOnce(std::unique_lock<std::mutex>* lock);
  // The calling thread takes a job of `pool`; the lock is left.
  void Begin(ExecutionPool* pool, std::unique_lock<std::mutex>* lock);
  // That job is over; `owner` may be the last to keep the pool. The lock is taken again.
  static void Finish(ExecutionPool* pool, std::shared_ptr<const void> owner, std::unique_lock<std::mutex>* lock);
  void Work();

  const int budget_;
  std::atomic<int> permits_;
  std::atomic<int> active_count_{0};  // of active_: who gives something back looks here
  std::atomic<bool> limited_{false};
  std::atomic<bool> starved_{false};  // somebody has an execution to run on, and no permits
  std::mutex mutex_;                  // guards all below, and what pools say so of
  std::condition_variable work_;
  std::vector<ExecutionPool*> active_;  // with somebody waiting; has room for all pools
  std::deque<Granted> granted_;
  EndedRequests ended_;
  uint64_t serial_ = 0;  // of grants
  int64_t demand_ = 0;   // threads of all executions
  size_t pool_count_ = 0;
  int idle_count_ = 0;
  TimePoint timer_ = kNoDeadline;  // until when one of the idle workers sleeps
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_SCHEDULER_H_

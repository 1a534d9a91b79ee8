// The executions of one predictor, and who waits for them: callers that will run on their own thread, and a queue of
// requests that are run in batches by the scheduler's workers. Thread-safe.
#ifndef OARLOCK_RUNTIME_EXECUTION_POOL_H_
#define OARLOCK_RUNTIME_EXECUTION_POOL_H_

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "runtime/batcher.h"
#include "runtime/execution.h"
#include "runtime/scheduler.h"

namespace oarlock {

class ExecutionPool;

// Holds one execution until released or destroyed, and its permits until EndRun() or then. Movable; the moved-from one
// holds nothing.
class ExecutionLease {
 public:
  ExecutionLease() = default;
  // Of an execution that was taken from the pool, with its permits. `owner` keeps the pool.
  ExecutionLease(std::shared_ptr<const void> owner, ExecutionPool* pool, Execution* execution)
      : owner_(std::move(owner)), pool_(pool), execution_(execution), runs_(execution != nullptr) {}
  ExecutionLease(ExecutionLease&& other) noexcept { *this = std::move(other); }
  ExecutionLease& operator=(ExecutionLease&& other) noexcept;
  ~ExecutionLease() { Release(); }

  bool held() const { return execution_ != nullptr; }
  Execution& operator*() const { return *execution_; }
  Execution* operator->() const { return execution_; }
  // The engine will not run: others may. The execution stays.
  void EndRun();
  void Release();
  // The same, and what kept the pool.
  std::shared_ptr<const void> ReleaseToOwner();

 private:
  std::shared_ptr<const void> owner_;
  ExecutionPool* pool_ = nullptr;
  Execution* execution_ = nullptr;
  bool runs_ = false;
};

struct PoolOptions {
  int threads = 1;  // of one execution; as many permits
  BatchingOptions batching;
  size_t queue_max = 1024;
  const Clock* clock = &Clock::Steady();
  // Runs a batch, and gives the execution back. On a worker, outside all locks.
  std::function<void(Execution* execution, const Batch& batch, QueuedRequests requests)> run;
};

class ExecutionPool {
 public:
  ExecutionPool(std::vector<std::unique_ptr<Execution>> executions, PoolOptions options,
                std::shared_ptr<Scheduler> scheduler);
  ~ExecutionPool();

  // For the calling thread, which holds what permits it needs. Null if none is free, or if somebody waits for permits
  // already.
  Execution* TryAcquire();
  // Waits in line, at most until `deadline` (then DEADLINE_EXCEEDED) and at most `wait_max` (then UNAVAILABLE:
  // responses that hold executions were not released). `usual` is how long runs take: short ones are waited for without
  // sleeping.
  absl::StatusOr<Execution*> Acquire(TimePoint deadline, std::chrono::milliseconds wait_max, Priority priority,
                                     std::chrono::nanoseconds usual);

  // Queues; `waiting.id` and `arrived` are set here. On an error `request` is untouched, and nothing was called.
  absl::StatusOr<uint64_t> Enqueue(Waiting waiting, std::unique_ptr<QueuedRequest>* request);
  // True if it was still waiting; it has then been ended with `status`, on this thread.
  bool Cancel(uint64_t id, const absl::Status& status);
  // The same for everything that waits.
  void CancelAll(const absl::Status& status);
  // Refuses from now on, ends what waits, and waits for what runs (but not for a run of the calling thread's own).
  void Stop(const absl::Status& status);
  // Nothing waits, an execution is free, and a request would be run alone and at once. Where there is batching, nothing
  // of the model runs besides: callers that keep running alone beside each other would never make a batch.
  bool RunsAtOnce() const;
  // Notes what a batch took; see Batcher::Served.
  void Served(int64_t padded_rows, std::chrono::nanoseconds took);

  size_t size() const { return all_.size(); }
  size_t free_count() const;
  size_t queue_size() const;
  // Nothing of the queue waits or runs.
  bool is_idle() const;
  const BatchingOptions& batching() const { return options_.batching; }
  // Each execution's own; for sums over them.
  const std::vector<std::unique_ptr<Execution>>& executions() const { return all_; }

 private:
  friend class ExecutionLease;
  friend class Scheduler;
  // A caller that waits to run on its own thread.
  struct Ticket {
    Priority priority;
    TimePoint arrived;
    Execution* execution = nullptr;
    std::condition_variable changed;
  };

  void EndRun(Execution* execution);
  void GiveBack(Execution* execution);
  // What a run took of the scheduler's, if it took anything.
  void ReturnPermits(Execution* execution);
  // Something was given back: whoever waits may get it.
  void DispatchIfActive();
  // Taken, and running; without permits.
  Execution* TakeFree();
  bool HasFree() const;
  int RunningCount() const;
  // All below with the scheduler's mutex held.
  void UpdateWaiting();
  // Moves what has expired to the scheduler's list.
  void DropExpired();
  // The same with the request that goes first, of those that wait for a worker.
  void EndFirst(absl::StatusCode code) noexcept;
  void EndLater(uint64_t id, absl::StatusCode code) noexcept;
  // What would be run next; nothing if nothing is due.
  struct Due {
    Priority priority;
    TimePoint arrived;
    bool is_ticket;
  };
  std::optional<Due> NextDue() const;
  std::optional<Due> NextDue(TimePoint now, bool idle) const;
  // To the first of the tickets, or to the batch that is due. False if none is any longer: callers begin to run without
  // the mutex, and a batch that is due while nothing runs may wait for others once something does.
  bool Grant(Execution* execution);
  size_t FirstTicket() const;

  const std::vector<std::unique_ptr<Execution>> all_;
  const PoolOptions options_;
  const int permits_;  // of one run
  const std::shared_ptr<Scheduler> scheduler_;
  // All below guarded by the scheduler's mutex. Executions are not: each says itself whether it is free, so that
  // threads which run beside each other write to nothing in common. Who gives one back looks for waiters afterwards,
  // and who waits looks at the executions after saying so: one of them sees the other.
  std::deque<Ticket*> tickets_;
  Batcher batcher_;
  absl::flat_hash_map<uint64_t, std::unique_ptr<QueuedRequest>> queued_;
  std::vector<uint64_t> expired_;  // kept for its memory, which is enough for all that wait
  uint64_t last_id_ = 0;
  uint64_t served_serial_ = 0;  // of the grant that was the last
  int jobs_ = 0;                // given to workers, and not over
  // Who is at one of them. Not thread_local: a worker's code and that of a callback may be of two shared objects, each
  // with its own copy of such a variable (docs/decisions/015-server-library.md).
  std::vector<std::thread::id> working_;
  std::condition_variable job_over_;
  bool active_ = false;
  bool stopped_ = false;
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_EXECUTION_POOL_H_

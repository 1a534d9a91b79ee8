// The executions of one predictor: taken by whoever runs a request, given back afterwards. Thread-safe.
#ifndef OARLOCK_RUNTIME_EXECUTION_POOL_H_
#define OARLOCK_RUNTIME_EXECUTION_POOL_H_

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "runtime/execution.h"

namespace oarlock {

class ExecutionPool;

// Holds one execution until released or destroyed. Movable; the moved-from one holds nothing.
class ExecutionLease {
 public:
  ExecutionLease() = default;
  // `owner` keeps the pool.
  ExecutionLease(std::shared_ptr<const void> owner, ExecutionPool* pool, Execution* execution)
      : owner_(std::move(owner)), pool_(pool), execution_(execution) {}
  ExecutionLease(ExecutionLease&& other) noexcept { *this = std::move(other); }
  ExecutionLease& operator=(ExecutionLease&& other) noexcept;
  ~ExecutionLease() { Release(); }

  bool held() const { return execution_ != nullptr; }
  Execution& operator*() const { return *execution_; }
  Execution* operator->() const { return execution_; }
  void Release();
  // The same, and what kept the pool.
  std::shared_ptr<const void> ReleaseToOwner();

 private:
  std::shared_ptr<const void> owner_;
  ExecutionPool* pool_ = nullptr;
  Execution* execution_ = nullptr;
};

class ExecutionPool {
 public:
  explicit ExecutionPool(std::vector<std::unique_ptr<Execution>> executions);

  // Null if none is free.
  Execution* TryAcquire();
  // Waits for a free execution, at most until `deadline` (then DEADLINE_EXCEEDED) and at most `wait_max` (then
  // UNAVAILABLE: responses that hold executions were not released).
  absl::StatusOr<Execution*> Acquire(TimePoint deadline, std::chrono::milliseconds wait_max, const Clock& clock);
  size_t size() const { return all_.size(); }
  size_t free_count() const;

 private:
  friend class ExecutionLease;
  void GiveBack(Execution* execution);
  // Null if none is; mutex_ is held.
  Execution* TakeFree();

  const std::vector<std::unique_ptr<Execution>> all_;
  // The one given back last, whose memory is warm: taken and given back without the mutex, which is most of what a
  // small model's call costs here. Who gives back looks for waiters afterwards, and who waits looks here after saying
  // so: one of them sees the other.
  std::atomic<Execution*> spare_{nullptr};
  std::atomic<int> waiters_{0};
  mutable std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<Execution*> free_;  // the others; guarded by mutex_
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_EXECUTION_POOL_H_

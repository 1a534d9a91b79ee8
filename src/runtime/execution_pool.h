// The executions of one predictor: taken by whoever runs a request, given back afterwards. Thread-safe.
#ifndef OARLOCK_RUNTIME_EXECUTION_POOL_H_
#define OARLOCK_RUNTIME_EXECUTION_POOL_H_

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

  const std::shared_ptr<const void>& owner() const { return owner_; }
  bool held() const { return execution_ != nullptr; }
  Execution& operator*() const { return *execution_; }
  Execution* operator->() const { return execution_; }
  void Release();

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

  const std::vector<std::unique_ptr<Execution>> all_;
  mutable std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<Execution*> free_;  // guarded by mutex_; the last one was used last, so its memory is warm
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_EXECUTION_POOL_H_

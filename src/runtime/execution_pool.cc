#include "runtime/execution_pool.h"

#include <algorithm>

#include "base/status.h"

namespace oarlock {

ExecutionLease& ExecutionLease::operator=(ExecutionLease&& other) noexcept {
  if (this != &other) {
    Release();
    owner_ = std::move(other.owner_);
    pool_ = std::exchange(other.pool_, nullptr);
    execution_ = std::exchange(other.execution_, nullptr);
  }
  return *this;
}

void ExecutionLease::Release() {
  if (execution_ != nullptr) pool_->GiveBack(std::exchange(execution_, nullptr));
  pool_ = nullptr;
  owner_.reset();  // may be the last, and free the pool
}

ExecutionPool::ExecutionPool(std::vector<std::unique_ptr<Execution>> executions) : all_(std::move(executions)) {
  free_.reserve(all_.size());
  for (const auto& execution : all_) free_.push_back(execution.get());
}

absl::StatusOr<Execution*> ExecutionPool::Acquire(TimePoint deadline, std::chrono::milliseconds wait_max,
                                                  const Clock& clock) {
  std::unique_lock lock(mutex_);
  const TimePoint began = clock.Now();
  while (free_.empty()) {
    const TimePoint now = clock.Now();
    if (now >= deadline) return DeadlineExceeded("the deadline passed while the request waited for an execution");
    if (now - began >= wait_max) {
      return Unavailable("no execution of {} became free within {} ms; release responses that show engine memory",
                         all_.size(), wait_max.count());
    }
    const TimePoint until = std::min(deadline, began + wait_max);
    given_back_.wait_for(lock, std::min<std::chrono::nanoseconds>(until - now, std::chrono::milliseconds(100)));
  }
  Execution* execution = free_.back();
  free_.pop_back();
  return execution;
}

Execution* ExecutionPool::TryAcquire() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) return nullptr;
  Execution* execution = free_.back();
  free_.pop_back();
  return execution;
}

size_t ExecutionPool::free_count() const {
  const std::lock_guard lock(mutex_);
  return free_.size();
}

void ExecutionPool::GiveBack(Execution* execution) {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(execution);
  }
  given_back_.notify_one();
}

}  // namespace oarlock

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

std::shared_ptr<const void> ExecutionLease::ReleaseToOwner() {
  if (execution_ != nullptr) pool_->GiveBack(std::exchange(execution_, nullptr));
  pool_ = nullptr;
  return std::move(owner_);
}

ExecutionPool::ExecutionPool(std::vector<std::unique_ptr<Execution>> executions) : all_(std::move(executions)) {
  free_.reserve(all_.size());
  for (const auto& execution : all_) free_.push_back(execution.get());
}

absl::StatusOr<Execution*> ExecutionPool::Acquire(TimePoint deadline, std::chrono::milliseconds wait_max,
                                                  const Clock& clock) {
  std::unique_lock lock(mutex_);
  ++waiters_;
  struct Leave {
    std::atomic<int>& waiters;
    ~Leave() { --waiters; }
  } const leave{waiters_};
  const TimePoint began = clock.Now();
  while (true) {
    if (Execution* const execution = TakeFree()) return execution;
    const TimePoint now = clock.Now();
    if (now >= deadline) return DeadlineExceeded("the deadline passed while the request waited for an execution");
    if (now - began >= wait_max) {
      return Unavailable("no execution of {} became free within {} ms; release responses that show engine memory",
                         all_.size(), wait_max.count());
    }
    const TimePoint until = std::min(deadline, began + wait_max);
    given_back_.wait_for(lock, std::min<std::chrono::nanoseconds>(until - now, std::chrono::milliseconds(100)));
  }
}

Execution* ExecutionPool::TakeFree() {
  if (Execution* const spare = spare_.exchange(nullptr)) return spare;
  if (free_.empty()) return nullptr;
  Execution* const execution = free_.back();
  free_.pop_back();
  return execution;
}

Execution* ExecutionPool::TryAcquire() {
  if (Execution* const spare = spare_.exchange(nullptr)) return spare;
  const std::lock_guard lock(mutex_);
  return TakeFree();
}

size_t ExecutionPool::free_count() const {
  const std::lock_guard lock(mutex_);
  return free_.size() + (spare_ == nullptr ? 0 : 1);
}

void ExecutionPool::GiveBack(Execution* execution) {
  Execution* none = nullptr;
  const bool is_spare = spare_.compare_exchange_strong(none, execution);
  if (is_spare && waiters_ == 0) return;
  {
    const std::lock_guard lock(mutex_);
    if (!is_spare) free_.push_back(execution);
  }
  given_back_.notify_one();
}

}  // namespace oarlock

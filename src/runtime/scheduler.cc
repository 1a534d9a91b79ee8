#include "runtime/scheduler.h"

#include <pthread.h>

#include <algorithm>
#include <new>
#include <utility>

#include "base/cpu.h"
#include "base/out_of_memory.h"
#include "base/signals.h"
#include "base/status.h"
#include "runtime/execution_pool.h"

namespace oarlock {
namespace {

// A pool's clock may be one that a test moves by hand: it is looked at again after so long.
constexpr std::chrono::milliseconds kSleepMax(100);

// Why a request is ended that nobody cancelled.
absl::Status StatusOf(absl::StatusCode code) {
  return StatusOrCode(code, [code] {
    return code == absl::StatusCode::kDeadlineExceeded ? DeadlineExceeded("the deadline passed before the request ran")
                                                       : MakeStatus(code, "no memory left to run the request");
  });
}

}  // namespace

void EndedRequests::Push(std::unique_ptr<QueuedRequest> request) noexcept {
  QueuedRequest* const last = request.get();
  (first_ == nullptr ? first_ : last_->next_) = std::move(request);
  last_ = last;
  ++size_;
}

std::unique_ptr<QueuedRequest> EndedRequests::Pop() noexcept {
  std::unique_ptr<QueuedRequest> request = std::move(first_);
  first_ = std::move(request->next_);
  --size_;
  return request;
}

std::shared_ptr<Scheduler> Scheduler::Create(int thread_budget, int worker_count) {
  const int budget = thread_budget > 0 ? thread_budget : UsableCpuCount();
  std::shared_ptr<Scheduler> scheduler(new Scheduler(budget));
  const int workers = worker_count == kAutomatic ? budget + 1 : worker_count;
  const BlockSignals block;
  try {
    scheduler->workers_.reserve(static_cast<size_t>(workers));
    for (int i = 0; i < workers; ++i) {
      // A worker that stops the scheduler itself is left behind, and keeps it to its own end.
      scheduler->workers_.emplace_back([scheduler] { scheduler->Work(); });
      pthread_setname_np(scheduler->workers_.back().native_handle(), "oar-worker");
    }
  } catch (...) {
    scheduler->Stop();  // those that were made keep it until they have ended
    throw;
  }
  return scheduler;
}

Scheduler::~Scheduler() { Stop(); }

void Scheduler::Stop() {
  std::vector<std::thread> workers;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    workers.swap(workers_);
  }
  work_.notify_all();
  for (std::thread& worker : workers) {
    if (worker.get_id() == std::this_thread::get_id()) {
      worker.detach();
    } else {
      worker.join();
    }
  }
}

void Scheduler::ChangeDemand(int64_t threads) {
  demand_ += threads;
  limited_ = demand_ > budget_;
}

bool Scheduler::TryTakePermits(int count) {
  int free = permits_.load();
  while (free >= count) {
    if (permits_.compare_exchange_weak(free, free - count)) return true;
  }
  return false;
}

void Scheduler::SetActive(ExecutionPool* pool, bool active) {
  if (active) {
    active_.push_back(pool);
  } else {
    std::erase(active_, pool);
  }
  active_count_ = static_cast<int>(active_.size());
}

ExecutionPool* Scheduler::Next() {
  ExecutionPool* next = nullptr;
  Priority next_priority = Priority::kLow;
  for (ExecutionPool* pool : active_) {
    if (!pool->HasFree()) continue;
    const auto due = pool->NextDue();
    if (!due) continue;
    const auto rank = [](Priority priority, const ExecutionPool& each) {
      return std::tuple(priority, each.RunningCount() * each.permits_, each.served_serial_);
    };
    if (next != nullptr && rank(next_priority, *next) <= rank(due->priority, *pool)) continue;
    next = pool;
    next_priority = due->priority;
  }
  return next;
}

void Scheduler::Dispatch() noexcept {
  for (size_t i = active_.size(); i-- > 0;) active_[i]->DropExpired();  // which may take it out of the list
  bool starved = false;
  while (ExecutionPool* const pool = Next()) {
    const bool limited = is_limited();
    starved = limited && !TryTakePermits(pool->permits_);
    // Others are not let past who needs more permits than are left, or it would never get them.
    if (starved) break;
    Execution* const execution = pool->TakeFree();
    if (execution == nullptr) {  // somebody was faster
      if (limited) permits_ += pool->permits_;
      continue;
    }
    execution->occupancy().has_permits = limited;
    bool granted = false;
    try {
      granted = pool->Grant(execution);
    } catch (const std::bad_alloc&) {
      pool->EndFirst(absl::StatusCode::kResourceExhausted);
    }
    if (!granted) {
      pool->ReturnPermits(execution);
      execution->occupancy().use = Occupancy::kFree;
      continue;
    }
    pool->served_serial_ = ++serial_;
  }
  starved_ = starved;
}

std::optional<std::chrono::nanoseconds> Scheduler::UntilDue() const {
  std::optional<std::chrono::nanoseconds> until;
  for (const ExecutionPool* pool : active_) {
    // What is due and has no execution or permit waits for somebody to give one back.
    const TimePoint due = pool->NextDue() ? kNoDeadline : pool->batcher_.DueAt();
    const TimePoint wake = std::min(due, pool->batcher_.ExpiresAt());
    if (wake == kNoDeadline) continue;
    const std::chrono::nanoseconds left = wake - pool->options_.clock->Now();
    until = std::min(until.value_or(kSleepMax), left);
  }
  return until;
}

void Scheduler::WakeWorkers() {
  if (idle_count_ == 0) return;
  const size_t jobs = granted_.size() + ended_.size();
  for (size_t i = 0; i < std::min(jobs, static_cast<size_t>(idle_count_)); ++i) work_.notify_one();
  if (jobs > 0 || active_.empty()) return;
  const auto until = UntilDue();
  if (until && std::chrono::steady_clock::now() + *until < timer_) work_.notify_one();  // it sets the timer anew
}

void Scheduler::Begin(ExecutionPool* pool, std::unique_lock<std::mutex>* lock) {
  pool->working_.push_back(std::this_thread::get_id());
  WakeWorkers();
  lock->unlock();
}

void Scheduler::Finish(ExecutionPool* pool, std::shared_ptr<const void> owner, std::unique_lock<std::mutex>* lock) {
  lock->lock();
  pool->working_.erase(std::find(pool->working_.begin(), pool->working_.end(), std::this_thread::get_id()));
  --pool->jobs_;
  pool->job_over_.notify_all();
  lock->unlock();
  owner.reset();
  lock->lock();
}

bool Scheduler::WorkOnce(std::unique_lock<std::mutex>* lock) {
  Dispatch();
  if (!ended_.empty()) {
    std::unique_ptr<QueuedRequest> ended = ended_.Pop();
    std::shared_ptr<const void> owner = ended->owner();
    ExecutionPool* const pool = ended->pool_;
    Begin(pool, lock);
    ended->End(StatusOf(ended->ended_with_));
    ended.reset();
    Finish(pool, std::move(owner), lock);
    return true;
  }
  if (granted_.empty()) return false;
  Granted granted = std::move(granted_.front());
  granted_.pop_front();
  Begin(granted.pool, lock);
  granted.pool->options_.run(granted.execution, granted.batch, std::move(granted.requests));
  Finish(granted.pool, std::move(granted.owner), lock);
  return true;
}

bool Scheduler::RunOne() {
  std::unique_lock lock(mutex_);
  return WorkOnce(&lock);
}

void Scheduler::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (WorkOnce(&lock)) continue;
    if (stopping_) return;
    const auto until = UntilDue();
    const TimePoint wake = until ? std::chrono::steady_clock::now() + *until : kNoDeadline;
    ++idle_count_;
    if (wake < timer_) {
      timer_ = wake;
      work_.wait_until(lock, wake);
      if (timer_ == wake) timer_ = kNoDeadline;
    } else {
      work_.wait(lock);
    }
    --idle_count_;
  }
}

}  // namespace oarlock

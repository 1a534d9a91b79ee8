#include "runtime/execution_pool.h"

#include <algorithm>
#include <new>
#include <thread>

#include "base/status.h"
#include "base/stopwatch.h"

namespace oarlock {
namespace {

// A run up to this long is waited for by trying again, which takes less than falling asleep and being woken; but only
// for so long, after which the thread takes its place in the line.
constexpr std::chrono::microseconds kShortRun(200);
constexpr std::chrono::milliseconds kTryingMax(5);

// A caller whose requests never wait would keep its core for a whole slice of the system's (3 to 4 ms), which is then
// what callers that the core is shared with wait for theirs. So it offers the core now and then, if none is left over.
constexpr std::chrono::microseconds kTurn(500);
template <typename IsLastCore>
void TakeTurns(IsLastCore is_last_core) {
  thread_local Stopwatch::Ticks began = 0;
  if (Stopwatch::Since(began) < kTurn) return;
  if (is_last_core()) std::this_thread::yield();
  began = Stopwatch::Read();
}

}  // namespace

ExecutionLease& ExecutionLease::operator=(ExecutionLease&& other) noexcept {
  if (this != &other) {
    Release();
    owner_ = std::move(other.owner_);
    pool_ = std::exchange(other.pool_, nullptr);
    execution_ = std::exchange(other.execution_, nullptr);
    runs_ = std::exchange(other.runs_, false);
  }
  return *this;
}

void ExecutionLease::EndRun() {
  if (std::exchange(runs_, false)) pool_->EndRun(execution_);
}

void ExecutionLease::Release() { ReleaseToOwner().reset(); }  // may be the last, and free the pool

std::shared_ptr<const void> ExecutionLease::ReleaseToOwner() {
  if (execution_ != nullptr) pool_->GiveBack(std::exchange(execution_, nullptr));
  runs_ = false;
  pool_ = nullptr;
  return std::move(owner_);
}

ExecutionPool::ExecutionPool(std::vector<std::unique_ptr<Execution>> executions, PoolOptions options,
                             std::shared_ptr<Scheduler> scheduler)
    : all_(std::move(executions)),
      options_(std::move(options)),
      permits_(std::clamp(options_.threads, 1, scheduler->thread_budget())),
      scheduler_(std::move(scheduler)),
      batcher_(options_.batching, options_.queue_max) {
  const std::lock_guard lock(scheduler_->mutex_);
  // What is needed to give work to workers is taken here, where a want of memory is the load's.
  scheduler_->active_.reserve(scheduler_->pool_count_ + 1);
  working_.reserve(scheduler_->workers_.size() + 1);
  ++scheduler_->pool_count_;
  scheduler_->ChangeDemand(static_cast<int64_t>(all_.size()) * permits_);
}

ExecutionPool::~ExecutionPool() {
  const std::lock_guard lock(scheduler_->mutex_);
  --scheduler_->pool_count_;
  scheduler_->ChangeDemand(-static_cast<int64_t>(all_.size()) * permits_);
  if (active_) scheduler_->SetActive(this, false);
}

Execution* ExecutionPool::TryAcquire() {
  TakeTurns([this] { return (RunningCount() + 1) * permits_ >= scheduler_->thread_budget(); });
  if (scheduler_->starved_.load(std::memory_order_relaxed)) return nullptr;
  const bool is_limited = scheduler_->is_limited();
  if (is_limited && !scheduler_->TryTakePermits(permits_)) return nullptr;
  Execution* const execution = TakeFree();
  if (execution != nullptr) {
    execution->occupancy().has_permits = is_limited;
  } else if (is_limited) {
    scheduler_->permits_ += permits_;
    DispatchIfActive();
  }
  return execution;
}

absl::StatusOr<Execution*> ExecutionPool::Acquire(TimePoint deadline, std::chrono::milliseconds wait_max,
                                                  Priority priority, std::chrono::nanoseconds usual) {
  const Clock& clock = *options_.clock;
  const TimePoint began = clock.Now();
  if (usual.count() >= 0 && usual < kShortRun) {
    const auto until = std::chrono::steady_clock::now() + kTryingMax;
    do {
      if (Execution* const execution = TryAcquire()) return execution;
      std::this_thread::yield();
    } while (clock.Now() < deadline && std::chrono::steady_clock::now() < until);
  }
  Ticket ticket{priority, began, nullptr, {}};
  std::unique_lock lock(scheduler_->mutex_);
  tickets_.push_back(&ticket);
  UpdateWaiting();
  scheduler_->Dispatch();
  scheduler_->WakeWorkers();
  while (ticket.execution == nullptr) {
    const TimePoint now = clock.Now();
    if (now < deadline && now - began < wait_max) {
      const TimePoint until = std::min(deadline, began + wait_max);
      ticket.changed.wait_for(lock, std::min<std::chrono::nanoseconds>(until - now, std::chrono::milliseconds(100)));
      continue;
    }
    std::erase(tickets_, &ticket);
    UpdateWaiting();
    if (now >= deadline) return DeadlineExceeded("the deadline passed while the request waited for an execution");
    return Unavailable("no execution of {} became free within {} ms; release responses that show engine memory",
                       all_.size(), wait_max.count());
  }
  return ticket.execution;
}

Execution* ExecutionPool::TakeFree() {
  // The one that this thread had last comes first: its memory is warm, and what is bound there may be bound still.
  thread_local size_t last = 0;
  for (size_t i = 0, at = last < all_.size() ? last : 0; i < all_.size(); ++i, at = at + 1 < all_.size() ? at + 1 : 0) {
    std::atomic<Occupancy::Use>& use = all_[at]->occupancy().use;
    Occupancy::Use expected = Occupancy::kFree;
    if (use.load(std::memory_order_relaxed) != expected) continue;
    if (!use.compare_exchange_strong(expected, Occupancy::kRunning)) continue;
    last = at;
    return all_[at].get();
  }
  return nullptr;
}

bool ExecutionPool::HasFree() const {
  return std::any_of(all_.begin(), all_.end(),
                     [](const auto& each) { return each->occupancy().use == Occupancy::kFree; });
}

int ExecutionPool::RunningCount() const {
  return static_cast<int>(std::count_if(all_.begin(), all_.end(),
                                        [](const auto& each) { return each->occupancy().use == Occupancy::kRunning; }));
}

void ExecutionPool::ReturnPermits(Execution* execution) {
  if (std::exchange(execution->occupancy().has_permits, false)) scheduler_->permits_ += permits_;
}

void ExecutionPool::DispatchIfActive() {
  if (scheduler_->active_count_ == 0) return;
  const std::lock_guard lock(scheduler_->mutex_);
  scheduler_->Dispatch();
  scheduler_->WakeWorkers();
}

void ExecutionPool::EndRun(Execution* execution) {
  ReturnPermits(execution);
  execution->occupancy().use = Occupancy::kHeld;
  DispatchIfActive();
}

void ExecutionPool::GiveBack(Execution* execution) {
  ReturnPermits(execution);
  execution->occupancy().use = Occupancy::kFree;
  DispatchIfActive();
}

size_t ExecutionPool::FirstTicket() const {
  size_t first = 0;
  for (size_t i = 1; i < tickets_.size(); ++i) {
    if (tickets_[i]->priority < tickets_[first]->priority) first = i;
  }
  return first;
}

std::optional<ExecutionPool::Due> ExecutionPool::NextDue() const {
  return NextDue(options_.clock->Now(), RunningCount() == 0);
}

std::optional<ExecutionPool::Due> ExecutionPool::NextDue(TimePoint now, bool idle) const {
  std::optional<Due> due;
  if (!tickets_.empty()) {
    const Ticket& ticket = *tickets_[FirstTicket()];
    due = Due{ticket.priority, ticket.arrived, true};
  }
  if (!batcher_.empty() && batcher_.IsDue(now, idle)) {
    const Due batch{*batcher_.Urgency(), batcher_.OldestArrival(), false};
    if (!due || std::tuple(batch.priority, batch.arrived) < std::tuple(due->priority, due->arrived)) due = batch;
  }
  return due;
}

bool ExecutionPool::Grant(Execution* execution) {
  const bool idle = RunningCount() == 1;  // which is this one
  const TimePoint now = options_.clock->Now();
  const std::optional<Due> due = NextDue(now, idle);
  if (!due) return false;
  if (due->is_ticket) {
    const auto first = tickets_.begin() + static_cast<std::ptrdiff_t>(FirstTicket());
    (*first)->execution = execution;
    (*first)->changed.notify_one();
    tickets_.erase(first);
  } else {
    // All memory first: then nothing fails halfway.
    QueuedRequests requests;
    requests.reserve(std::min(batcher_.size(), static_cast<size_t>(std::max<int64_t>(1, batching().max_batch_size))));
    Scheduler::Granted& granted = scheduler_->granted_.emplace_back();
    try {
      granted.batch = *batcher_.Next(now, idle);
    } catch (const std::bad_alloc&) {
      scheduler_->granted_.pop_back();
      throw;
    }
    for (const uint64_t id : granted.batch.ids) requests.push_back(std::move(queued_.extract(id).mapped()));
    granted.pool = this;
    granted.execution = execution;
    granted.owner = requests.front()->owner();
    granted.requests = std::move(requests);
    ++jobs_;
  }
  UpdateWaiting();
  return true;
}

void ExecutionPool::DropExpired() {
  expired_.clear();
  batcher_.DropExpired(options_.clock->Now(), &expired_);
  for (const uint64_t id : expired_) EndLater(id, absl::StatusCode::kDeadlineExceeded);
  if (!expired_.empty()) UpdateWaiting();
}

void ExecutionPool::EndFirst(absl::StatusCode code) noexcept {
  const uint64_t id = batcher_.FirstId();
  batcher_.Remove(id);
  EndLater(id, code);
  UpdateWaiting();
}

void ExecutionPool::EndLater(uint64_t id, absl::StatusCode code) noexcept {
  std::unique_ptr<QueuedRequest> request = std::move(queued_.extract(id).mapped());
  request->pool_ = this;
  request->ended_with_ = code;
  scheduler_->ended_.Push(std::move(request));
  ++jobs_;
}

void ExecutionPool::UpdateWaiting() {
  const bool waits = !tickets_.empty() || !batcher_.empty();
  if (waits == active_) return;
  active_ = waits;
  scheduler_->SetActive(this, active_);
}

absl::StatusOr<uint64_t> ExecutionPool::Enqueue(Waiting waiting, std::unique_ptr<QueuedRequest>* request) {
  const std::lock_guard lock(scheduler_->mutex_);
  if (stopped_) return FailedPrecondition("the model is being unloaded");
  const uint64_t id = waiting.id = last_id_ + 1;
  waiting.arrived = options_.clock->Now();
  // Room first: what is in the batcher's queue is in ours.
  queued_.reserve(queued_.size() + 1);
  if (expired_.capacity() <= batcher_.size()) expired_.reserve(2 * batcher_.size() + 1);
  OAR_RETURN_IF_ERROR(batcher_.Add(std::move(waiting)));
  last_id_ = id;
  queued_.emplace(id, std::move(*request));
  UpdateWaiting();
  scheduler_->Dispatch();
  scheduler_->WakeWorkers();
  return id;
}

bool ExecutionPool::Cancel(uint64_t id, const absl::Status& status) {
  std::unique_ptr<QueuedRequest> request;
  {
    const std::lock_guard lock(scheduler_->mutex_);
    if (!batcher_.Remove(id)) return false;
    request = std::move(queued_.extract(id).mapped());
    UpdateWaiting();
  }
  request->End(status);
  return true;
}

void ExecutionPool::CancelAll(const absl::Status& status) {
  decltype(queued_) all;
  {
    const std::lock_guard lock(scheduler_->mutex_);
    all.swap(queued_);
    batcher_.Clear();
    UpdateWaiting();
  }
  std::vector<uint64_t> ids;
  try {
    ids.reserve(all.size());
  } catch (const std::bad_alloc&) {  // then in no order
    for (const auto& [id, request] : all) request->End(status);
    return;
  }
  for (const auto& [id, request] : all) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  for (const uint64_t id : ids) all.find(id)->second->End(status);
}

void ExecutionPool::Stop(const absl::Status& status) {
  {
    const std::lock_guard lock(scheduler_->mutex_);
    stopped_ = true;
  }
  CancelAll(status);
  std::unique_lock lock(scheduler_->mutex_);
  const auto own = std::count(working_.begin(), working_.end(), std::this_thread::get_id());
  while (jobs_ > own) {
    if (!scheduler_->workers_.empty()) {
      job_over_.wait(lock);
    } else if (!scheduler_->WorkOnce(&lock)) {
      break;  // the calling thread is within the run of another model's
    }
  }
}

bool ExecutionPool::RunsAtOnce() const {
  const std::lock_guard lock(scheduler_->mutex_);
  return (!batching().enabled() || RunningCount() == 0) && batcher_.RunsAtOnce() && tickets_.empty() && HasFree();
}

void ExecutionPool::Served(int64_t padded_rows, std::chrono::nanoseconds took) {
  const std::lock_guard lock(scheduler_->mutex_);
  try {
    batcher_.Served(padded_rows, took);
  } catch (const std::bad_alloc&) {  // it is only for guesses
  }
}

size_t ExecutionPool::free_count() const {
  return static_cast<size_t>(std::count_if(all_.begin(), all_.end(),
                                           [](const auto& each) { return each->occupancy().use == Occupancy::kFree; }));
}

bool ExecutionPool::is_idle() const {
  const std::lock_guard lock(scheduler_->mutex_);
  return batcher_.empty() && jobs_ == 0;
}

size_t ExecutionPool::queue_size() const {
  const std::lock_guard lock(scheduler_->mutex_);
  return batcher_.size();
}

}  // namespace oarlock

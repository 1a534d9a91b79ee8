#include "runtime/executor.h"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "base/signals.h"
#include "base/status.h"

namespace oarlock {

struct Executor::State {
  struct Entry {
    uint64_t id;
    Task task;
  };
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Entry> queue;  // this and all below guarded by mutex
  size_t queue_max = 0;
  uint64_t last_id = 0;
  bool stopping = false;
};

Executor::Executor(const std::string& name, int thread_count, int64_t queue_max) : state_(std::make_shared<State>()) {
  state_->queue_max = static_cast<size_t>(queue_max);
  const BlockSignals block;
  for (int i = 0; i < thread_count; ++i) {
    threads_.emplace_back([state = state_] { Work(state); });
    pthread_setname_np(threads_.back().native_handle(), name.substr(0, 15).c_str());
  }
}

void Executor::Work(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  while (true) {
    state->changed.wait(lock, [&state] { return state->stopping || !state->queue.empty(); });
    if (state->queue.empty()) return;
    State::Entry entry = std::move(state->queue.front());
    state->queue.pop_front();
    lock.unlock();
    std::move(entry.task)(entry.id, absl::OkStatus());
    entry.task = nullptr;  // what it holds goes outside the lock
    lock.lock();
  }
}

absl::StatusOr<uint64_t> Executor::Post(Task task) {
  uint64_t id = 0;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping) return FailedPrecondition("the model is being unloaded");
    if (state_->queue.size() >= state_->queue_max) {
      return Unavailable("{} requests wait already, which is the limit; try again later", state_->queue.size());
    }
    id = ++state_->last_id;
    state_->queue.push_back({id, std::move(task)});
  }
  state_->changed.notify_one();
  return id;
}

bool Executor::Cancel(uint64_t id) {
  Task task;
  {
    const std::lock_guard lock(state_->mutex);
    const auto found = std::find_if(state_->queue.begin(), state_->queue.end(),
                                    [id](const State::Entry& entry) { return entry.id == id; });
    if (found == state_->queue.end()) return false;
    task = std::move(found->task);
    state_->queue.erase(found);
  }
  std::move(task)(id, Cancelled("the request was cancelled before it ran"));
  return true;
}

void Executor::CancelAll() {
  std::deque<State::Entry> dropped;
  {
    const std::lock_guard lock(state_->mutex);
    dropped.swap(state_->queue);
  }
  for (State::Entry& entry : dropped) {
    std::move(entry.task)(entry.id, Cancelled("the model was unloaded before the request ran"));
  }
}

void Executor::Stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
  CancelAll();
  for (std::thread& thread : threads_) {
    if (thread.get_id() == std::this_thread::get_id()) {
      thread.detach();  // it holds the state and ends on its own
    } else if (thread.joinable()) {
      thread.join();
    }
  }
  threads_.clear();
}

size_t Executor::queue_size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->queue.size();
}

}  // namespace oarlock

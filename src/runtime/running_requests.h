// Asynchronous requests that have left their queue, so that they can be cancelled. Thread-safe.
#ifndef OARLOCK_RUNTIME_RUNNING_REQUESTS_H_
#define OARLOCK_RUNTIME_RUNNING_REQUESTS_H_

#include <cstdint>
#include <mutex>
#include <vector>

#include "runtime/execution.h"

namespace oarlock {

class RunningRequests {
 public:
  // Around the run of a request that runs alone on `execution`. One that shares a batch is not here: others want its
  // answer.
  class Entry {
   public:
    Entry(RunningRequests* requests, uint64_t id, Execution* execution) : requests_(requests), id_(id) {
      requests_->Add(id, execution);
    }
    ~Entry() { End(); }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    // Before the execution is given back: it must not be cancelled for the sake of a request that is over.
    void End() const { requests_->Remove(id_); }

   private:
    RunningRequests* const requests_;
    const uint64_t id_;
  };

  bool Cancel(uint64_t id) {
    const std::lock_guard lock(mutex_);  // held, so that the execution cannot go on to another request
    for (const Running& running : running_) {
      if (running.id == id) return running.execution->Cancel();
    }
    return false;
  }
  void CancelAll() {
    const std::lock_guard lock(mutex_);
    for (const Running& running : running_) running.execution->Cancel();
  }

 private:
  struct Running {
    uint64_t id;
    Execution* execution;
  };
  void Add(uint64_t id, Execution* execution) {
    const std::lock_guard lock(mutex_);
    running_.push_back({id, execution});
  }
  void Remove(uint64_t id) {
    const std::lock_guard lock(mutex_);
    std::erase_if(running_, [id](const Running& running) { return running.id == id; });
  }

  std::mutex mutex_;
  std::vector<Running> running_;  // guarded by mutex_
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_RUNNING_REQUESTS_H_

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
  // Runs alone on `execution`. A request that shares a batch is not here: others want its answer.
  void Add(uint64_t id, Execution* execution) {
    const std::lock_guard lock(mutex_);
    entries_.push_back({id, execution});
  }
  // Before the execution is given back: it must not be cancelled for the sake of a request that is over.
  void Remove(uint64_t id) {
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [id](const Entry& entry) { return entry.id == id; });
  }
  bool Cancel(uint64_t id) {
    const std::lock_guard lock(mutex_);  // held, so that the execution cannot go on to another request
    for (const Entry& entry : entries_) {
      if (entry.id == id) return entry.execution->Cancel();
    }
    return false;
  }
  void CancelAll() {
    const std::lock_guard lock(mutex_);
    for (const Entry& entry : entries_) entry.execution->Cancel();
  }

 private:
  struct Entry {
    uint64_t id;
    Execution* execution;
  };
  std::mutex mutex_;
  std::vector<Entry> entries_;  // guarded by mutex_
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_RUNNING_REQUESTS_H_

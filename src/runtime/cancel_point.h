// Lets another thread stop a run that is made on the caller's own. Reusable; one run at a time.
//   the caller:      request.cancel_point = &point; predictor->Infer(request, &response)
//   another thread:  point.Cancel()
// Costs the run two atomic operations.
#ifndef OARLOCK_RUNTIME_CANCEL_POINT_H_
#define OARLOCK_RUNTIME_CANCEL_POINT_H_

#include <atomic>
#include <thread>

#include "runtime/execution.h"

namespace oarlock {

class CancelPoint {
 public:
  // Around the run of `execution`, by who holds it. Afterwards no Cancel() touches it any more.
  void Begin(Execution* execution) { running_.store(execution, std::memory_order_release); }
  void End() {
    Execution* const execution = running_.exchange(nullptr, std::memory_order_acq_rel);
    if (execution != nullptr) return;
    while (cancelling_.load(std::memory_order_acquire)) std::this_thread::yield();
  }
  // Any thread. True if the run under way will stop early.
  bool Cancel() {
    if (cancelling_.exchange(true, std::memory_order_acq_rel)) return false;  // another thread is at it
    Execution* const execution = running_.exchange(nullptr, std::memory_order_acq_rel);
    const bool stops = execution != nullptr && execution->Cancel();
    cancelling_.store(false, std::memory_order_release);
    return stops;
  }

 private:
  std::atomic<Execution*> running_{nullptr};
  std::atomic<bool> cancelling_{false};
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_CANCEL_POINT_H_

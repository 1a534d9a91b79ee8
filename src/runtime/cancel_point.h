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
  class Run {
   public:
    Run(CancelPoint* point, Execution* execution) : point_(point) { point_->running_ = execution; }
    ~Run() {
      point_->running_ = nullptr;
      while (point_->cancelling_) std::this_thread::yield();  // either this sees Cancel(), or that sees no run
    }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

   private:
    CancelPoint* const point_;
  };
  // Any thread. True if the run under way will stop early; an engine that could not stop it yet may be asked again.
  bool Cancel() {
    if (cancelling_.exchange(true)) return false;  // another thread is at it
    Execution* const execution = running_;
    const bool stops = execution != nullptr && execution->Cancel();
    cancelling_ = false;
    return stops;
  }

 private:
  std::atomic<Execution*> running_{nullptr};
  std::atomic<bool> cancelling_{false};
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_CANCEL_POINT_H_

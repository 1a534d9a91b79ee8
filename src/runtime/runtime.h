// What all models of a process share: the engines, and the scheduler with its budget of threads.
//   Runtime runtime;
//   auto predictor = Predictor::Create({}, &runtime);
// Thread-safe. It must outlive the predictors made with it.
#ifndef OARLOCK_RUNTIME_RUNTIME_H_
#define OARLOCK_RUNTIME_RUNTIME_H_

#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "engine/registry.h"
#include "runtime/scheduler.h"

namespace oarlock {

class Runtime {
 public:
  // `engine_path` as in EngineRegistry, the others as in Scheduler::Create. `clock` is that of all deadlines.
  explicit Runtime(std::filesystem::path engine_path = {}, int thread_budget = 0,
                   int worker_count = Scheduler::kAutomatic, const Clock* clock = &Clock::Steady())
      : clock_(clock),
        scheduler_(Scheduler::Create(thread_budget, worker_count)),
        stopper_{scheduler_.get()},
        engines_(std::move(engine_path), scheduler_->thread_budget()) {}
  ~Runtime() { scheduler_->Stop(); }
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  const Clock& clock() const { return *clock_; }
  EngineRegistry& engines() { return engines_; }
  const std::shared_ptr<Scheduler>& scheduler() const { return scheduler_; }

 private:
  const Clock* const clock_;
  const std::shared_ptr<Scheduler> scheduler_;
  // The workers end with this, also if nothing is made of it.
  struct Stopper {
    ~Stopper() { scheduler->Stop(); }
    Scheduler* scheduler;
  } const stopper_;
  EngineRegistry engines_;
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_RUNTIME_H_

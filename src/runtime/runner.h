// A request that is bound once and run often: every check is made when something is bound, and a run allocates nothing.
//
//   OAR_ASSIGN_OR_RETURN(const auto runner, Runner::Create(predictor));
//   OAR_RETURN_IF_ERROR(runner->BindInput(0, x));
//   OAR_RETURN_IF_ERROR(runner->BindOutput(0, y));
//   OAR_RETURN_IF_ERROR(runner->Run());
//
// Thread rule: one thread at a time, except Cancel(). Ownership: keeps the predictor, and what is bound. What is lent
// must not be touched while a run is under way; a runner that is destroyed meanwhile waits for its end.
#ifndef OARLOCK_RUNTIME_RUNNER_H_
#define OARLOCK_RUNTIME_RUNNER_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "absl/status/statusor.h"
#include "runtime/lent_request.h"
#include "runtime/predictor.h"

namespace oarlock {

class Runner {
 public:
  using Done = std::function<void(const absl::Status&)>;

  // The predictor's status if it is not READY.
  static absl::StatusOr<std::unique_ptr<Runner>> Create(std::shared_ptr<Predictor> predictor);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Each FAILED_PRECONDITION while a started run is not over; besides, as LentRequest has them.
  absl::Status BindInput(size_t index, StridedTensor tensor);
  absl::Status BindOutput(size_t index, std::optional<StridedTensor> room);
  absl::Status SetDeadline(TimePoint deadline);
  // On the calling thread.
  absl::Status Run();
  // One request with tensors of its own, on the calling thread: they are bound, run and let go of, and afterwards
  // nothing is bound. In the order of the model's inputs and outputs; a null output lies where the engine puts it.
  absl::Status Infer(std::span<const StridedTensor* const> inputs, std::span<const StridedTensor* const> outputs,
                     TimePoint deadline, Priority priority);
  // On a thread of the runtime's. `done`, if there is one, is called once it is over, outside all locks.
  absl::Status Start(Done done);
  // The end of what was started; DEADLINE_EXCEEDED if it has not come by then. Negative = without end.
  absl::Status Wait(std::chrono::nanoseconds timeout);
  // Any thread. False: nothing runs, or the engine cannot be stopped.
  bool Cancel();

  // Of the last run. FAILED_PRECONDITION if none has succeeded since something was bound, or if Infer() wrote this
  // output to a tensor.
  absl::StatusOr<TensorView> Output(size_t index) const;
  absl::StatusOr<const CopyReport*> copies() const;

  const LoadedModel& model() const { return lent_.model(); }

 private:
  // A started run, which may outlive its runner's handle for a moment.
  struct Started {
    std::mutex mutex;
    std::condition_variable changed;
    bool over = false;
    absl::Status status;
    InferenceResponse response;
  };

  Runner(std::shared_ptr<Predictor> predictor, std::shared_ptr<LoadedModel> model);
  absl::Status CheckIdle() const;
  void Forget();

  const std::shared_ptr<Predictor> predictor_;
  const std::shared_ptr<LoadedModel> model_;
  LentRequest lent_;
  InferenceResponse response_;
  bool has_answer_ = false;
  absl::InlinedVector<bool, 4> let_go_;  // by output: the answer is in a tensor of Infer()'s; empty after other runs
  CancelPoint cancel_point_;
  mutable std::mutex mutex_;          // of what Cancel() looks at
  std::shared_ptr<Started> started_;  // guarded by mutex_; written by the owner only
  uint64_t started_id_ = 0;           // guarded by mutex_
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_RUNNER_H_

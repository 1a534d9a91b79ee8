// Runs one request on one execution: pictures to pixels, bind, run, results to answers, fill the response. Lives for
// the length of that; not thread-safe.
#ifndef OARLOCK_RUNTIME_REQUEST_RUN_H_
#define OARLOCK_RUNTIME_REQUEST_RUN_H_

#include "absl/status/status.h"
#include "base/stopwatch.h"
#include "runtime/loaded_model.h"
#include "runtime/request.h"

namespace oarlock {

class RequestRun {
 public:
  // The request must have passed CheckRequest; `execution` is one of the model's pool, held by the caller.
  // The lease keeps the model.
  // `batch`, where the model has batching, is the one of this request alone, for the statistics; it must outlive this.
  RequestRun(const LoadedModel& model, const InferenceRequest& request, ExecutionLease execution,
             const Batch* batch = nullptr);

  // On success the response, which must be empty, is filled. The execution stays here.
  absl::Status Run(std::chrono::nanoseconds queued, InferenceResponse* response);
  // Since it began, for one that failed.
  std::chrono::nanoseconds took() const { return Stopwatch::Since(began_); }
  // Afterwards: the execution goes to the response if a view of it shows the engine's memory, else back to the pool.
  void HandOver(InferenceResponse* response);

 private:
  absl::Status RunOnce(std::chrono::nanoseconds queued, InferenceResponse* response);
  absl::Status RunExecution();
  bool ReadsInPlace() const;
  absl::Status Prepare(InferenceResponse* response);
  absl::Status PrepareImages(size_t index, const RequestInput& input, CopyReport* copies);
  absl::Status Finish(InferenceResponse* response);
  // One public output into the caller's room, or a view of where it lies.
  absl::Status Deliver(size_t index, const RequestOutput& wanted, const TensorView& view, CopyReason copied,
                       bool engine_memory, InferenceResponse* response);
  const RequestInput& Given(size_t index) const;
  // What the caller asked of an output of the model; null if it was not asked for.
  const RequestOutput* Wanted(size_t index) const;

  const LoadedModel& model_;
  const InferenceRequest& request_;
  ExecutionLease execution_;
  const Batch* const batch_;
  Stopwatch::Ticks began_ = 0;
  bool is_bound_ = false;  // the execution is, to this very request
  bool lends_engine_memory_ = false;
  // A clock is read only around what takes long: 40 ns are a tenth of all that is done here for a small model.
  bool prepares_ = false;  // decodes pictures, or copies inputs
  bool finishes_ = false;  // decodes results, or copies them
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_REQUEST_RUN_H_

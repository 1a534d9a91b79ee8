// Runs one request on one execution: pictures to pixels, bind, run, results to answers, fill the response. Lives for
// the length of that; not thread-safe.
#ifndef OARLOCK_RUNTIME_REQUEST_RUN_H_
#define OARLOCK_RUNTIME_REQUEST_RUN_H_

#include "absl/status/status.h"
#include "runtime/loaded_model.h"
#include "runtime/request.h"

namespace oarlock {

class RequestRun {
 public:
  // The request must have passed CheckRequest; `execution` is one of the model's pool, held by the caller.
  RequestRun(std::shared_ptr<const LoadedModel> model, const InferenceRequest& request, ExecutionLease execution,
             const Clock& clock);

  // On success the response is filled. It holds the execution if a view of it shows the engine's memory.
  absl::Status Run(std::chrono::nanoseconds queued, InferenceResponse* response);

 private:
  absl::Status Prepare(InferenceResponse* response);
  absl::Status PrepareImages(size_t index, const RequestInput& input, CopyReport* copies);
  absl::Status Finish(InferenceResponse* response);
  // One public output into the caller's room, or a view of where it lies.
  absl::Status Deliver(const PublicOutput& output, const TensorView& view, CopyReason copied, bool engine_memory,
                       InferenceResponse* response);
  // What the caller asked of an output; null if it was not asked for.
  const RequestOutput* Wanted(std::string_view name) const;

  std::shared_ptr<const LoadedModel> model_;
  const InferenceRequest& request_;
  ExecutionLease execution_;
  const Clock& clock_;
  bool lends_engine_memory_ = false;
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_REQUEST_RUN_H_

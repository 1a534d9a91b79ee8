// An asynchronous request of a predictor on its way through the queue: alone or in a batch, and back to its caller.
#ifndef OARLOCK_RUNTIME_QUEUED_INFERENCE_H_
#define OARLOCK_RUNTIME_QUEUED_INFERENCE_H_

#include <memory>

#include "absl/functional/any_invocable.h"
#include "runtime/loaded_model.h"
#include "runtime/request.h"
#include "runtime/running_requests.h"

namespace oarlock {

// Called exactly once, outside all locks, on a worker (or, for a request that never ran, on the thread that cancelled
// or unloaded). It may call anything of a predictor, and drop the last reference to it; but it must not wait for
// another asynchronous request, because that may need this worker. On OK the response is its own.
using InferenceCallback = absl::AnyInvocable<void(absl::Status, InferenceResponse) &&>;

class QueuedInference : public QueuedRequest {
 public:
  // The request has passed CheckRequest.
  QueuedInference(std::shared_ptr<LoadedModel> model, std::shared_ptr<RunningRequests> running,
                  InferenceRequest request, InferenceCallback callback)
      : model_(std::move(model)),
        running_(std::move(running)),
        request_(std::move(request)),
        callback_(std::move(callback)),
        asked_(model_->clock->Now()) {}

  void End(absl::Status status) override;
  std::shared_ptr<const void> owner() const override { return model_; }

  // As PoolOptions::run, of requests that are all of this class and of one model. Each is called back, also without
  // memory for its run.
  static void RunBatch(Execution* execution, const Batch& batch, QueuedRequests requests);

 private:
  void Call(absl::Status status, InferenceResponse response);
  // Those whose deadline passed between the closing of their batch and now are not run either.
  static void TakeExpired(const LoadedModel& model, Batch* batch, QueuedRequests* requests, QueuedRequests* expired);
  // What has been called back is null afterwards.
  static void RunCurrent(ExecutionLease lease, const std::shared_ptr<LoadedModel>& model, const Batch& batch,
                         QueuedRequests* requests);
  static void RunAlone(ExecutionLease lease, const Batch& batch, std::unique_ptr<QueuedRequest>* request);
  absl::Status RunOn(ExecutionLease lease, const Batch& batch, InferenceResponse* response);
  std::chrono::nanoseconds Queued() const { return model_->clock->Now() - asked_; }

  std::shared_ptr<LoadedModel> model_;
  const std::shared_ptr<RunningRequests> running_;
  InferenceRequest request_;
  InferenceCallback callback_;
  const TimePoint asked_;
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_QUEUED_INFERENCE_H_

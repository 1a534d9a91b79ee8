#include "runtime/queued_inference.h"

#include <algorithm>
#include <new>

#include "base/out_of_memory.h"
#include "base/status.h"
#include "runtime/batch_run.h"
#include "runtime/request_run.h"

namespace oarlock {

void QueuedInference::Call(absl::Status status, InferenceResponse response) {
  if (absl::IsCancelled(status) || absl::IsDeadlineExceeded(status)) {
    model_->refusals.AddDrop(absl::IsCancelled(status) ? DropReason::kCancelled : DropReason::kExpired);
  } else if (!status.ok()) {
    model_->refusals.AddFailure(Queued());
  }
  std::move(callback_)(std::move(status), std::move(response));
}

void QueuedInference::End(absl::Status status) {
  if (absl::IsDeadlineExceeded(status) && request_.deadline == kNoDeadline) {
    status = StatusOrCode(absl::StatusCode::kUnavailable, [this] {
      return Unavailable("no execution became free within {} ms; release responses that show engine memory",
                         model_->execution_wait_max.count());
    });
  }
  Call(std::move(status), InferenceResponse());
}

absl::Status QueuedInference::RunOn(ExecutionLease lease, const Batch& batch, InferenceResponse* response) {
  const LoadedModel& model = *model_;
  Execution* const execution = &*lease;
  RequestRun run(model, request_, std::move(lease), model.pool->batching().enabled() ? &batch : nullptr);
  const RunningRequests::Entry running(running_.get(), batch.ids[0], execution);
  absl::Status status = run.Run(Queued(), response);
  running.End();
  run.HandOver(response);
  return status;
}

void QueuedInference::RunAlone(ExecutionLease lease, const Batch& batch, std::unique_ptr<QueuedRequest>* request) {
  auto& alone = static_cast<QueuedInference&>(**request);
  const LoadedModel& model = *alone.model_;
  InferenceResponse response;
  absl::Status status = alone.RunOn(std::move(lease), batch, &response);
  if (status.ok()) {
    model.service_time.Add(response.times().run(), InputBytes(alone.request_));
    if (model.pool->batching().enabled()) model.pool->Served(batch.padded_rows, response.times().run());
  }
  const std::unique_ptr<QueuedRequest> called = std::move(*request);
  alone.Call(std::move(status), std::move(response));
}

void QueuedInference::TakeExpired(const LoadedModel& model, Batch* batch, QueuedRequests* requests,
                                  QueuedRequests* expired) {
  const TimePoint now = model.clock->Now();
  const auto is_expired = [now](const auto& each) {
    return static_cast<const QueuedInference&>(*each).request_.deadline <= now;
  };
  if (std::none_of(requests->begin(), requests->end(), is_expired)) return;
  expired->reserve(requests->size());
  for (size_t i = 0; i < requests->size();) {
    auto& each = static_cast<QueuedInference&>(*(*requests)[i]);
    if (!is_expired((*requests)[i])) {
      ++i;
      continue;
    }
    if (model.pool->batching().enabled()) batch->rows -= each.request_.inputs[0].shape[0];
    expired->push_back(std::move((*requests)[i]));
    requests->erase(requests->begin() + static_cast<std::ptrdiff_t>(i));
    batch->ids.erase(batch->ids.begin() + static_cast<std::ptrdiff_t>(i));
  }
  batch->padded_rows = model.pool->batching().PaddedRows(batch->rows);
}

void QueuedInference::RunBatch(Execution* execution, const Batch& taken, QueuedRequests requests) {
  const std::shared_ptr<LoadedModel> model = static_cast<QueuedInference&>(*requests[0]).model_;
  ExecutionLease lease(model, model->pool.get(), execution);
  QueuedRequests expired;
  try {
    Batch batch = taken;
    TakeExpired(*model, &batch, &requests, &expired);
    if (!requests.empty()) RunCurrent(std::move(lease), model, batch, &requests);
  } catch (const std::bad_alloc&) {  // who was not called back is below
  }
  lease.Release();
  for (const auto& request : expired) {
    request->End(StatusOrCode(absl::StatusCode::kDeadlineExceeded,
                              [] { return DeadlineExceeded("the deadline passed before the request ran"); }));
  }
  for (const auto& request : requests) {
    if (request == nullptr) continue;
    request->End(StatusOrCode(absl::StatusCode::kResourceExhausted,
                              [] { return ResourceExhausted("no memory left to run the request"); }));
  }
}

void QueuedInference::RunCurrent(ExecutionLease lease, const std::shared_ptr<LoadedModel>& model, const Batch& batch,
                                 QueuedRequests* requests) {
  if (requests->size() == 1 && batch.padded_rows == batch.rows) {
    RunAlone(std::move(lease), batch, &requests->front());
    return;
  }
  std::vector<BatchMember> members(requests->size());
  const TimePoint began = model->clock->Now();
  for (size_t i = 0; i < requests->size(); ++i) {
    const auto& each = static_cast<const QueuedInference&>(*(*requests)[i]);
    members[i].request = &each.request_;
    members[i].queued = each.Queued();
  }
  BatchRun(model, batch, members, &*lease).Run();
  model->pool->Served(batch.padded_rows, model->clock->Now() - began);
  lease.Release();
  for (size_t i = 0; i < requests->size(); ++i) {
    const std::unique_ptr<QueuedRequest> called = std::move((*requests)[i]);
    static_cast<QueuedInference&>(*called).Call(std::move(members[i].status), std::move(members[i].response));
  }
}

}  // namespace oarlock

#include "runtime/queued_inference.h"

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
    status = Unavailable("no execution became free within {} ms; release responses that show engine memory",
                         model_->execution_wait_max.count());
  }
  Call(std::move(status), InferenceResponse());
}

void QueuedInference::RunAlone(Execution* execution, const Batch& batch) {
  const LoadedModel& model = *model_;
  const uint64_t id = batch.ids[0];
  running_->Add(id, execution);
  InferenceResponse response;
  absl::Status status;
  {
    RequestRun run(model, request_, ExecutionLease(model_, model.pool.get(), execution),
                   model.pool->batching().enabled() ? &batch : nullptr);
    status = run.Run(Queued(), &response);
    running_->Remove(id);
    run.HandOver(&response);
  }
  if (status.ok()) {
    model.service_time.Add(response.times().run(), InputBytes(request_));
    if (model.pool->batching().enabled()) model.pool->Served(batch.padded_rows, response.times().run());
  }
  Call(std::move(status), std::move(response));
}

QueuedRequests QueuedInference::TakeExpired(const LoadedModel& model, Batch* batch, QueuedRequests* requests) {
  QueuedRequests expired;
  const TimePoint now = model.clock->Now();
  for (size_t i = 0; i < requests->size();) {
    auto& each = static_cast<QueuedInference&>(*(*requests)[i]);
    if (each.request_.deadline > now) {
      ++i;
      continue;
    }
    if (model.pool->batching().enabled()) batch->rows -= each.request_.inputs[0].shape[0];
    expired.push_back(std::move((*requests)[i]));
    requests->erase(requests->begin() + static_cast<std::ptrdiff_t>(i));
    batch->ids.erase(batch->ids.begin() + static_cast<std::ptrdiff_t>(i));
  }
  if (!expired.empty()) batch->padded_rows = model.pool->batching().PaddedRows(batch->rows);
  return expired;
}

void QueuedInference::RunBatch(Execution* execution, const Batch& taken, QueuedRequests requests) {
  const std::shared_ptr<LoadedModel> model = static_cast<QueuedInference&>(*requests[0]).model_;
  Batch batch = taken;
  const QueuedRequests expired = TakeExpired(*model, &batch, &requests);
  if (requests.empty()) {
    ExecutionLease(model, model->pool.get(), execution).Release();
  } else {
    RunCurrent(execution, model, batch, std::move(requests));
  }
  for (const auto& request : expired) {
    request->End(DeadlineExceeded("the deadline passed before the request ran"));
  }
}

void QueuedInference::RunCurrent(Execution* execution, const std::shared_ptr<LoadedModel>& model, const Batch& batch,
                                 QueuedRequests requests) {
  if (requests.size() == 1 && batch.padded_rows == batch.rows) {
    static_cast<QueuedInference&>(*requests[0]).RunAlone(execution, batch);
    return;
  }
  std::vector<BatchMember> members(requests.size());
  const TimePoint began = model->clock->Now();
  {
    const ExecutionLease lease(model, model->pool.get(), execution);
    for (size_t i = 0; i < requests.size(); ++i) {
      const auto& each = static_cast<const QueuedInference&>(*requests[i]);
      members[i].request = &each.request_;
      members[i].queued = each.Queued();
    }
    BatchRun(model, batch, members, execution).Run();
    model->pool->Served(batch.padded_rows, model->clock->Now() - began);
  }
  for (size_t i = 0; i < requests.size(); ++i) {
    static_cast<QueuedInference&>(*requests[i]).Call(std::move(members[i].status), std::move(members[i].response));
    requests[i].reset();
  }
}

}  // namespace oarlock

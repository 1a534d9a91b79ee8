#include "runtime/runner.h"

#include "absl/cleanup/cleanup.h"
#include "base/status.h"
#include "base/timeout.h"
#include "runtime/request_check.h"

namespace oarlock {

absl::StatusOr<std::unique_ptr<Runner>> Runner::Create(std::shared_ptr<Predictor> predictor) {
  OAR_ASSIGN_OR_RETURN(auto model, predictor->Ready());
  return std::unique_ptr<Runner>(new Runner(std::move(predictor), std::move(model)));
}

Runner::Runner(std::shared_ptr<Predictor> predictor, std::shared_ptr<LoadedModel> model)
    : predictor_(std::move(predictor)), model_(std::move(model)), lent_(model_) {
  lent_.request().cancel_point = &cancel_point_;
}

Runner::~Runner() {
  if (started_ == nullptr) return;
  Cancel();
  std::unique_lock lock(started_->mutex);
  started_->changed.wait(lock, [this] { return started_->over; });
}

absl::Status Runner::CheckIdle() const {
  if (started_ == nullptr) [[likely]]
    return absl::OkStatus();
  return FailedPrecondition("a run was started and its end was not waited for");
}

void Runner::Forget() {
  has_answer_ = false;
  let_go_.clear();
  response_.Release();
}

absl::Status Runner::BindInput(size_t index, StridedTensor tensor) {
  OAR_RETURN_IF_ERROR(CheckIdle());
  OAR_RETURN_IF_ERROR(lent_.BindInput(index, std::move(tensor)));
  Forget();
  return absl::OkStatus();
}

absl::Status Runner::BindOutput(size_t index, std::optional<StridedTensor> room) {
  OAR_RETURN_IF_ERROR(CheckIdle());
  OAR_RETURN_IF_ERROR(lent_.BindOutput(index, std::move(room)));
  Forget();
  return absl::OkStatus();
}

absl::Status Runner::SetDeadline(TimePoint deadline) {
  OAR_RETURN_IF_ERROR(CheckIdle());
  lent_.request().deadline = deadline;
  return absl::OkStatus();
}

absl::Status Runner::Run() {
  OAR_RETURN_IF_ERROR(CheckIdle());
  OAR_RETURN_IF_ERROR(lent_.Prepare());
  Forget();  // the answer may hold the execution that this run needs
  absl::Status status = Predictor::InferChecked(*model_, lent_.request(), &response_);
  has_answer_ = status.ok();
  return status;
}

absl::Status Runner::Infer(std::span<const StridedTensor* const> inputs, std::span<const StridedTensor* const> outputs,
                           TimePoint deadline, Priority priority) {
  OAR_RETURN_IF_ERROR(CheckIdle());
  Forget();
  InferenceRequest& request = lent_.request();
  const TimePoint own_deadline = std::exchange(request.deadline, deadline);
  const Priority own_priority = std::exchange(request.priority, priority);
  const absl::Cleanup let_go = [&] {
    lent_.Unbind();
    request.deadline = own_deadline;
    request.priority = own_priority;
  };
  OAR_RETURN_IF_ERROR(lent_.Bind(inputs, outputs));
  OAR_RETURN_IF_ERROR(lent_.Prepare());
  OAR_RETURN_IF_ERROR(Predictor::InferChecked(*model_, request, &response_));
  if (absl::Status fits = lent_.CheckResults(response_); !fits.ok()) {
    Forget();
    return fits;
  }
  for (size_t i = 0; i < model_->outputs.size(); ++i) let_go_.push_back(lent_.output(i) != nullptr);
  has_answer_ = true;
  return absl::OkStatus();
}

absl::Status Runner::Start(Done done) {
  OAR_RETURN_IF_ERROR(CheckIdle());
  OAR_RETURN_IF_ERROR(lent_.Prepare());
  Forget();
  auto started = std::make_shared<Started>();
  InferenceRequest request = lent_.request();
  request.cancel_point = nullptr;
  // The lock is held until the request has its number, which the end of the run does not need.
  const std::lock_guard lock(mutex_);
  OAR_ASSIGN_OR_RETURN(started_id_,
                       predictor_->InferAsync(std::move(request), [started, done = std::move(done)](
                                                                      absl::Status status, InferenceResponse response) {
                         absl::Status told = done ? status : absl::OkStatus();
                         {
                           const std::lock_guard over_lock(started->mutex);
                           started->status = std::move(status);
                           started->response = std::move(response);
                           started->over = true;
                           started->changed.notify_all();
                         }
                         if (done) done(told);
                       }));
  started_ = std::move(started);
  return absl::OkStatus();
}

absl::Status Runner::Wait(std::chrono::nanoseconds timeout) {
  if (started_ == nullptr) return FailedPrecondition("nothing was started");
  const std::shared_ptr<Started> started = started_;
  absl::Status status;
  {
    std::unique_lock lock(started->mutex);
    const auto is_over = [&started] { return started->over; };
    if (IsEndless(timeout)) {
      started->changed.wait(lock, is_over);
    } else if (!started->changed.wait_for(lock, timeout, is_over)) {
      return DeadlineExceeded("the run is not over after {} ms; it goes on",
                              std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count());
    }
    status = std::move(started->status);
    response_ = std::move(started->response);
  }
  {
    const std::lock_guard lock(mutex_);
    started_ = nullptr;
  }
  has_answer_ = status.ok();
  return status;
}

bool Runner::Cancel() {
  std::optional<uint64_t> started_id;
  {
    const std::lock_guard lock(mutex_);
    if (started_ != nullptr) started_id = started_id_;
  }
  // Without the lock: the end of the run is told from within, and may come back here. A number is never given twice.
  return started_id ? predictor_->Cancel(*started_id) : cancel_point_.Cancel();
}

absl::StatusOr<TensorView> Runner::Output(size_t index) const {
  OAR_RETURN_IF_ERROR(CheckIdle());
  OAR_RETURN_IF_ERROR(CheckOutputIndex(*model_, index));
  if (!has_answer_) return FailedPrecondition("no run has succeeded since something was bound");
  if (!let_go_.empty() && let_go_[index]) {
    return FailedPrecondition("output '{}' was written to the tensor that was given for it",
                              model_->outputs[index].port.name);
  }
  return response_.outputs()[index].view;
}

absl::StatusOr<const CopyReport*> Runner::copies() const {
  OAR_RETURN_IF_ERROR(CheckIdle());
  if (!has_answer_) return FailedPrecondition("no run has succeeded since something was bound");
  return &response_.copies();
}

}  // namespace oarlock

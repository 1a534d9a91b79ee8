#include "base/status.h"
#include "capi/deadline.h"
#include "capi/generated/bodies.h"
#include "capi/objects.h"
#include "runtime/zero_copy.h"

namespace oarlock::capi {

absl::Status RunnerCreate(const Pinned<PredictorObject>& predictor, std::shared_ptr<RunnerObject>* runner) {
  OAR_ASSIGN_OR_RETURN(auto made, Runner::Create(predictor->predictor));
  *runner = std::make_shared<RunnerObject>(predictor.share(), std::move(made));
  return absl::OkStatus();
}

absl::Status RunnerBindInput(const Pinned<RunnerObject>& runner, size_t index, const Pinned<TensorObject>& tensor) {
  return runner->runner->BindInput(index, tensor->tensor);
}

absl::Status RunnerBindOutput(const Pinned<RunnerObject>& runner, size_t index, const Pinned<TensorObject>& tensor) {
  return runner->runner->BindOutput(index, tensor ? std::optional(tensor->tensor) : std::nullopt);
}

absl::Status RunnerSetDeadline(const Pinned<RunnerObject>& runner, int64_t deadline_ns) {
  OAR_ASSIGN_OR_RETURN(const TimePoint deadline, DeadlineOf(deadline_ns));
  return runner->runner->SetDeadline(deadline);
}

absl::Status RunnerRun(const Pinned<RunnerObject>& runner) { return runner->runner->Run(); }

absl::Status RunnerStart(const Pinned<RunnerObject>& runner, oar_run_fn callback, void* user) {
  Runner::Done done;
  if (callback != nullptr) done = [callback, user](const absl::Status& status) { callback(user, CodeOf(status)); };
  return runner->runner->Start(std::move(done));
}

absl::Status RunnerWait(const Pinned<RunnerObject>& runner, int64_t timeout_ns) {
  return runner->runner->Wait(std::chrono::nanoseconds(timeout_ns));
}

absl::Status RunnerCancel(const Pinned<RunnerObject>& runner) {
  return runner->runner->Cancel() ? absl::OkStatus() : NotFound("nothing runs here, or its engine cannot be stopped");
}

absl::Status RunnerOutput(const Pinned<RunnerObject>& runner, size_t index, oar_view* view) {
  OAR_ASSIGN_OR_RETURN(const oarlock::TensorView from, runner->runner->Output(index));
  view->dtype = static_cast<oar_dtype>(from.dtype);
  view->rank = from.shape.rank();
  std::copy(from.shape.dims().begin(), from.shape.dims().end(), view->dims);
  view->data = const_cast<std::byte*>(from.data);
  view->size_bytes = from.size_bytes;
  return absl::OkStatus();
}

absl::Status RunnerCopyReport(const Pinned<RunnerObject>& runner, oar_copy_report* report) {
  static_assert(std::size(oar_copy_report{}.entries) == CopyReport::kCopiesMax);
  OAR_ASSIGN_OR_RETURN(const CopyReport* const copies, runner->runner->copies());
  report->copy_count = static_cast<int32_t>(copies->count());
  for (const CopyReport::Entry& entry : copies->by_reason) report->size_bytes += entry.bytes;
  for (size_t i = 0; i < copies->copy_count; ++i) {
    const CopyReport::Copy& copy = copies->copies[i];
    report->entries[i] = {copy.place.is_output ? OAR_PORT_KIND_OUTPUT : OAR_PORT_KIND_INPUT,
                          static_cast<int32_t>(copy.place.index), static_cast<oar_condition>(ConditionOf(copy.reason)),
                          static_cast<oar_copy_reason>(copy.reason), static_cast<int64_t>(copy.size_bytes)};
  }
  return absl::OkStatus();
}

}  // namespace oarlock::capi

#include "server/grpc/server_call.h"

#include "base/out_of_memory.h"
#include "base/status.h"

namespace oarlock {

void GrpcMethod::AwaitCall() const {
  ServerCall* const call = make(*this);
  call->context_.AsyncNotifyWhenDone(call->ended_.Tag());
  call->Request(call->arrived_.Tag());
}

ServerCall::ServerCall(const GrpcMethod& method) : method_(method) { ++method.context->call_count; }

ServerCall::~ServerCall() { --method_.context->call_count; }

void ServerCall::Release() {
  if (pending_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

void ServerCall::OnArrived(bool ok) {
  if (!ok) {
    // The server stops, and no call has come: neither is there an end to be told of, nor anything to finish.
    pending_.fetch_sub(2, std::memory_order_relaxed);
    return;
  }
  method_.AwaitCall();
  call_.emplace(method_.context, &context_, method_.name);
  if (const absl::Status begun = TryBegin(); !begun.ok()) Refuse(begun);
  MayCancel();
}

absl::Status ServerCall::TryBegin() {
  try {
    OAR_RETURN_IF_ERROR(call_->Admit(method_.group));
    Begin();
    return absl::OkStatus();
  } catch (const std::bad_alloc&) {
    return StatusOrCode(absl::StatusCode::kResourceExhausted,
                        [] { return ResourceExhausted("no memory left for the request"); });
  }
}

void ServerCall::OnEnded(bool) {
  if (context_.IsCancelled()) MayCancel();
}

void ServerCall::MayCancel() {
  if (before_cancel_.fetch_sub(1, std::memory_order_acq_rel) == 1) OnCancel();
}

}  // namespace oarlock

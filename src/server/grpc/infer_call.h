// ModelInfer: one message in, one out. Lives from the call's arrival to its end; gRPC says when that is.
#ifndef OARLOCK_SERVER_GRPC_INFER_CALL_H_
#define OARLOCK_SERVER_GRPC_INFER_CALL_H_

#include <grpcpp/support/server_callback.h>

#include "server/grpc/infer_question.h"

namespace oarlock {

class InferCall final : public grpc::ServerUnaryReactor {
 public:
  InferCall(const GrpcCall& call, const grpc::ByteBuffer& request, grpc::ByteBuffer* response);

 private:
  void Ask(const grpc::ByteBuffer& request);
  void Answer(const absl::Status& status, const InferenceAnswer& answer);
  void End(const absl::Status& status);
  void OnCancel() override;
  void OnDone() override;
  // gRPC would hand OnDone() and OnCancel() to another thread each time, which takes longer than they do. They take
  // none of its locks, and it calls them where it holds none (its own reactors are run the same way).
  bool InternalInlineable() override { return true; }

  const GrpcCall call_;
  grpc::ByteBuffer* const response_;
  std::shared_ptr<CallRecord> record_;    // null if nothing is logged
  std::shared_ptr<Inference> inference_;  // null if it was refused
  bool wants_final_marker_ = false;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_INFER_CALL_H_

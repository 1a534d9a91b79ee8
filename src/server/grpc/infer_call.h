// ModelInfer: one message in, one out.
#ifndef OARLOCK_SERVER_GRPC_INFER_CALL_H_
#define OARLOCK_SERVER_GRPC_INFER_CALL_H_

#include "server/grpc/infer_question.h"
#include "server/grpc/unary_call.h"

namespace oarlock {

class InferCall final : public UnaryCall {
 public:
  explicit InferCall(const GrpcMethod& method) : UnaryCall(method) {}

 private:
  void Begin() override;
  void OnCancel() override;
  void Answer(const absl::Status& status, const InferenceAnswer& answer);
  void End(const absl::Status& status, const grpc::ByteBuffer& response);

  std::optional<Busy> busy_;
  std::shared_ptr<CallRecord> record_;    // null if nothing is logged
  std::shared_ptr<Inference> inference_;  // null if it was refused
  bool wants_final_marker_ = false;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_INFER_CALL_H_

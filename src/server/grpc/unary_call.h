// A call with one message each way.
// Thread rule: Finish() from any thread, as the last thing that is done with it there.
#ifndef OARLOCK_SERVER_GRPC_UNARY_CALL_H_
#define OARLOCK_SERVER_GRPC_UNARY_CALL_H_

#include <grpcpp/support/async_unary_call.h>

#include "server/grpc/server_call.h"

namespace oarlock {

class UnaryCall : public ServerCall {
 protected:
  using ServerCall::ServerCall;

  const grpc::ByteBuffer& request() const { return request_; }
  // `response` goes out if `status` is OK.
  void Finish(const absl::Status& status, const grpc::ByteBuffer& response) {
    if (status.ok()) return writer_.Finish(response, grpc::Status::OK, finished_.Tag());
    writer_.FinishWithError(ToGrpc(status), finished_.Tag());
  }

 private:
  void Request(void* tag) final { method().service->RequestUnary(method().index, context(), &request_, &writer_, tag); }
  void Refuse(const absl::Status& why) final {
    call().Answered(call().NewRecord(request_.Length()), why, 0);
    Finish(why, {});
  }
  void OnFinished(bool) {}

  grpc::ByteBuffer request_;
  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> writer_{context()};
  Operation<UnaryCall> finished_{this, &UnaryCall::OnFinished};
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_UNARY_CALL_H_

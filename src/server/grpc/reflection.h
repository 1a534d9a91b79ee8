// gRPC's server reflection (v1alpha) over the files that the build compiled our .proto into: what grpcurl and ghz ask
// before they call. Needs no registry of protobuf. Pure; any thread.
#ifndef OARLOCK_SERVER_GRPC_REFLECTION_H_
#define OARLOCK_SERVER_GRPC_REFLECTION_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <string>

#include "absl/status/statusor.h"
#include "server/grpc/call.h"

namespace oarlock {

// One message of the stream for one question, both as bytes.
absl::StatusOr<std::string> AnswerReflection(const std::string& question);

// The stream: questions and answers in turns.
class ReflectionCall final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit ReflectionCall(const GrpcCall& call) : call_(call) { StartRead(&request_); }

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override { delete this; }

  const GrpcCall call_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_REFLECTION_H_

// gRPC's server reflection (v1alpha) over the files that the build compiled our .proto into: what grpcurl and ghz ask
// before they call. Needs no registry of protobuf. Pure; any thread.
#ifndef OARLOCK_SERVER_GRPC_REFLECTION_H_
#define OARLOCK_SERVER_GRPC_REFLECTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/grpc/message_stream.h"

namespace oarlock {

// One message of the stream for one question, both as bytes.
absl::StatusOr<std::string> AnswerReflection(const std::string& question);

// The stream: questions and answers in turns.
class ReflectionCall final : public MessageStream {
 public:
  explicit ReflectionCall(const GrpcMethod& method) : MessageStream(method) {}

 private:
  void Begin() override { StartRead(&request_); }
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;

  grpc::ByteBuffer request_;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_REFLECTION_H_

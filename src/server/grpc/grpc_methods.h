// Every method that gRPC serves, in one table: its name, its kind and who answers it. All of them take and give bytes,
// and before any of them stands the question whether its caller may ask.
// Thread-safe. Ownership: `context` and `health` must outlive the server that it is registered with.
#ifndef OARLOCK_SERVER_GRPC_GRPC_METHODS_H_
#define OARLOCK_SERVER_GRPC_GRPC_METHODS_H_

#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <string>

#include "server/grpc/call.h"
#include "server/grpc/health.h"

namespace oarlock {

class GrpcMethods final : public grpc::Service {
 public:
  GrpcMethods(GrpcContext* context, Health* health);

 private:
  using Stream = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;
  using ServerStream = grpc::ServerWriteReactor<grpc::ByteBuffer>;
  using UnaryAnswer =
      std::function<grpc::ServerUnaryReactor*(const GrpcCall& call, grpc::CallbackServerContext* context,
                                              const grpc::ByteBuffer* request, grpc::ByteBuffer* response)>;
  using StreamAnswer = std::function<Stream*(const GrpcCall& call)>;
  using ServerStreamAnswer = std::function<ServerStream*(const std::string& question)>;

  void AddUnary(const char* name, UnaryAnswer answer);
  void AddStream(const char* name, StreamAnswer answer);
  void AddServerStream(const char* name, ServerStreamAnswer answer);
  void Add(const char* name, grpc::internal::RpcMethod::RpcType type, grpc::internal::MethodHandler* handler);

  GrpcContext* const context_;
  int count_ = 0;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_GRPC_METHODS_H_

// Every method that gRPC serves, in one table: its name, its kind and who answers it. All of them take and give bytes.
// Thread-safe. Ownership: `context` and `health` must outlive the server that it is registered with.
#ifndef OARLOCK_SERVER_GRPC_GRPC_METHODS_H_
#define OARLOCK_SERVER_GRPC_GRPC_METHODS_H_

#include <grpcpp/impl/service_type.h>

#include "server/grpc/call.h"
#include "server/grpc/health.h"

namespace oarlock {

class GrpcMethods final : public grpc::Service {
 public:
  GrpcMethods(GrpcContext* context, Health* health);

 private:
  void AddUnary(const char* name, grpc::internal::MethodHandler* handler);
  void AddStream(const char* name, grpc::internal::RpcMethod::RpcType type, grpc::internal::MethodHandler* handler);

  int count_ = 0;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_GRPC_METHODS_H_

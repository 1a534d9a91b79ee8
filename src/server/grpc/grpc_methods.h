// Every method that gRPC serves, in one table: its name, its kind and who answers it. All of them take and give bytes,
// and before any of them stands the question whether its caller may ask.
// Thread rule: one owner. Ownership: the queue, `context` and `health` must outlive it, and it the calls.
#ifndef OARLOCK_SERVER_GRPC_GRPC_METHODS_H_
#define OARLOCK_SERVER_GRPC_GRPC_METHODS_H_

#include <list>

#include "server/grpc/health.h"
#include "server/grpc/server_call.h"

namespace oarlock {

class GrpcMethods {
 public:
  GrpcMethods(grpc::ServerCompletionQueue* queue, GrpcContext* context, Health* health);

  grpc::Service* service() { return &service_; }
  // Of all methods, once the server has started.
  void AwaitCalls() const;

 private:
  using Make = std::function<ServerCall*(const GrpcMethod&)>;
  void AddUnary(const char* name, Make make) { Add(name, false, std::move(make)); }
  void AddStream(const char* name, Make make) { Add(name, true, std::move(make)); }
  void Add(const char* name, bool is_stream, Make make);

  GrpcContext* const context_;
  RawService service_;
  std::list<GrpcMethod> methods_;  // which calls refer to
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_GRPC_METHODS_H_

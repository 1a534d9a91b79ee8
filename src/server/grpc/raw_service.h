// Methods of bytes, whose calls come through gRPC's completion queue. Thread-safe once the server has started.
// Ownership: the queue must outlive it.
#ifndef OARLOCK_SERVER_GRPC_RAW_SERVICE_H_
#define OARLOCK_SERVER_GRPC_RAW_SERVICE_H_

#include <grpcpp/completion_queue.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>

namespace oarlock {

class RawService final : public grpc::Service {
 public:
  using Writer = grpc::internal::ServerAsyncStreamingInterface;

  explicit RawService(grpc::ServerCompletionQueue* queue) : queue_(queue) {}

  // Before the server starts. `name` is a constant, "/package.Service/Method"; the answer is the method's number.
  int Add(const char* name, bool is_stream) {
    using grpc::internal::RpcMethod;
    const auto type = is_stream ? RpcMethod::BIDI_STREAMING : RpcMethod::NORMAL_RPC;
    AddMethod(new grpc::internal::RpcServiceMethod(name, type, nullptr));
    MarkMethodRaw(count_);
    return count_++;
  }
  // Wait for a call of one message each way, or of many; `tag` comes back when it is there. All stay the caller's.
  void RequestUnary(int method, grpc::ServerContext* context, grpc::ByteBuffer* request, Writer* writer, void* tag) {
    RequestAsyncUnary(method, context, request, writer, queue_, queue_, tag);
  }
  void RequestStream(int method, grpc::ServerContext* context, Writer* stream, void* tag) {
    RequestAsyncBidiStreaming(method, context, stream, queue_, queue_, tag);
  }

 private:
  grpc::ServerCompletionQueue* const queue_;
  int count_ = 0;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_RAW_SERVICE_H_

// A call of one method, from the wait for it to its end. It lives by what is under way: the operations that it has
// given to gRPC, and the step that it is at. Its kinds are UnaryCall and MessageStream.
// Thread rule: steps run on the threads of CallQueue; with several of those, two steps of a call can run at once.
#ifndef OARLOCK_SERVER_GRPC_SERVER_CALL_H_
#define OARLOCK_SERVER_GRPC_SERVER_CALL_H_

#include <atomic>
#include <functional>
#include <optional>

#include "server/grpc/call.h"
#include "server/grpc/call_queue.h"
#include "server/grpc/raw_service.h"
#include "server/protocol/access_group.h"

namespace oarlock {

class ServerCall;

// A row of the table of methods.
struct GrpcMethod {
  const char* name;  // "/package.Service/Method"
  AccessGroup group;
  int index;  // in `service`
  GrpcContext* context;
  RawService* service;
  std::function<ServerCall*(const GrpcMethod&)> make;

  // Makes a call and has it wait.
  void AwaitCall() const;
};

class ServerCall {
 public:
  ServerCall(const ServerCall&) = delete;
  virtual ~ServerCall();

 protected:
  // A member function as an operation's end. What it belongs to is held until that has run.
  template <typename Call>
  class Operation final : public QueuedOperation {
   public:
    using Step = void (Call::*)(bool ok);
    Operation(Call* call, Step step) : call_(call), step_(step) {}
    void Complete(bool ok) override {
      (call_->*step_)(ok);
      call_->Release();
    }

   private:
    Call* const call_;
    const Step step_;
  };

  // `method` outlives it.
  explicit ServerCall(const GrpcMethod& method);

  const GrpcMethod& method() const { return method_; }
  grpc::ServerContext* context() { return &context_; }
  // From Begin() on.
  const GrpcCall& call() const { return *call_; }

  // Asks gRPC for a call of the method; `tag` is its operation's.
  virtual void Request(void* tag) = 0;
  // It is here, and may be answered, or may not. Exactly one Finish() of the kind must follow, on any thread. Begin()
  // may throw std::bad_alloc as long as it has handed nothing on; the call is then refused.
  virtual void Begin() = 0;
  virtual void Refuse(const absl::Status& why) = 0;
  // The client is gone, or wants no answer any more; after Begin() has returned.
  virtual void OnCancel() {}

  // An operation more is under way; each ends with a Release(), the last of which deletes this.
  void Hold() { pending_.fetch_add(1, std::memory_order_relaxed); }
  void Release();

 private:
  friend struct GrpcMethod;
  void OnArrived(bool ok);
  void OnEnded(bool ok);
  absl::Status TryBegin();
  void MayCancel();

  const GrpcMethod& method_;
  grpc::ServerContext context_;
  std::optional<GrpcCall> call_;
  Operation<ServerCall> arrived_{this, &ServerCall::OnArrived};
  Operation<ServerCall> ended_{this, &ServerCall::OnEnded};
  // Its arrival, its end as the client sees it, and Finish().
  std::atomic<int> pending_{3};
  // Begin() has returned; the client has gone.
  std::atomic<int> before_cancel_{2};
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_SERVER_CALL_H_

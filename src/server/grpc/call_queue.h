// gRPC's completion queue and the threads that work through it: each operation of a call that has ended is told so, one
// after the other with one thread.
//
//   CallQueue queue(&builder);      // then RawService with queue.get(), and the server is built
//   queue.Start(1);
//   ...
//   queue.Stop();                   // once no call is left
//
// Thread rule: one owner. Why not gRPC's callback API: docs/decisions/018-grpc.md.
#ifndef OARLOCK_SERVER_GRPC_CALL_QUEUE_H_
#define OARLOCK_SERVER_GRPC_CALL_QUEUE_H_

#include <grpcpp/completion_queue.h>
#include <grpcpp/server_builder.h>

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

#include <memory>
#include <thread>
#include <vector>

namespace oarlock {

// An operation under way.
class QueuedOperation {
 public:
  // As gRPC knows it, from where it begins to where it ends.
  void* Tag() {
#if defined(__SANITIZE_THREAD__)
    __tsan_release(this);
#endif
    return this;
  }
  static QueuedOperation* Of(void* tag) {
#if defined(__SANITIZE_THREAD__)
    __tsan_acquire(tag);  // gRPC's own ways of handing over are not seen
#endif
    return static_cast<QueuedOperation*>(tag);
  }
  // It has ended. Not `ok`: it came to nothing, for the connection, the call or the server is over.
  virtual void Complete(bool ok) = 0;

 protected:
  ~QueuedOperation() = default;
};

class CallQueue {
 public:
  explicit CallQueue(grpc::ServerBuilder* builder) : queue_(builder->AddCompletionQueue()) {}
  ~CallQueue() { Stop(); }
  CallQueue(const CallQueue&) = delete;

  grpc::ServerCompletionQueue* get() const { return queue_.get(); }
  // std::system_error if there is no thread to be had.
  void Start(int threads);
  // No operation may be begun from here on. Joins the threads. Idempotent.
  void Stop();

 private:
  void Work();

  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::vector<std::thread> threads_;
  bool stopped_ = false;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_CALL_QUEUE_H_

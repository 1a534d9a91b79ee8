// ModelStreamInfer: a client's requests one after the other, and their answers in the same order. Several run at once;
// with so many unanswered that the limit is reached, no further one is read until the client has taken an answer.
// An error answers its request and the stream goes on, unless the client asked for statuses (triton_grpc_error).
#ifndef OARLOCK_SERVER_GRPC_STREAM_CALL_H_
#define OARLOCK_SERVER_GRPC_STREAM_CALL_H_

#include <deque>
#include <memory>
#include <mutex>

#include "server/grpc/infer_question.h"
#include "server/grpc/message_stream.h"

namespace oarlock {

class StreamCall final : public MessageStream {
 public:
  explicit StreamCall(const GrpcMethod& method) : MessageStream(method) {}

 private:
  // One request, and its answer once there is one.
  struct Exchange {
    TimePoint began;
    std::shared_ptr<CallRecord> record;    // null if nothing is logged
    std::shared_ptr<Inference> inference;  // null if it was refused
    bool wants_final_marker = false;
    std::string id;
    bool is_answered = false;
    grpc::ByteBuffer answer;
  };

  void Begin() override;
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  // False if it was answered at once, with an error.
  bool Ask(const std::shared_ptr<Exchange>& exchange, const grpc::ByteBuffer& message);
  void Answer(Exchange* exchange, absl::Status status, const InferenceAnswer* answer);
  // So many more have been answered; and what can be done next: a read, a write, the end. Outside of a step of the call
  // this may be gone when it comes back, for which reason it counts here.
  void Go(size_t answered);
  void CancelAll();

  std::optional<Busy> busy_;
  bool statuses_ = false;  // triton_grpc_error
  size_t exchanges_max_ = 0;
  grpc::ByteBuffer request_;
  std::mutex mutex_;                                 // of what follows
  std::deque<std::shared_ptr<Exchange>> exchanges_;  // in the order of requests; the first is written next
  size_t running_ = 0;                               // not answered yet, or whose answer Go() has not heard of
  bool reading_ = false;
  bool writing_ = false;
  bool read_all_ = false;
  bool broken_ = false;  // nobody reads answers any more
  bool finished_ = false;
  grpc::Status status_;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_STREAM_CALL_H_

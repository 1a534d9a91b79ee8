// A call with any number of messages each way. One read and one write at a time.
// Thread rule: StartRead(), StartWrite() and Finish() from any thread; Finish() once no write is under way and no other
// operation will be begun, as the last thing that is done with it there.
#ifndef OARLOCK_SERVER_GRPC_MESSAGE_STREAM_H_
#define OARLOCK_SERVER_GRPC_MESSAGE_STREAM_H_

#include <grpcpp/support/async_stream.h>

#include "server/grpc/server_call.h"

namespace oarlock {

class MessageStream : public ServerCall {
 protected:
  using ServerCall::ServerCall;

  // A message has been read into where StartRead() said; or there are no more.
  virtual void OnReadDone(bool ok) = 0;
  // The message is written; or the client takes no more.
  virtual void OnWriteDone(bool ok) = 0;

  void StartRead(grpc::ByteBuffer* message) {
    Hold();
    stream_.Read(message, read_.Tag());
  }
  void StartWrite(const grpc::ByteBuffer& message) {
    Hold();
    stream_.Write(message, written_.Tag());
  }
  void Finish(const grpc::Status& status) { stream_.Finish(status, finished_.Tag()); }

 private:
  void Request(void* tag) final { method().service->RequestStream(method().index, context(), &stream_, tag); }
  void Refuse(const absl::Status& why) final {
    call().Answered(call().NewRecord(0), why, 0);
    Finish(ToGrpc(why));
  }
  void OnFinished(bool) {}

  grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer> stream_{context()};
  Operation<MessageStream> read_{this, &MessageStream::OnReadDone};
  Operation<MessageStream> written_{this, &MessageStream::OnWriteDone};
  Operation<MessageStream> finished_{this, &MessageStream::OnFinished};
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_MESSAGE_STREAM_H_

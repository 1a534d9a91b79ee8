// gRPC's buffers as the codec has them: pieces in, text with cuts out. Pure; any thread.
#ifndef OARLOCK_SERVER_GRPC_BYTE_BUFFER_H_
#define OARLOCK_SERVER_GRPC_BYTE_BUFFER_H_

#include <grpcpp/support/byte_buffer.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime/execution.h"
#include "server/grpc/infer_message_writer.h"

namespace oarlock {

// A message that was received, without a copy: it keeps gRPC's memory.
class ReceivedMessage {
 public:
  // Empty if gRPC cannot give its bytes (it could not decompress them).
  explicit ReceivedMessage(const grpc::ByteBuffer& buffer);
  std::span<const Segment> pieces() const { return pieces_; }
  std::string Joined() const;

 private:
  std::vector<grpc::Slice> slices_;
  std::vector<Segment> pieces_;
};

// `keep` is what the cuts point into; gRPC lets go of it once they are sent.
grpc::ByteBuffer ToByteBuffer(MessageBytes message, const std::shared_ptr<const void>& keep);
grpc::ByteBuffer ToByteBuffer(std::string message);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_BYTE_BUFFER_H_

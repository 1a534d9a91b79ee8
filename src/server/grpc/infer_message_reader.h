// A ModelInferRequest of KServe v2 from the bytes of its message, which stay where gRPC received them: tensors are
// lists of pieces of it. Bytes in, struct out.
//   OAR_ASSIGN_OR_RETURN(const InferMessage message, ReadInferMessage(pieces, limits));
// Follows Triton where the protocol leaves room: unknown fields and custom parameters are skipped, the rest is strict.
// Thread rule: a pure function; any thread. Ownership: views of raw contents point into the pieces, which must outlive
// the result; the rest owns its memory.
#ifndef OARLOCK_SERVER_GRPC_INFER_MESSAGE_READER_H_
#define OARLOCK_SERVER_GRPC_INFER_MESSAGE_READER_H_

#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "runtime/execution.h"
#include "server/protocol/infer_request.h"

namespace oarlock {

struct InferMessage {
  std::string model_name;
  std::string model_version;        // empty: the server's choice
  bool wants_final_marker = false;  // triton_enable_empty_final_response
  ParsedInferRequest request;
};

absl::StatusOr<InferMessage> ReadInferMessage(std::span<const Segment> message, const Limits& limits);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_INFER_MESSAGE_READER_H_

// A ModelInferResponse of KServe v2 as the bytes of its message. Outputs always go out raw, one entry for each, for the
// clients index them. Large ones are not copied. Pure; any thread.
// Ownership: `cuts` point where the outputs' views do, and must be written while those live.
#ifndef OARLOCK_SERVER_GRPC_INFER_MESSAGE_WRITER_H_
#define OARLOCK_SERVER_GRPC_INFER_MESSAGE_WRITER_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/protocol/infer_request.h"

namespace oarlock {

// A message whose text has gaps for bytes that lie elsewhere.
struct MessageBytes {
  struct Cut {
    size_t at;  // in `text`
    std::span<const std::byte> bytes;
  };
  std::string text;
  std::vector<Cut> cuts;  // ascending
};

struct InferResponseMessage {
  std::string_view model_name;
  std::string_view model_version;
  std::string_view id;
  bool final_marker = false;  // triton_final_response: true
  std::span<const ResponseOutput> outputs;
};

MessageBytes WriteInferMessage(const InferResponseMessage& response);
// The same as the answer in a stream.
MessageBytes WriteStreamMessage(const InferResponseMessage& response);
// An error in a stream, which goes on.
MessageBytes WriteStreamError(std::string_view text, std::string_view id);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_INFER_MESSAGE_WRITER_H_

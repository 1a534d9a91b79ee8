#include "server/http/body.h"

#include "base/status.h"
#include "server/http/infer_request_parser.h"

namespace oarlock {

absl::StatusOr<Body> Body::Allocate(size_t size_bytes, size_t json_size_bytes) {
  Body body;
  const size_t json_end = json_size_bytes <= size_bytes ? json_size_bytes : 0;
  body.offset_ = (kBufferAlignmentBytes - json_end % kBufferAlignmentBytes) % kBufferAlignmentBytes;
  body.size_bytes_ = size_bytes;
  OAR_ASSIGN_OR_RETURN(body.buffer_, Buffer::Allocate(body.offset_ + size_bytes + kBodyPaddingBytes));
  return body;
}

}  // namespace oarlock

#include "server/http/body.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/status.h"
#include "server/http/infer_request_parser.h"

namespace oarlock {
namespace {

constexpr size_t kFirstBytes = 4096;

}  // namespace

Body::Body(size_t json_size_bytes)
    : offset_((kBufferAlignmentBytes - json_size_bytes % kBufferAlignmentBytes) % kBufferAlignmentBytes) {}

absl::StatusOr<Body> Body::Allocate(size_t size_bytes, size_t json_size_bytes) {
  Body body(json_size_bytes <= size_bytes ? json_size_bytes : 0);
  OAR_ASSIGN_OR_RETURN(body.buffer_, Buffer::Allocate(body.offset_ + size_bytes + kBodyPaddingBytes));
  body.size_bytes_ = size_bytes;
  body.capacity_bytes_ = size_bytes;
  body.ClearPadding();
  return body;
}

absl::Status Body::Append(std::span<const std::byte> bytes, size_t size_bytes_max) {
  if (bytes.size() > size_bytes_max - size_bytes_) {
    return absl::OutOfRangeError(ToAbsl(fmt::format("the body has more than {} bytes", size_bytes_max)));
  }
  const size_t size_bytes = size_bytes_ + bytes.size();
  if (size_bytes > capacity_bytes_ || buffer_ == nullptr) {
    const size_t ahead = std::max({size_bytes, kFirstBytes, 2 * capacity_bytes_});
    const size_t capacity_bytes = std::min(ahead, size_bytes_max);
    OAR_ASSIGN_OR_RETURN(auto buffer, Buffer::Allocate(offset_ + capacity_bytes + kBodyPaddingBytes));
    if (size_bytes_ > 0) std::memcpy(buffer->data() + offset_, data(), size_bytes_);
    buffer_ = std::move(buffer);
    capacity_bytes_ = capacity_bytes;
  }
  if (!bytes.empty()) std::memcpy(data() + size_bytes_, bytes.data(), bytes.size());
  size_bytes_ = size_bytes;
  ClearPadding();
  return absl::OkStatus();
}

void Body::ClearPadding() { std::memset(data() + size_bytes_, 0, kBodyPaddingBytes); }

}  // namespace oarlock

#include "tensor/buffer.h"

#include <algorithm>
#include <cstdlib>

#include "base/status.h"

namespace oarlock {

absl::StatusOr<std::shared_ptr<Buffer>> Buffer::Allocate(size_t size_bytes) {
  const size_t wanted = std::max<size_t>(size_bytes, 1);
  const size_t rounded = (wanted + kBufferAlignmentBytes - 1) / kBufferAlignmentBytes * kBufferAlignmentBytes;
  void* data = rounded < wanted ? nullptr : std::aligned_alloc(kBufferAlignmentBytes, rounded);
  if (data == nullptr) return ResourceExhausted("no memory for a buffer of {} bytes", size_bytes);
  return std::shared_ptr<Buffer>(new Buffer(
      static_cast<std::byte*>(data), size_bytes, [](void* memory) { std::free(memory); }, data));
}

std::shared_ptr<Buffer> Buffer::Wrap(void* data, size_t size_bytes, Release release, void* user) {
  return std::shared_ptr<Buffer>(new Buffer(static_cast<std::byte*>(data), size_bytes, release, user));
}

Buffer::~Buffer() {
  if (release_ != nullptr) release_(user_);
}

}  // namespace oarlock

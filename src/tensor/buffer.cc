#include "tensor/buffer.h"

#include "base/status.h"

namespace oarlock {

absl::StatusOr<std::shared_ptr<Buffer>> Buffer::Allocate(size_t size_bytes) {
  std::byte* data = AllocateAligned(size_bytes);
  if (data == nullptr) return ResourceExhausted("no memory for a buffer of {} bytes", size_bytes);
  return std::shared_ptr<Buffer>(new Buffer(
      data, size_bytes, [](void* memory) { FreeAligned(static_cast<std::byte*>(memory)); }, data));
}

std::shared_ptr<Buffer> Buffer::Wrap(void* data, size_t size_bytes, Release release, void* user) {
  return std::shared_ptr<Buffer>(new Buffer(static_cast<std::byte*>(data), size_bytes, release, user));
}

Buffer::~Buffer() {
  if (release_ != nullptr) release_(user_);
}

}  // namespace oarlock

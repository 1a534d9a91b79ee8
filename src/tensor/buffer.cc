#include "tensor/buffer.h"

#include "base/status.h"

namespace oarlock {

absl::StatusOr<std::shared_ptr<Buffer>> Buffer::Allocate(size_t size_bytes) {
  auto buffer = std::make_shared<Buffer>(Own(), nullptr, size_bytes, nullptr, nullptr);
  buffer->data_ = AllocateAligned(size_bytes);
  if (buffer->data_ == nullptr) return ResourceExhausted("no memory for a buffer of {} bytes", size_bytes);
  buffer->release_ = [](void* memory) { FreeAligned(static_cast<std::byte*>(memory)); };
  buffer->user_ = buffer->data_;
  return buffer;
}

std::shared_ptr<Buffer> Buffer::Wrap(void* data, size_t size_bytes, Release release, void* user) {
  return std::make_shared<Buffer>(Own(), static_cast<std::byte*>(data), size_bytes, release, user);
}

Buffer::~Buffer() {
  if (release_ != nullptr) release_(user_);
}

}  // namespace oarlock

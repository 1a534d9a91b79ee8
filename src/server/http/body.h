// The body of one request in memory, laid out so that the tensor bytes behind the JSON start at a multiple of 64, and
// with room behind it for the JSON parser. Movable; not thread-safe.
#ifndef OARLOCK_SERVER_HTTP_BODY_H_
#define OARLOCK_SERVER_HTTP_BODY_H_

#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "tensor/buffer.h"

namespace oarlock {

class Body {
 public:
  Body() = default;
  // `json_size_bytes`: how much of the body is JSON, as the client says; 0 if it does not, or if all is binary.
  static absl::StatusOr<Body> Allocate(size_t size_bytes, size_t json_size_bytes);

  std::span<std::byte> mutable_bytes() { return {buffer_->data() + offset_, size_bytes_}; }
  std::span<const std::byte> bytes() const {
    return buffer_ == nullptr ? std::span<const std::byte>()
                              : std::span<const std::byte>(buffer_->data() + offset_, size_bytes_);
  }
  size_t size_bytes() const { return size_bytes_; }

 private:
  std::shared_ptr<Buffer> buffer_;
  size_t offset_ = 0;
  size_t size_bytes_ = 0;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_BODY_H_

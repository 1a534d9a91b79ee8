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
  // Empty. `json_size_bytes`: how much of the body will be JSON, as the client says; 0 if it does not, or if all is
  // binary.
  explicit Body(size_t json_size_bytes);
  static absl::StatusOr<Body> Allocate(size_t size_bytes, size_t json_size_bytes);

  // Takes memory as bytes come, ahead of them but never for more than `size_bytes_max`, which they must not exceed.
  absl::Status Append(std::span<const std::byte> bytes, size_t size_bytes_max);

  std::span<std::byte> mutable_bytes() { return {data(), size_bytes_}; }
  std::span<const std::byte> bytes() const { return {data(), size_bytes_}; }
  size_t size_bytes() const { return size_bytes_; }

 private:
  // simdjson looks at the byte behind a text: what the memory held before must not change what is said of a request.
  void ClearPadding();
  std::byte* data() const { return buffer_ == nullptr ? nullptr : buffer_->data() + offset_; }

  std::shared_ptr<Buffer> buffer_;
  size_t offset_ = 0;
  size_t size_bytes_ = 0;
  size_t capacity_bytes_ = 0;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_BODY_H_

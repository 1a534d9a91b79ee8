// A tensor owns a reference to its memory; a view borrows. Both are packed and row-major, in host memory.
// Thread rule: values; const use from any thread.
#ifndef OARLOCK_TENSOR_TENSOR_H_
#define OARLOCK_TENSOR_TENSOR_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tensor/buffer.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace oarlock {

// Valid as long as whatever owns `data`.
struct TensorView {
  DType dtype = DType::kInvalid;
  Shape shape;
  const std::byte* data = nullptr;
  size_t size_bytes = 0;

  std::span<const std::byte> bytes() const { return {data, size_bytes}; }
  // The elements as T; empty unless T is the dtype's own type and the address suits it.
  template <typename T>
  std::span<const T> As() const {
    if (DTypeOf<T>() != dtype || reinterpret_cast<uintptr_t>(data) % alignof(T) != 0) return {};
    return {reinterpret_cast<const T*>(data), size_bytes / sizeof(T)};
  }
};

class Tensor {
 public:
  Tensor() = default;
  // Uninitialised memory of ours, 64-byte aligned. Not for BYTES: its size is not known from the shape.
  static absl::StatusOr<Tensor> Allocate(DType dtype, const Shape& shape);
  // `buffer` must hold at least the tensor's bytes; for BYTES all of it must be packed elements.
  static absl::StatusOr<Tensor> Over(DType dtype, const Shape& shape, std::shared_ptr<Buffer> buffer);
  // A BYTES tensor of one dim.
  static absl::StatusOr<Tensor> FromStrings(std::span<const std::string> elements);

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  std::byte* data() const { return buffer_ == nullptr ? nullptr : buffer_->data(); }
  size_t size_bytes() const { return size_bytes_; }
  const std::shared_ptr<Buffer>& buffer() const { return buffer_; }
  TensorView view() const { return {dtype_, shape_, data(), size_bytes_}; }
  // An owned copy of what a view shows.
  static absl::StatusOr<Tensor> Clone(const TensorView& view);

 private:
  DType dtype_ = DType::kInvalid;
  Shape shape_;
  std::shared_ptr<Buffer> buffer_;
  size_t size_bytes_ = 0;
};

// Walks packed BYTES elements: each a little-endian uint32 length and that many bytes. Refuses a length past the end,
// and a count other than `element_count`.
absl::StatusOr<std::vector<std::string_view>> BytesElements(std::span<const std::byte> packed, int64_t element_count);
// The same check without the list, for those who only want to know.
absl::Status CheckBytesElements(std::span<const std::byte> packed, int64_t element_count);
// Appends one packed element; an error if it is longer than a uint32 says.
absl::Status AppendBytesElement(std::string_view element, std::string* packed);

// Which tensor an error is about: "input 'x'", or without a name "the scores". Worded only once there is an error.
// Shows texts of others.
struct TensorLabel {
  std::string_view kind;
  std::string_view name = {};  // from outside
  std::string Text() const;
};

// Checks that a view is whole: dtype known, every dim >= 0, `size_bytes` what dtype and shape ask for, data not null.
absl::Status CheckView(const TensorView& view, const TensorLabel& what);

}  // namespace oarlock

#endif  // OARLOCK_TENSOR_TENSOR_H_

// A tensor as callers lend it: anywhere in a counted buffer, with strides, read-only or shared with a peer. What is
// contiguous is used where it lies; the rest is packed once.
//   Wrap, Allocate   over memory of somebody's, in memory of ours
//   View, Slice      over a part of the same memory, which they keep
// A value; const use from any thread. Who writes the elements, and when, is the callers' affair.
#ifndef OARLOCK_TENSOR_STRIDED_TENSOR_H_
#define OARLOCK_TENSOR_STRIDED_TENSOR_H_

#include <array>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "tensor/tensor.h"

namespace oarlock {

// What is special about a tensor's memory.
struct MemoryTraits {
  bool read_only = false;
  bool shared_with_peer = false;  // others may write it at any time
};

class StridedTensor {
 public:
  using Strides = std::array<int64_t, oar_max_rank>;  // elements from one index of a dim to the next

  StridedTensor() = default;
  // 64-byte aligned, uninitialised. Not for BYTES.
  static absl::StatusOr<StridedTensor> Allocate(DType dtype, const Shape& shape);
  // Over all of a packed tensor's memory.
  static StridedTensor Of(Tensor tensor);
  // Checks dims, strides (each >= 0; empty = row-major without gaps) and that all elements lie in `size_bytes` from
  // `data`, which `buffer` keeps. BYTES: no strides, and exactly so many bytes of packed elements.
  static absl::StatusOr<StridedTensor> Over(DType dtype, const Shape& shape, std::span<const int64_t> strides,
                                            std::shared_ptr<Buffer> buffer, std::byte* data, size_t size_bytes,
                                            MemoryTraits traits);

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  const Strides& strides() const { return strides_; }
  std::byte* data() const { return data_; }
  // Of the elements, packed.
  size_t size_bytes() const { return size_bytes_; }
  const MemoryTraits& traits() const { return traits_; }
  bool is_contiguous() const { return contiguous_; }
  const std::shared_ptr<Buffer>& buffer() const { return buffer_; }
  // What keeps the memory, where it is known only once everything else is checked.
  void SetBuffer(std::shared_ptr<Buffer> buffer) { buffer_ = std::move(buffer); }
  // Of a contiguous tensor.
  TensorView view() const { return {dtype_, shape_, data_, size_bytes_}; }

  // Other dims and another type over the memory of a contiguous tensor, `offset_bytes` further on.
  absl::StatusOr<StridedTensor> View(DType dtype, const Shape& shape, size_t offset_bytes) const;
  // Indices [begin, end) of one dim.
  absl::StatusOr<StridedTensor> Slice(int dim, int64_t begin, int64_t end) const;
  // A packed copy in memory of its own.
  absl::StatusOr<StridedTensor> Clone() const;
  // Packed elements in and out; `size` must be size_bytes().
  absl::Status CopyFrom(std::span<const std::byte> packed) const;
  absl::Status CopyTo(std::span<std::byte> packed) const;

 private:
  DType dtype_ = DType::kInvalid;
  Shape shape_;
  Strides strides_{};
  std::shared_ptr<Buffer> buffer_;
  std::byte* data_ = nullptr;
  size_t size_bytes_ = 0;
  bool contiguous_ = true;
  MemoryTraits traits_;
};

// Row-major without gaps.
StridedTensor::Strides PackedStrides(const Shape& shape);

}  // namespace oarlock

#endif  // OARLOCK_TENSOR_STRIDED_TENSOR_H_

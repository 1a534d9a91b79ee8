#include "tensor/strided_tensor.h"

#include <algorithm>
#include <cstring>

#include "base/status.h"

namespace oarlock {
namespace {

bool IsEmpty(const Shape& shape) {
  return std::any_of(shape.dims().begin(), shape.dims().end(), [](int64_t dim) { return dim == 0; });
}

bool AreContiguous(const Shape& shape, const StridedTensor::Strides& strides) {
  if (IsEmpty(shape)) return true;
  int64_t wanted = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    if (shape[i] == 1) continue;  // its stride is never taken
    if (strides[static_cast<size_t>(i)] != wanted) return false;
    wanted *= shape[i];
  }
  return true;
}

// Bytes from the first element to the end of the last.
absl::StatusOr<size_t> ReachBytes(DType dtype, const Shape& shape, const StridedTensor::Strides& strides) {
  if (IsEmpty(shape)) return 0;
  int64_t reach = 1;
  for (int i = 0; i < shape.rank(); ++i) {
    int64_t way = 0;
    if (__builtin_mul_overflow(shape[i] - 1, strides[static_cast<size_t>(i)], &way) ||
        __builtin_add_overflow(reach, way, &reach)) {
      return InvalidArgument("dim {} of {} with stride {} reaches further than 2^63-1 elements", i, shape.ToString(),
                             strides[static_cast<size_t>(i)]);
    }
  }
  if (__builtin_mul_overflow(reach, static_cast<int64_t>(ElementSizeBytes(dtype)), &reach)) {
    return InvalidArgument("{} {} reaches further than 2^63-1 bytes", NameOf(dtype), shape.ToString());
  }
  return static_cast<size_t>(reach);
}

// Calls `run(strided offset in bytes, packed offset in bytes, size)` for each piece that is contiguous.
template <typename Run>
void WalkRuns(const StridedTensor& tensor, Run run) {
  const Shape& shape = tensor.shape();
  if (tensor.size_bytes() == 0) return;
  const auto element = static_cast<int64_t>(ElementSizeBytes(tensor.dtype()));
  // The innermost dims that lie together are one piece.
  int outer = shape.rank();
  int64_t piece = 1;
  while (outer > 0 && (tensor.strides()[static_cast<size_t>(outer - 1)] == piece || shape[outer - 1] == 1)) {
    piece *= shape[--outer];
  }
  std::array<int64_t, oar_max_rank> at{};
  size_t packed = 0;
  const auto size_bytes = static_cast<size_t>(piece * element);
  while (true) {
    int64_t offset = 0;
    for (int i = 0; i < outer; ++i) offset += at[static_cast<size_t>(i)] * tensor.strides()[static_cast<size_t>(i)];
    run(static_cast<size_t>(offset * element), packed, size_bytes);
    packed += size_bytes;
    int dim = outer - 1;
    for (; dim >= 0 && ++at[static_cast<size_t>(dim)] == shape[dim]; --dim) at[static_cast<size_t>(dim)] = 0;
    if (dim < 0) return;
  }
}

}  // namespace

StridedTensor::Strides PackedStrides(const Shape& shape) {
  StridedTensor::Strides strides{};
  int64_t stride = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    strides[static_cast<size_t>(i)] = stride;
    // Of a tensor without elements nothing is ever reached, whatever its other dims are.
    if (__builtin_mul_overflow(stride, std::max<int64_t>(1, shape[i]), &stride)) stride = 0;
  }
  return strides;
}

absl::StatusOr<StridedTensor> StridedTensor::Allocate(DType dtype, const Shape& shape) {
  OAR_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Allocate(dtype, shape));
  return Of(std::move(tensor));
}

StridedTensor StridedTensor::Of(Tensor tensor) {
  StridedTensor made;
  made.dtype_ = tensor.dtype();
  made.shape_ = tensor.shape();
  made.strides_ = PackedStrides(tensor.shape());
  made.buffer_ = tensor.buffer();
  made.data_ = tensor.data();
  made.size_bytes_ = tensor.size_bytes();
  return made;
}

absl::StatusOr<StridedTensor> StridedTensor::Over(DType dtype, const Shape& shape, std::span<const int64_t> strides,
                                                  std::shared_ptr<Buffer> buffer, std::byte* data, size_t size_bytes,
                                                  MemoryTraits traits) {
  if (shape.is_dynamic()) return InvalidArgument("a tensor has shape {}; each dim must be >= 0", shape.ToString());
  StridedTensor made;
  made.dtype_ = dtype;
  made.shape_ = shape;
  made.strides_ = PackedStrides(shape);
  made.traits_ = traits;
  if (dtype == DType::kBytes) {
    if (!strides.empty()) return InvalidArgument("a BYTES tensor has no strides: its elements differ in size");
    OAR_ASSIGN_OR_RETURN(const int64_t count, shape.ElementCount());
    OAR_RETURN_IF_ERROR(CheckBytesElements({data, size_bytes}, count));
    made.size_bytes_ = size_bytes;
  } else {
    OAR_ASSIGN_OR_RETURN(made.size_bytes_, shape.SizeBytes(dtype));
    for (size_t i = 0; i < strides.size(); ++i) {
      if (strides[i] < 0) return InvalidArgument("stride {} is {}; it must be >= 0", i, strides[i]);
      made.strides_[i] = strides[i];
    }
    made.contiguous_ = AreContiguous(shape, made.strides_);
    OAR_ASSIGN_OR_RETURN(const size_t reach, ReachBytes(dtype, shape, made.strides_));
    if (reach > size_bytes) {
      return InvalidArgument("{} {} reaches over {} bytes; the memory has {}", NameOf(dtype), shape.ToString(), reach,
                             size_bytes);
    }
  }
  made.buffer_ = std::move(buffer);
  made.data_ = data;
  return made;
}

absl::StatusOr<StridedTensor> StridedTensor::View(DType dtype, const Shape& shape, size_t offset_bytes) const {
  if (dtype_ == DType::kBytes || !contiguous_) {
    return FailedPrecondition("a view needs a contiguous tensor of elements of one size; this one is {} {}{}",
                              NameOf(dtype_), shape_.ToString(), contiguous_ ? "" : " with gaps: clone it first");
  }
  if (dtype == DType::kBytes) return InvalidArgument("a view cannot be of BYTES: its elements differ in size");
  if (offset_bytes > size_bytes_) {
    return InvalidArgument("a view at byte {} of a tensor of {} bytes", offset_bytes, size_bytes_);
  }
  return Over(dtype, shape, {}, buffer_, data_ + offset_bytes, size_bytes_ - offset_bytes, traits_);
}

absl::StatusOr<StridedTensor> StridedTensor::Slice(int dim, int64_t begin, int64_t end) const {
  if (dtype_ == DType::kBytes)
    return FailedPrecondition("a BYTES tensor cannot be sliced: its elements differ in size");
  if (dim < 0 || dim >= shape_.rank()) return OutOfRange("dim {} of a tensor of rank {}", dim, shape_.rank());
  if (begin < 0 || end < begin || end > shape_[dim]) {
    return OutOfRange("[{}, {}) of dim {}, which has {}", begin, end, dim, shape_[dim]);
  }
  StridedTensor made = *this;
  made.shape_.set_dim(dim, end - begin);
  OAR_ASSIGN_OR_RETURN(made.size_bytes_, made.shape_.SizeBytes(dtype_));
  made.contiguous_ = AreContiguous(made.shape_, made.strides_);
  if (made.size_bytes_ == 0) return made;  // its address stays that of a byte that there is
  made.data_ += static_cast<size_t>(begin * strides_[static_cast<size_t>(dim)]) * ElementSizeBytes(dtype_);
  return made;
}

absl::StatusOr<StridedTensor> StridedTensor::Clone() const {
  OAR_ASSIGN_OR_RETURN(auto buffer, Buffer::Allocate(size_bytes_));
  OAR_RETURN_IF_ERROR(CopyTo({buffer->data(), size_bytes_}));
  StridedTensor made = *this;
  made.strides_ = PackedStrides(shape_);
  made.contiguous_ = true;
  made.traits_ = MemoryTraits();
  made.data_ = buffer->data();
  made.buffer_ = std::move(buffer);
  return made;
}

absl::Status StridedTensor::CopyFrom(std::span<const std::byte> packed) const {
  if (traits_.read_only) return FailedPrecondition("the tensor is read-only");
  if (packed.size() != size_bytes_) {
    return InvalidArgument("{} bytes for {} {}, which takes {}", packed.size(), NameOf(dtype_), shape_.ToString(),
                           size_bytes_);
  }
  if (dtype_ == DType::kBytes) {
    OAR_ASSIGN_OR_RETURN(const int64_t count, shape_.ElementCount());
    OAR_RETURN_IF_ERROR(CheckBytesElements(packed, count));
    if (!packed.empty()) std::memmove(data_, packed.data(), packed.size());
    return absl::OkStatus();
  }
  WalkRuns(*this, [&](size_t strided, size_t at, size_t size) { std::memmove(data_ + strided, &packed[at], size); });
  return absl::OkStatus();
}

absl::Status StridedTensor::CopyTo(std::span<std::byte> packed) const {
  if (packed.size() != size_bytes_) {
    return InvalidArgument("room of {} bytes for {} {}, which takes {}", packed.size(), NameOf(dtype_),
                           shape_.ToString(), size_bytes_);
  }
  if (dtype_ == DType::kBytes) {
    if (!packed.empty()) std::memmove(packed.data(), data_, packed.size());
    return absl::OkStatus();
  }
  WalkRuns(*this, [&](size_t strided, size_t at, size_t size) { std::memmove(&packed[at], data_ + strided, size); });
  return absl::OkStatus();
}

}  // namespace oarlock

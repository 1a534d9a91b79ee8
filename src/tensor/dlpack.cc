#include "tensor/dlpack.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "base/status.h"

namespace oarlock {
namespace {

constexpr int32_t kCpu = 1;
constexpr uint32_t kMajor = 1;
constexpr uint64_t kReadOnly = 1;

struct ElementType {
  DType dtype;
  uint8_t code;
  uint8_t bits;
};
// Codes: 0 signed, 1 unsigned, 2 float, 4 bfloat, 6 bool.
constexpr ElementType kTypes[] = {
    {DType::kI8, 0, 8},   {DType::kI16, 0, 16},  {DType::kI32, 0, 32}, {DType::kI64, 0, 64}, {DType::kU8, 1, 8},
    {DType::kU16, 1, 16}, {DType::kU32, 1, 32},  {DType::kU64, 1, 64}, {DType::kF16, 2, 16}, {DType::kF32, 2, 32},
    {DType::kF64, 2, 64}, {DType::kBF16, 4, 16}, {DType::kBool, 6, 8},
};

absl::StatusOr<DType> DTypeOfDlpack(const OarDlTensor& tensor) {
  for (const ElementType& type : kTypes) {
    if (type.code == tensor.type_code && type.bits == tensor.type_bits && tensor.type_lanes == 1) return type.dtype;
  }
  return InvalidArgument("a DLPack element type of code {}, {} bits and {} lanes has no dtype here", tensor.type_code,
                         tensor.type_bits, tensor.type_lanes);
}

// Bytes from the first element to the end of the last: DLPack does not say how much memory there is.
absl::StatusOr<size_t> ReachOf(DType dtype, const Shape& shape, std::span<const int64_t> strides) {
  OAR_ASSIGN_OR_RETURN(const size_t packed, shape.SizeBytes(dtype));
  if (strides.empty() || packed == 0) return packed;
  int64_t reach = 1;
  for (int i = 0; i < shape.rank(); ++i) {
    int64_t way = 0;
    const int64_t stride = std::max<int64_t>(0, strides[static_cast<size_t>(i)]);  // below 0 is refused later
    if (__builtin_mul_overflow(shape[i] - 1, stride, &way) || __builtin_add_overflow(reach, way, &reach)) {
      return InvalidArgument("dim {} of a DLPack tensor has {} with stride {}: too large", i, shape[i], stride);
    }
  }
  if (__builtin_mul_overflow(reach, static_cast<int64_t>(ElementSizeBytes(dtype)), &reach)) {
    return InvalidArgument("a DLPack tensor reaches further than 2^63-1 bytes");
  }
  return static_cast<size_t>(reach);
}

template <typename Managed>
absl::StatusOr<StridedTensor> Import(Managed* managed, MemoryTraits traits) {
  const OarDlTensor& from = managed->tensor;
  if (from.device_type != kCpu) {
    return Unimplemented("a DLPack tensor on device type {}; only the CPU's memory (1) can be used here",
                         from.device_type);
  }
  OAR_ASSIGN_OR_RETURN(const DType dtype, DTypeOfDlpack(from));
  if (from.ndim < 0 || from.ndim > oar_max_rank) {
    return InvalidArgument("a DLPack tensor of rank {}; at most {} are possible", from.ndim, oar_max_rank);
  }
  const auto rank = static_cast<size_t>(from.ndim);
  if (rank > 0 && from.shape == nullptr) return InvalidArgument("a DLPack tensor of rank {} without a shape", rank);
  OAR_ASSIGN_OR_RETURN(const Shape shape, Shape::From({from.shape, rank}));
  if (shape.is_dynamic()) return InvalidArgument("a DLPack tensor of shape {}", shape.ToString());
  const std::span<const int64_t> strides(from.strides, from.strides == nullptr ? 0 : rank);
  OAR_ASSIGN_OR_RETURN(const size_t reach, ReachOf(dtype, shape, strides));
  alignas(kBufferAlignmentBytes) static std::byte nothing[kBufferAlignmentBytes] = {};
  if (from.data == nullptr && reach > 0) return InvalidArgument("a DLPack tensor of {} bytes without data", reach);
  std::byte* const data =
      from.data == nullptr ? nothing : static_cast<std::byte*>(from.data) + static_cast<size_t>(from.byte_offset);
  // Everything is checked before the memory is taken over: a refused tensor stays the caller's.
  OAR_ASSIGN_OR_RETURN(StridedTensor made, StridedTensor::Over(dtype, shape, strides, nullptr, data, reach, traits));
  made.SetBuffer(Buffer::Wrap(
      data, reach,
      [](void* user) {
        auto* const ended = static_cast<Managed*>(user);
        if (ended->deleter != nullptr) ended->deleter(ended);
      },
      managed));
  return made;
}

// What an exported tensor stands in, freed by its deleter.
template <typename Managed>
struct Exported {
  Managed managed{};
  StridedTensor tensor;
  StridedTensor::Strides shape{};
};

template <typename Managed>
absl::StatusOr<Managed*> Export(const StridedTensor& tensor) {
  const auto* const type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                        [&](const ElementType& each) { return each.dtype == tensor.dtype(); });
  if (type == std::end(kTypes)) return FailedPrecondition("DLPack has no element type for {}", NameOf(tensor.dtype()));
  auto exported = std::make_unique<Exported<Managed>>();
  exported->tensor = tensor;
  std::copy(tensor.shape().dims().begin(), tensor.shape().dims().end(), exported->shape.begin());
  OarDlTensor& to = exported->managed.tensor;
  to.data = tensor.data();
  to.device_type = kCpu;
  to.ndim = tensor.shape().rank();
  to.type_code = type->code;
  to.type_bits = type->bits;
  to.type_lanes = 1;
  to.shape = exported->shape.data();
  to.strides = const_cast<int64_t*>(exported->tensor.strides().data());
  exported->managed.manager_ctx = exported.get();
  exported->managed.deleter = [](Managed* self) { delete static_cast<Exported<Managed>*>(self->manager_ctx); };
  return &exported.release()->managed;
}

}  // namespace

absl::StatusOr<StridedTensor> FromDlpack(DLManagedTensor* managed) { return Import(managed, MemoryTraits()); }

absl::StatusOr<StridedTensor> FromDlpack(DLManagedTensorVersioned* managed) {
  if (managed->major != kMajor) {
    return Unimplemented("a DLPack tensor of version {}.{}; this release reads {}.x", managed->major, managed->minor,
                         kMajor);
  }
  MemoryTraits traits;
  traits.read_only = (managed->flags & kReadOnly) != 0;
  return Import(managed, traits);
}

absl::StatusOr<DLManagedTensor*> ToDlpack(const StridedTensor& tensor) {
  if (tensor.traits().read_only) {
    return FailedPrecondition("the tensor is read-only, which a DLPack tensor without a version cannot say");
  }
  return Export<DLManagedTensor>(tensor);
}

absl::StatusOr<DLManagedTensorVersioned*> ToDlpackVersioned(const StridedTensor& tensor) {
  OAR_ASSIGN_OR_RETURN(DLManagedTensorVersioned* const managed, Export<DLManagedTensorVersioned>(tensor));
  managed->major = kMajor;
  if (tensor.traits().read_only) managed->flags = kReadOnly;
  return managed;
}

}  // namespace oarlock

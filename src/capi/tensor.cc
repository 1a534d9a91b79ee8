#include <cstring>

#include "base/status.h"
#include "capi/generated/bodies.h"
#include "capi/objects.h"
#include "capi/span.h"
#include "tensor/dlpack.h"

namespace oarlock::capi {
namespace {

using MadeTensor = std::shared_ptr<TensorObject>;

absl::Status Make(absl::StatusOr<StridedTensor> tensor, MadeTensor* made) {
  if (!tensor.ok()) return std::move(tensor).status();
  *made = std::make_shared<TensorObject>();
  (*made)->tensor = *std::move(tensor);
  return absl::OkStatus();
}

// What an address of nothing is: tensors without elements have one too.
std::byte* Nothing() {
  alignas(kBufferAlignmentBytes) static std::byte nothing[kBufferAlignmentBytes] = {};
  return nothing;
}

MemoryTraits TraitsOf(uint64_t flags) {
  return {(flags & OAR_TENSOR_READ_ONLY) != 0, (flags & OAR_TENSOR_SHARED_WITH_PEER) != 0};
}

uint64_t FlagsOf(const MemoryTraits& traits) {
  return (traits.read_only ? OAR_TENSOR_READ_ONLY : 0) | (traits.shared_with_peer ? OAR_TENSOR_SHARED_WITH_PEER : 0);
}

}  // namespace

absl::Status TensorAllocate(oar_dtype dtype, std::span<const int64_t> dims, MadeTensor* tensor) {
  OAR_ASSIGN_OR_RETURN(const Shape shape, Shape::From(dims));
  return Make(StridedTensor::Allocate(static_cast<DType>(dtype), shape), tensor);
}

absl::Status TensorWrap(std::span<std::byte> data, oar_dtype dtype, std::span<const int64_t> dims,
                        const oar_tensor_options& options, oar_release_fn release, void* user, MadeTensor* tensor) {
  OAR_ASSIGN_OR_RETURN(const Shape shape, Shape::From(dims));
  const std::span<const int64_t> strides(options.strides, options.strides == nullptr ? 0 : dims.size());
  std::byte* const at = data.data() == nullptr ? Nothing() : data.data();
  // The memory is taken over last, when nothing can fail any more: until then it is the caller's.
  OAR_RETURN_IF_ERROR(Make(
      StridedTensor::Over(static_cast<DType>(dtype), shape, strides, nullptr, at, data.size(), TraitsOf(options.flags)),
      tensor));
  (*tensor)->tensor.SetBuffer(Buffer::Wrap(at, data.size(), release, user));
  return absl::OkStatus();
}

absl::Status TensorFromStrings(std::span<const oar_string> elements, MadeTensor* tensor) {
  std::string packed;
  for (size_t i = 0; i < elements.size(); ++i) {
    const oar_string& element = elements[i];
    if (element.data == nullptr && element.size_bytes > 0) {
      return InvalidArgument("element {} has {} bytes and no address", i, element.size_bytes);
    }
    OAR_RETURN_IF_ERROR(AppendBytesElement(TextOf(element.data, element.size_bytes), &packed));
  }
  const oarlock::TensorView view{DType::kBytes, Shape{static_cast<int64_t>(elements.size())},
                                 reinterpret_cast<const std::byte*>(packed.data()), packed.size()};
  OAR_ASSIGN_OR_RETURN(Tensor own, Tensor::Clone(view));
  return Make(StridedTensor::Of(std::move(own)), tensor);
}

absl::Status TensorString(const Pinned<TensorObject>& tensor, size_t index, oar_string* element) {
  const StridedTensor& from = tensor->tensor;
  if (from.dtype() != DType::kBytes) {
    return FailedPrecondition("the tensor is of {}; only BYTES has elements of their own size", NameOf(from.dtype()));
  }
  OAR_ASSIGN_OR_RETURN(const int64_t count, from.shape().ElementCount());
  if (index >= static_cast<size_t>(count)) return OutOfRange("element {} of {}", index, count);
  // Checked again on the way: memory that was lent may have changed since.
  size_t at = 0;
  for (size_t i = 0;; ++i) {
    uint32_t length = 0;
    if (from.size_bytes() - at < sizeof length)
      return DataLoss("the memory of the tensor was changed: element {} is cut off", i);
    std::memcpy(&length, from.data() + at, sizeof length);
    at += sizeof length;
    if (from.size_bytes() - at < length)
      return DataLoss("the memory of the tensor was changed: element {} is cut off", i);
    if (i == index) {
      *element = {reinterpret_cast<const char*>(from.data() + at), length};
      return absl::OkStatus();
    }
    at += length;
  }
}

absl::Status TensorDescribe(const Pinned<TensorObject>& tensor, oar_tensor_description* description) {
  const StridedTensor& from = tensor->tensor;
  description->dtype = static_cast<oar_dtype>(from.dtype());
  description->rank = from.shape().rank();
  std::copy(from.shape().dims().begin(), from.shape().dims().end(), description->dims);
  std::copy_n(from.strides().begin(), from.shape().rank(), description->strides);
  description->data = from.data();
  description->size_bytes = from.size_bytes();
  description->flags = FlagsOf(from.traits());
  description->is_contiguous = from.is_contiguous() ? 1 : 0;
  description->device = "cpu";
  return absl::OkStatus();
}

absl::Status TensorData(const Pinned<TensorObject>& tensor, void** data) {
  *data = tensor->tensor.data();
  return absl::OkStatus();
}

absl::Status TensorView(const Pinned<TensorObject>& tensor, oar_dtype dtype, std::span<const int64_t> dims,
                        size_t offset_bytes, MadeTensor* view) {
  OAR_ASSIGN_OR_RETURN(const Shape shape, Shape::From(dims));
  return Make(tensor->tensor.View(static_cast<DType>(dtype), shape, offset_bytes), view);
}

absl::Status TensorSlice(const Pinned<TensorObject>& tensor, int32_t dim, int64_t begin, int64_t end,
                         MadeTensor* slice) {
  return Make(tensor->tensor.Slice(dim, begin, end), slice);
}

absl::Status TensorClone(const Pinned<TensorObject>& tensor, MadeTensor* clone) {
  return Make(tensor->tensor.Clone(), clone);
}

absl::Status TensorRetain(const Pinned<TensorObject>& tensor, MadeTensor* retained) {
  *retained = tensor.share();
  return absl::OkStatus();
}

absl::Status TensorTo(const Pinned<TensorObject>& tensor, std::string_view device, MadeTensor* there) {
  if (device != "auto" && device != "cpu") {
    return NotFound("there is no device '{}'; this build has \"cpu\" (and \"auto\")", Printable(device));
  }
  *there = tensor.share();
  return absl::OkStatus();
}

absl::Status TensorCopyFrom(const Pinned<TensorObject>& tensor, std::span<const std::byte> data) {
  return tensor->tensor.CopyFrom(data);
}

absl::Status TensorCopyTo(const Pinned<TensorObject>& tensor, std::span<std::byte> data) {
  return tensor->tensor.CopyTo(data);
}

absl::Status TensorFromDlpack(DLManagedTensor* managed, MadeTensor* tensor) {
  auto made = std::make_shared<TensorObject>();
  OAR_ASSIGN_OR_RETURN(made->tensor, FromDlpack(managed));
  *tensor = std::move(made);
  return absl::OkStatus();
}

absl::Status TensorFromDlpackVersioned(DLManagedTensorVersioned* managed, MadeTensor* tensor) {
  auto made = std::make_shared<TensorObject>();
  OAR_ASSIGN_OR_RETURN(made->tensor, FromDlpack(managed));
  *tensor = std::move(made);
  return absl::OkStatus();
}

absl::Status TensorToDlpack(const Pinned<TensorObject>& tensor, DLManagedTensor** managed) {
  OAR_ASSIGN_OR_RETURN(*managed, ToDlpack(tensor->tensor));
  return absl::OkStatus();
}

absl::Status TensorToDlpackVersioned(const Pinned<TensorObject>& tensor, DLManagedTensorVersioned** managed) {
  OAR_ASSIGN_OR_RETURN(*managed, ToDlpackVersioned(tensor->tensor));
  return absl::OkStatus();
}

}  // namespace oarlock::capi

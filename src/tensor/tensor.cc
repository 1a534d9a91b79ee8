#include "tensor/tensor.h"

#include <cstring>
#include <limits>

#include "base/status.h"

namespace oarlock {

static_assert(std::endian::native == std::endian::little, "tensors on the wire and in files are little-endian");

absl::StatusOr<Tensor> Tensor::Allocate(DType dtype, const Shape& shape) {
  OAR_ASSIGN_OR_RETURN(const size_t size_bytes, shape.SizeBytes(dtype));
  OAR_ASSIGN_OR_RETURN(auto buffer, Buffer::Allocate(size_bytes));
  return Over(dtype, shape, std::move(buffer));
}

absl::StatusOr<Tensor> Tensor::Over(DType dtype, const Shape& shape, std::shared_ptr<Buffer> buffer) {
  if (buffer == nullptr) return InvalidArgument("a tensor needs a buffer");
  Tensor tensor;
  tensor.dtype_ = dtype;
  tensor.shape_ = shape;
  if (dtype == DType::kBytes) {
    OAR_ASSIGN_OR_RETURN(const int64_t count, shape.ElementCount());
    OAR_RETURN_IF_ERROR(CheckBytesElements({buffer->data(), buffer->size_bytes()}, count));
    tensor.size_bytes_ = buffer->size_bytes();
  } else {
    OAR_ASSIGN_OR_RETURN(tensor.size_bytes_, shape.SizeBytes(dtype));
    if (buffer->size_bytes() < tensor.size_bytes_) {
      return InvalidArgument("{} {} takes {} bytes; the buffer has {}", NameOf(dtype), shape.ToString(),
                             tensor.size_bytes_, buffer->size_bytes());
    }
  }
  tensor.buffer_ = std::move(buffer);
  return tensor;
}

absl::StatusOr<Tensor> Tensor::FromStrings(std::span<const std::string> elements) {
  std::string packed;
  for (const std::string& element : elements) OAR_RETURN_IF_ERROR(AppendBytesElement(element, &packed));
  const TensorView view{DType::kBytes, Shape{static_cast<int64_t>(elements.size())},
                        reinterpret_cast<const std::byte*>(packed.data()), packed.size()};
  return Clone(view);
}

absl::StatusOr<Tensor> Tensor::Clone(const TensorView& view) {
  OAR_ASSIGN_OR_RETURN(auto buffer, Buffer::Allocate(view.size_bytes));
  if (view.size_bytes > 0) std::memcpy(buffer->data(), view.data, view.size_bytes);
  return Over(view.dtype, view.shape, std::move(buffer));
}

namespace {

// Calls `on_element` for each packed element until the bytes or `element_count` are used up.
template <typename OnElement>
absl::Status WalkBytesElements(std::span<const std::byte> packed, int64_t element_count, OnElement on_element) {
  int64_t found = 0;
  for (; !packed.empty() && found <= element_count; ++found) {
    uint32_t length = 0;
    if (packed.size() < sizeof length) {
      return InvalidArgument("BYTES element {}: {} bytes are left, its length alone takes 4", found, packed.size());
    }
    std::memcpy(&length, packed.data(), sizeof length);
    packed = packed.subspan(sizeof length);
    if (length > packed.size()) {
      return InvalidArgument("BYTES element {} says {} bytes; {} are left", found, length, packed.size());
    }
    on_element(std::string_view(reinterpret_cast<const char*>(packed.data()), length));
    packed = packed.subspan(length);
  }
  if (found == element_count) return absl::OkStatus();
  return InvalidArgument("BYTES data holds {}{} elements; the shape asks for {}",
                         found > element_count ? "at least " : "", found, element_count);
}

}  // namespace

absl::StatusOr<std::vector<std::string_view>> BytesElements(std::span<const std::byte> packed, int64_t element_count) {
  std::vector<std::string_view> elements;
  OAR_RETURN_IF_ERROR(
      WalkBytesElements(packed, element_count, [&elements](std::string_view element) { elements.push_back(element); }));
  return elements;
}

absl::Status CheckBytesElements(std::span<const std::byte> packed, int64_t element_count) {
  return WalkBytesElements(packed, element_count, [](std::string_view) {});
}

absl::Status AppendBytesElement(std::string_view element, std::string* packed) {
  if (element.size() > std::numeric_limits<uint32_t>::max()) {
    return InvalidArgument("a BYTES element of {} bytes; at most {} are possible", element.size(),
                           std::numeric_limits<uint32_t>::max());
  }
  const auto length = static_cast<uint32_t>(element.size());
  packed->append(reinterpret_cast<const char*>(&length), sizeof length);
  packed->append(element);
  return absl::OkStatus();
}

std::string TensorLabel::Text() const {
  return name.data() == nullptr ? std::string(kind) : fmt::format("{} '{}'", kind, Printable(name));
}

absl::Status CheckView(const TensorView& view, const TensorLabel& what) {
  if (NameOf(view.dtype) == "INVALID") {
    return InvalidArgument("{} has dtype number {}, which is none", what.Text(), static_cast<int32_t>(view.dtype));
  }
  if (view.size_bytes > 0 && view.data == nullptr) return InvalidArgument("{} has no data", what.Text());
  const auto count = view.shape.ElementCount();
  if (!count.ok()) return Annotate(count.status(), what.Text());
  if (view.dtype == DType::kBytes) {
    const absl::Status elements = CheckBytesElements(view.bytes(), *count);
    return elements.ok() ? elements : Annotate(elements, what.Text());
  }
  const auto size_bytes = view.shape.SizeBytes(view.dtype);
  if (!size_bytes.ok()) return Annotate(size_bytes.status(), what.Text());
  if (*size_bytes != view.size_bytes) {
    return InvalidArgument("{} of {} {} takes {} bytes; {} were given", what.Text(), NameOf(view.dtype),
                           view.shape.ToString(), *size_bytes, view.size_bytes);
  }
  return absl::OkStatus();
}

}  // namespace oarlock

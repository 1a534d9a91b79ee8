#include "tensor/shape.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/status.h"

namespace oarlock {

Shape::Shape(std::initializer_list<int64_t> dims)
    : rank_(static_cast<int>(std::min<size_t>(dims.size(), oar_max_rank))) {
  std::copy_n(dims.begin(), rank_, dims_.begin());
}

absl::StatusOr<Shape> Shape::From(std::span<const int64_t> dims) {
  if (dims.size() > oar_max_rank) {
    return InvalidArgument("a shape of {} dims; at most {} are possible", dims.size(), oar_max_rank);
  }
  Shape shape;
  shape.rank_ = static_cast<int>(dims.size());
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] < kDynamic) {
      return InvalidArgument("dim {} of shape [{}] is {}; a dim is at least 0 (or -1 for dynamic in a model)", i,
                             fmt::join(dims, ","), dims[i]);
    }
    shape.dims_[i] = dims[i];
  }
  return shape;
}

bool Shape::is_dynamic() const {
  return std::any_of(dims().begin(), dims().end(), [](int64_t dim) { return dim < 0; });
}

absl::StatusOr<int64_t> Shape::ElementCount() const {
  if (is_dynamic()) return InvalidArgument("shape {} has a dynamic dim; every dim must be known here", ToString());
  // An empty tensor is legal however large its other dims are.
  if (std::any_of(dims().begin(), dims().end(), [](int64_t dim) { return dim == 0; })) return 0;
  int64_t count = 1;
  for (int64_t dim : dims()) {
    if (__builtin_mul_overflow(count, dim, &count)) {
      return InvalidArgument("shape {} has more elements than 2^63-1", ToString());
    }
  }
  return count;
}

absl::StatusOr<size_t> Shape::SizeBytes(DType dtype) const {
  const size_t element = ElementSizeBytes(dtype);
  if (element == 0) return InvalidArgument("{} elements have no fixed size", NameOf(dtype));
  OAR_ASSIGN_OR_RETURN(const int64_t count, ElementCount());
  int64_t size_bytes = 0;  // int64: no object of more than 2^63-1 bytes can be addressed
  if (__builtin_mul_overflow(count, static_cast<int64_t>(element), &size_bytes)) {
    return InvalidArgument("shape {} of {} takes more than 2^63-1 bytes", ToString(), NameOf(dtype));
  }
  return static_cast<size_t>(size_bytes);
}

bool Shape::Admits(const Shape& other) const {
  if (rank_ != other.rank_) return false;
  for (int i = 0; i < rank_; ++i) {
    if ((*this)[i] != kDynamic && (*this)[i] != other[i]) return false;
  }
  return true;
}

std::string Shape::ToString() const { return fmt::format("[{}]", fmt::join(dims(), ",")); }

}  // namespace oarlock

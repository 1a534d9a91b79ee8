// Views that functions take and give: elements, bytes, dims. They own nothing but the dims' numbers.
//
//   std::vector<float> values(16);
//   oarlock::Span<float> view = values;        std::span<float> where there is one
//   oarlock::Tensor::Of(values, {1, 16});      Dims from a list, a vector, a port
//   oarlock::Image::Decode(file);              Bytes of a std::string, a std::vector<char>, ...
#ifndef OARLOCK_CPP_SPAN_HPP_
#define OARLOCK_CPP_SPAN_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#if __cplusplus >= 202002L
#include <span>
#endif

#include "oarlock/types.h"

namespace oarlock {
inline namespace v1 {

#if __cplusplus >= 202002L
template <typename T>
using Span = std::span<T>;
#else
// As much of std::span as C++17 needs here.
template <typename T>
class Span {
 public:
  using element_type = T;
  using value_type = std::remove_cv_t<T>;

  constexpr Span() noexcept = default;
  constexpr Span(T* data, size_t size) noexcept : data_(data), size_(size) {}
  // Of a vector, an array, another span.
  template <typename C, typename D = decltype(std::data(std::declval<C&>())),
            typename = std::enable_if_t<std::is_convertible<std::remove_pointer_t<D> (*)[], T (*)[]>::value>>
  constexpr Span(C&& elements) noexcept : data_(std::data(elements)), size_(std::size(elements)) {}

  constexpr T* data() const noexcept { return data_; }
  constexpr size_t size() const noexcept { return size_; }
  constexpr size_t size_bytes() const noexcept { return size_ * sizeof(T); }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr T& operator[](size_t index) const { return data_[index]; }
  constexpr T& front() const { return data_[0]; }
  constexpr T& back() const { return data_[size_ - 1]; }
  constexpr T* begin() const noexcept { return data_; }
  constexpr T* end() const noexcept { return data_ + size_; }
  constexpr Span first(size_t count) const { return {data_, count}; }
  constexpr Span subspan(size_t offset, size_t count) const { return {data_ + offset, count}; }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
};
#endif

// Bytes to read, of anything whose elements are one byte each; but not of an array of char, whose last may be a NUL
// that nobody meant.
class Bytes {
 public:
  Bytes() noexcept = default;
  Bytes(const void* data, size_t size_bytes) noexcept : data_(data), size_bytes_(size_bytes) {}
  template <typename C,
            typename E = std::remove_cv_t<std::remove_pointer_t<decltype(std::data(std::declval<const C&>()))>>,
            typename = std::enable_if_t<sizeof(E) == 1 && !(std::is_array<C>::value && std::is_same<E, char>::value)>>
  Bytes(const C& bytes) noexcept : data_(std::data(bytes)), size_bytes_(std::size(bytes)) {}

  const void* data() const noexcept { return data_; }
  size_t size_bytes() const noexcept { return size_bytes_; }

 private:
  const void* data_ = nullptr;
  size_t size_bytes_ = 0;
};

// Dims of a tensor. More than OAR_MAX_RANK are counted, not kept: the library refuses them by their number.
class Dims {
 public:
  Dims() noexcept = default;
  Dims(const int64_t* dims, size_t rank) noexcept : rank_(static_cast<int32_t>(rank)) {
    std::copy_n(dims, std::min<size_t>(rank, OAR_MAX_RANK), dims_);
  }
  Dims(std::initializer_list<int64_t> dims) noexcept : Dims(dims.begin(), dims.size()) {}
  template <typename C, typename D = decltype(std::data(std::declval<const C&>())),
            typename = std::enable_if_t<std::is_convertible<D, const int64_t*>::value>>
  Dims(const C& dims) noexcept : Dims(std::data(dims), std::size(dims)) {}

  int32_t rank() const noexcept { return rank_; }
  const int64_t* data() const noexcept { return dims_; }
  size_t size() const noexcept { return std::min<size_t>(static_cast<size_t>(rank_), OAR_MAX_RANK); }
  int64_t operator[](size_t index) const { return dims_[index]; }
  const int64_t* begin() const noexcept { return dims_; }
  const int64_t* end() const noexcept { return dims_ + size(); }
  friend bool operator==(const Dims& a, const Dims& b) {
    return a.rank_ == b.rank_ && std::equal(a.begin(), a.end(), b.begin());
  }
  friend bool operator!=(const Dims& a, const Dims& b) { return !(a == b); }

 private:
  int32_t rank_ = 0;
  int64_t dims_[OAR_MAX_RANK] = {};
};

// Of a port, a description of a tensor, or a view. No dims where the rank is not known.
template <typename S>
Dims DimsOf(const S& described) {
  return {described.dims, described.rank < 0 ? 0 : static_cast<size_t>(described.rank)};
}

template <typename T>
constexpr oar_dtype DtypeOf() {
  using E = std::remove_cv_t<T>;
  if (std::is_same<E, bool>::value) return OAR_DTYPE_BOOL;
  if (std::is_same<E, float>::value) return OAR_DTYPE_F32;
  if (std::is_same<E, double>::value) return OAR_DTYPE_F64;
  if (!std::is_integral<E>::value) return OAR_DTYPE_INVALID;
  switch (sizeof(E)) {
    case 1:
      return std::is_signed<E>::value ? OAR_DTYPE_I8 : OAR_DTYPE_U8;
    case 2:
      return std::is_signed<E>::value ? OAR_DTYPE_I16 : OAR_DTYPE_U16;
    case 4:
      return std::is_signed<E>::value ? OAR_DTYPE_I32 : OAR_DTYPE_U32;
    default:
      return std::is_signed<E>::value ? OAR_DTYPE_I64 : OAR_DTYPE_U64;
  }
}

// The element type that a C++ type stands for; a specialisation adds one, say for a half of your own.
template <typename T>
inline constexpr oar_dtype kDtype = DtypeOf<T>();

}  // namespace v1
}  // namespace oarlock

#endif  // OARLOCK_CPP_SPAN_HPP_

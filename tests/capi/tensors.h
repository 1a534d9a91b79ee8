// Tensors of the C API made of numbers, and back.
#ifndef OARLOCK_TESTS_CAPI_TENSORS_H_
#define OARLOCK_TESTS_CAPI_TENSORS_H_

#include <cstdint>
#include <vector>

#include "calls.h"

namespace oarlock::capi_test {

using Dims = std::vector<int64_t>;

template <typename T>
inline constexpr oar_dtype kDtype = OAR_DTYPE_INVALID;
template <>
inline constexpr oar_dtype kDtype<float> = OAR_DTYPE_F32;
template <>
inline constexpr oar_dtype kDtype<int32_t> = OAR_DTYPE_I32;
template <>
inline constexpr oar_dtype kDtype<int64_t> = OAR_DTYPE_I64;

inline Owned<oar_tensor> Allocated(oar_dtype dtype, const Dims& dims) {
  Owned<oar_tensor> tensor;
  EXPECT_TRUE(Ok(oar_tensor_allocate, dtype, dims.data(), static_cast<int32_t>(dims.size()), tensor.out()));
  return tensor;
}

template <typename T>
Owned<oar_tensor> Of(const Dims& dims, const std::vector<T>& elements) {
  Owned<oar_tensor> tensor = Allocated(kDtype<T>, dims);
  EXPECT_TRUE(Ok(oar_tensor_copy_from, tensor.get(), elements.data(), elements.size() * sizeof(T)));
  return tensor;
}

// Over memory of the test's.
template <typename T>
Owned<oar_tensor> Over(T* data, size_t count, const Dims& dims, oar_tensor_flags flags = 0) {
  oar_tensor_options options = Sized<oar_tensor_options>();
  options.flags = flags;
  Owned<oar_tensor> tensor;
  EXPECT_TRUE(Ok(oar_tensor_wrap, data, count * sizeof(T), kDtype<T>, dims.data(), static_cast<int32_t>(dims.size()),
                 &options, nullptr, nullptr, tensor.out()));
  return tensor;
}

inline oar_tensor_description Described(oar_tensor tensor) {
  auto description = Sized<oar_tensor_description>();
  EXPECT_TRUE(Ok(oar_tensor_describe, tensor, &description));
  return description;
}

inline Dims DimsOf(oar_tensor tensor) {
  const oar_tensor_description description = Described(tensor);
  return {description.dims, description.dims + description.rank};
}

// In the order of a packed tensor.
template <typename T>
std::vector<T> Elements(oar_tensor tensor) {
  std::vector<T> elements(Described(tensor).size_bytes / sizeof(T));
  EXPECT_TRUE(Ok(oar_tensor_copy_to, tensor, elements.data(), elements.size() * sizeof(T)));
  return elements;
}

inline void* DataOf(oar_tensor tensor) {
  void* data = nullptr;
  EXPECT_TRUE(Ok(oar_tensor_data, tensor, &data));
  return data;
}

}  // namespace oarlock::capi_test

#endif  // OARLOCK_TESTS_CAPI_TENSORS_H_

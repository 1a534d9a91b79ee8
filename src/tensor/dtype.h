// Element types: their numbers are those of the plugin ABI, their names those of the KServe v2 protocol.
#ifndef OARLOCK_TENSOR_DTYPE_H_
#define OARLOCK_TENSOR_DTYPE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "oarlock/engine.h"

namespace oarlock {

enum class DType : int32_t {
  kInvalid = OAR_DTYPE_INVALID,
  kBool = OAR_DTYPE_BOOL,
  kU8 = OAR_DTYPE_U8,
  kU16 = OAR_DTYPE_U16,
  kU32 = OAR_DTYPE_U32,
  kU64 = OAR_DTYPE_U64,
  kI8 = OAR_DTYPE_I8,
  kI16 = OAR_DTYPE_I16,
  kI32 = OAR_DTYPE_I32,
  kI64 = OAR_DTYPE_I64,
  kF16 = OAR_DTYPE_F16,
  kBF16 = OAR_DTYPE_BF16,
  kF32 = OAR_DTYPE_F32,
  kF64 = OAR_DTYPE_F64,
  kBytes = OAR_DTYPE_BYTES,
};

struct DTypeRow {
  DType dtype;
  std::string_view name;  // "FP32"
  size_t size_bytes;      // of one element; 0 for BYTES, whose elements differ
};

std::span<const DTypeRow> DTypeRows();
// "FP32"; "INVALID" for a number that is no dtype.
std::string_view NameOf(DType dtype);
// 0 for BYTES and for a number that is no dtype. Asked several times in each request.
constexpr size_t ElementSizeBytes(DType dtype) {
  constexpr uint8_t kByNumber[] = {0, 1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 2, 4, 8, 0};
  const auto number = static_cast<uint32_t>(dtype);
  return number < sizeof kByNumber ? kByNumber[number] : 0;
}
std::optional<DType> DTypeFromName(std::string_view name);

// Bytes of the fixed-size C++ type that holds one element of these dtypes.
template <typename T>
constexpr DType DTypeOf();
template <>
constexpr DType DTypeOf<bool>() {
  return DType::kBool;
}
template <>
constexpr DType DTypeOf<uint8_t>() {
  return DType::kU8;
}
template <>
constexpr DType DTypeOf<uint16_t>() {
  return DType::kU16;
}
template <>
constexpr DType DTypeOf<uint32_t>() {
  return DType::kU32;
}
template <>
constexpr DType DTypeOf<uint64_t>() {
  return DType::kU64;
}
template <>
constexpr DType DTypeOf<int8_t>() {
  return DType::kI8;
}
template <>
constexpr DType DTypeOf<int16_t>() {
  return DType::kI16;
}
template <>
constexpr DType DTypeOf<int32_t>() {
  return DType::kI32;
}
template <>
constexpr DType DTypeOf<int64_t>() {
  return DType::kI64;
}
template <>
constexpr DType DTypeOf<float>() {
  return DType::kF32;
}
template <>
constexpr DType DTypeOf<double>() {
  return DType::kF64;
}

}  // namespace oarlock

#endif  // OARLOCK_TENSOR_DTYPE_H_

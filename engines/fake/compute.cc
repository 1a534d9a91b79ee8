#include "compute.h"

#include <cstring>
#include <type_traits>

namespace oarlock::fake {
namespace {

template <typename T>
T Apply(T value, Op op, int64_t add) {
  // Integers wrap around: in unsigned arithmetic, which may.
  if constexpr (std::is_integral_v<T>) {
    const auto wide = static_cast<uint64_t>(value);
    return static_cast<T>(op == Op::kDouble ? wide * 2 : wide + static_cast<uint64_t>(add));
  } else {
    return op == Op::kDouble ? value * T{2} : value + static_cast<T>(add);
  }
}

template <typename T>
void Each(Op op, int64_t add, const std::byte* from, std::byte* to, size_t size_bytes) {
  for (size_t i = 0; i + sizeof(T) <= size_bytes; i += sizeof(T)) {
    T value;
    std::memcpy(&value, from + i, sizeof value);
    value = Apply(value, op, add);
    std::memcpy(to + i, &value, sizeof value);
  }
}

using EachFunction = void (*)(Op, int64_t, const std::byte*, std::byte*, size_t);

EachFunction EachOf(oar_dtype dtype) {
  switch (dtype) {
    case OAR_DTYPE_U8:
      return Each<uint8_t>;
    case OAR_DTYPE_U16:
      return Each<uint16_t>;
    case OAR_DTYPE_U32:
      return Each<uint32_t>;
    case OAR_DTYPE_U64:
      return Each<uint64_t>;
    case OAR_DTYPE_I8:
      return Each<int8_t>;
    case OAR_DTYPE_I16:
      return Each<int16_t>;
    case OAR_DTYPE_I32:
      return Each<int32_t>;
    case OAR_DTYPE_I64:
      return Each<int64_t>;
    case OAR_DTYPE_F32:
      return Each<float>;
    case OAR_DTYPE_F64:
      return Each<double>;
    default:
      return nullptr;
  }
}

}  // namespace

bool Computes(oar_dtype dtype, Op op) { return op == Op::kIdentity || EachOf(dtype) != nullptr; }

void Compute(oar_dtype dtype, Op op, int64_t add, const void* from, void* to, size_t size_bytes) {
  if (size_bytes == 0) return;
  if (op == Op::kIdentity) {
    std::memcpy(to, from, size_bytes);
  } else {
    EachOf(dtype)(op, add, static_cast<const std::byte*>(from), static_cast<std::byte*>(to), size_bytes);
  }
}

}  // namespace oarlock::fake

#include "narrow.h"

#include <cstdint>
#include <cstring>
#include <limits>

#include "error.h"

namespace oarlock::openvino {
namespace {

template <typename T>
T ElementAt(const void* data, size_t index) {
  T value;  // the address may suit no T
  std::memcpy(&value, static_cast<const std::byte*>(data) + index * sizeof(T), sizeof value);
  return value;
}

template <typename T>
void Check(const Port& port, const void* data, size_t element_count) {
  const auto fits = [](T value) {
    if constexpr (std::is_signed_v<T>) {
      return value >= std::numeric_limits<int32_t>::min() && value <= std::numeric_limits<int32_t>::max();
    } else {
      return value <= static_cast<T>(std::numeric_limits<int32_t>::max());
    }
  };
  bool all = true;  // without an early end, so that the loop becomes vector code
  for (size_t i = 0; i < element_count; ++i) all &= fits(ElementAt<T>(data, i));
  if (all) return;
  size_t index = 0;
  while (fits(ElementAt<T>(data, index))) ++index;
  throw Failure(Code::kInvalidArgument, "input '" + port.name + "' has " + std::to_string(ElementAt<T>(data, index)) +
                                            " at element " + std::to_string(index) + "; the engine openvino computes " +
                                            std::string(NameOf(port.dtype)) +
                                            " in 32 bits and takes values from -2147483648 to 2147483647");
}

}  // namespace

void CheckFitsInt32(const Port& port, const void* data, size_t element_count) {
  switch (port.dtype) {
    case OAR_DTYPE_I64:
      return Check<int64_t>(port, data, element_count);
    case OAR_DTYPE_U64:
      return Check<uint64_t>(port, data, element_count);
    case OAR_DTYPE_U32:
      return Check<uint32_t>(port, data, element_count);
    default:
      return;
  }
}

}  // namespace oarlock::openvino

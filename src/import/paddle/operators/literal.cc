#include "import/paddle/operators/literal.h"

namespace oarlock::paddle {

std::string IntegerBytes(DType dtype, int64_t value) {
  if (dtype == DType::kI64) return std::string(reinterpret_cast<const char*>(&value), sizeof value);
  return ElementBytes(dtype, static_cast<double>(value));
}

// The lists of the other types are there and empty.
std::string LiteralBytes(Conversion& c, DType dtype) {
  std::string bytes;
  for (const std::string_view name : {"bool_values", "int8_values", "int32_values", "int64_values"}) {
    for (const int64_t value : c.IntList(name)) bytes += IntegerBytes(dtype, value);
  }
  for (const std::string_view name : {"fp16_values", "fp32_values", "fp64_values", "values"}) {
    for (const double value : c.FloatList(name)) bytes += ElementBytes(dtype, value);
  }
  return bytes;
}

}  // namespace oarlock::paddle

// Element types that engines compute in. ONNX Runtime and OpenVINO have arithmetic for few of the small integers.
#ifndef OARLOCK_IMPORT_PADDLE_OPERATORS_NUMBER_TYPE_H_
#define OARLOCK_IMPORT_PADDLE_OPERATORS_NUMBER_TYPE_H_

#include "import/paddle/conversion.h"

namespace oarlock::paddle {

inline bool IsFloat(DType dtype) {
  return dtype == DType::kF16 || dtype == DType::kBF16 || dtype == DType::kF32 || dtype == DType::kF64;
}

// A type with arithmetic that holds every value of `dtype`.
inline DType WorkType(DType dtype) {
  switch (dtype) {
    case DType::kBool:
    case DType::kI8:
    case DType::kU8:
    case DType::kI16:
    case DType::kU16:
      return DType::kI32;
    case DType::kU32:
      return DType::kI64;
    case DType::kBF16:
      return DType::kF32;
    default:
      return dtype;
  }
}

// Functions that ONNX Runtime has for FP32, and through it for FP16, alone.
inline DType FunctionType(DType dtype) { return dtype == DType::kF16 ? dtype : DType::kF32; }

inline Name CastTo(Conversion& c, const Name& value, DType from, DType to) {
  return from == to ? value : c.Cast(value, to);
}

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_OPERATORS_NUMBER_TYPE_H_

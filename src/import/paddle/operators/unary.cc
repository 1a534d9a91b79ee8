// Functions of one element.
#include <cmath>

#include "base/status.h"
#include "import/paddle/conversion.h"
#include "import/paddle/operators/number_type.h"

namespace oarlock::paddle {
namespace {

// Integers go into functions of real numbers as the element type of the result.
Name RealOperand(Conversion& c, DType* dtype) {
  const DType from = c.DTypeOf("X");
  const DType result = c.AboutResult("Out").dtype;
  *dtype = IsFloat(from) ? from : IsFloat(result) ? result : DType::kF32;
  return CastTo(c, c.In("X"), from, *dtype);
}

bool IsInteger(Conversion& c) { return !IsFloat(c.DTypeOf("X")); }

// Floor of the magnitude, with the sign.
Name Truncated(Conversion& c, const Name& value) {
  return c.Node("Mul", {c.Node("Sign", {value}), c.Node("Floor", {c.Node("Abs", {value})})});
}

}  // namespace

void Unary(Conversion& c) {
  DType dtype = DType::kInvalid;
  c.Set("Out", c.Node(c.onnx_type(), {RealOperand(c, &dtype)}));
}

// Those that integers have as well, and whose results are of the operand's type.
void UnarySame(Conversion& c) {
  const DType dtype = c.DTypeOf("X");
  const DType work = WorkType(dtype);
  c.Set("Out", CastTo(c, c.Node(c.onnx_type(), {CastTo(c, c.In("X"), dtype, work)}), work, dtype));
}

// Integers are whole already.
void Rounding(Conversion& c) { c.Set("Out", IsInteger(c) ? c.In("X") : c.Node(c.onnx_type(), {c.In("X")})); }

void Truncation(Conversion& c) { c.Set("Out", IsInteger(c) ? c.In("X") : Truncated(c, c.In("X"))); }

// Halves away from zero, where ONNX takes them to the even number.
void Round(Conversion& c) {
  if (IsInteger(c)) return c.Set("Out", c.In("X"));
  const DType dtype = c.DTypeOf("X");
  const Name factor = c.Scalar(dtype, std::pow(10.0, static_cast<double>(c.Int("decimals", 0))));
  const bool scaled = c.Int("decimals", 0) != 0;
  const Name x = scaled ? c.Node("Mul", {c.In("X"), factor}) : c.In("X");
  const Name magnitude = c.Node("Floor", {c.Node("Add", {c.Node("Abs", {x}), c.Scalar(dtype, 0.5)})});
  const Name rounded = c.Node("Mul", {c.Node("Sign", {x}), magnitude});
  c.Set("Out", scaled ? c.Node("Div", {rounded, factor}) : rounded);
}

void Rsqrt(Conversion& c) {
  DType dtype = DType::kInvalid;
  c.Set("Out", c.Node("Reciprocal", {c.Node("Sqrt", {RealOperand(c, &dtype)})}));
}

void Square(Conversion& c) {
  const DType dtype = c.DTypeOf("X");
  const Name x = CastTo(c, c.In("X"), dtype, WorkType(dtype));
  c.Set("Out", CastTo(c, c.Node("Mul", {x, x}), WorkType(dtype), dtype));
}

void Expm1(Conversion& c) {
  DType dtype = DType::kInvalid;
  const Name power = c.Node("Exp", {RealOperand(c, &dtype)});
  c.Set("Out", c.Node("Sub", {power, c.Scalar(dtype, 1)}));
}

void Log1p(Conversion& c) {
  DType dtype = DType::kInvalid;
  const Name x = RealOperand(c, &dtype);
  c.Set("Out", c.Node("Log", {c.Node("Add", {x, c.Scalar(dtype, 1)})}));
}

void LogOfBase(Conversion& c) {
  DType dtype = DType::kInvalid;
  const Name logarithm = c.Node("Log", {RealOperand(c, &dtype)});
  c.Set("Out", c.Node("Div", {logarithm, c.Scalar(dtype, std::log(c.type() == "log2" ? 2.0 : 10.0))}));
}

void IsNan(Conversion& c) {
  DType dtype = DType::kInvalid;
  c.Set("Out", c.Node("IsNaN", {RealOperand(c, &dtype)}));
}

void IsInf(Conversion& c) {
  DType dtype = DType::kInvalid;
  c.Set("Out", c.Node("IsInf", {RealOperand(c, &dtype)}));
}

void IsFinite(Conversion& c) {
  DType dtype = DType::kInvalid;
  const Name x = RealOperand(c, &dtype);
  c.Set("Out", c.Node("Not", {c.Node("Or", {c.Node("IsNaN", {x}), c.Node("IsInf", {x})})}));
}

void Cast(Conversion& c) {
  const DType from = c.DTypeOf("X");
  c.Set("Out", CastTo(c, c.In("X"), from, c.DTypeAttribute("out_dtype|dtype", from)));
}

// x to the power of a number, which may be computed.
void Pow(Conversion& c) {
  const DType dtype = c.DTypeOf("X");
  const DType result = c.AboutResult("Out").dtype == DType::kInvalid ? dtype : c.AboutResult("Out").dtype;
  Name x = c.In("X");
  if (c.Has("FactorTensor") && !c.Known("FactorTensor")) {
    const Name exponent = CastTo(c, c.In("FactorTensor"), c.DTypeOf("FactorTensor"), dtype);
    return c.Set("Out", c.Node("Pow", {x, exponent}));
  }
  const double exponent = c.KnownNumber("FactorTensor", "factor|y", 1);
  const bool whole = std::nearbyint(exponent) == exponent;
  if (exponent == 2) return c.Set("Out", CastTo(c, c.Node("Mul", {x, x}), dtype, result));
  const DType work = IsFloat(dtype) || (whole && exponent >= 0) ? dtype : DType::kF32;
  x = CastTo(c, x, dtype, work);
  c.Set("Out", CastTo(c, c.Node("Pow", {x, c.Scalar(work, exponent)}), work, result));
}

// Bounds are attributes, or tensors that may be computed.
void Clip(Conversion& c) {
  const DType dtype = c.DTypeOf("X");
  const DType work = WorkType(dtype);
  const auto bound = [&](std::string_view slot, std::string_view attribute, double otherwise) -> Name {
    if (c.Has(slot) && !c.Known(slot)) {
      return c.Node("Reshape", {CastTo(c, c.In(slot), c.DTypeOf(slot), work), c.IntVector({})});
    }
    const double value = c.KnownNumber(slot, attribute, otherwise);
    return std::isinf(value) ? Name() : c.Scalar(work, value);
  };
  const Name low = bound("Min", "min", -HUGE_VAL);
  const Name high = bound("Max", "max", HUGE_VAL);
  const Name x = CastTo(c, c.In("X"), dtype, work);
  c.Set("Out", CastTo(c, c.Node("Clip", {x, low, high}), work, dtype));
}

}  // namespace oarlock::paddle

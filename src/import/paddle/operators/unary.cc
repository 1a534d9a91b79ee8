// Functions of one element.
#include <cmath>
#include <cstdlib>

#include "base/status.h"
#include "import/paddle/converter.h"
#include "import/paddle/operator_list.h"
#include "import/paddle/operators/number_type.h"

namespace oarlock::paddle {
namespace {

// More than any element type has digits for.
constexpr int64_t kDecimalsMax = 308;

// Those that ONNX Runtime has for FP64 as well.
constexpr std::string_view kFp64Types = "Ceil Cos Exp Floor Log Reciprocal Relu Round Sigmoid Sin Sqrt Tanh";

// A function of real numbers. Integers go into it as the element type of the result.
struct RealFunction {
  RealFunction(Conversion& c, std::string_view onnx_type) : dtype(TypeOf(c)) {
    work = HasWord(kFp64Types, onnx_type, ' ') ? WorkType(dtype) : FunctionType(dtype);
    x = CastTo(c, c.In("X"), c.DTypeOf("X"), work);
  }
  void Set(Conversion& c, const Name& value) const { c.Set("Out", CastTo(c, value, work, dtype)); }

  DType dtype;  // of the result
  DType work;
  Name x;

 private:
  static DType TypeOf(Conversion& c) {
    if (IsFloat(c.DTypeOf("X"))) return c.DTypeOf("X");
    const DType result = c.AboutResult("Out").dtype;
    if (IsFloat(result)) return result;
    // Paddle computes reals, but for some functions its programs say otherwise, and others believe them.
    c.Fail(Unimplemented("the result is said to be integers"));
    return DType::kF32;
  }
};

bool IsInteger(Conversion& c) { return !IsFloat(c.DTypeOf("X")); }

void SetWhole(Conversion& c) {
  const DType result = c.AboutResult("Out").dtype;
  c.Set("Out", result == DType::kInvalid ? c.In("X") : CastTo(c, c.In("X"), c.DTypeOf("X"), result));
}

Name WideOperand(Conversion& c) {
  const DType dtype = c.DTypeOf("X");
  return CastTo(c, c.In("X"), dtype, dtype == DType::kF64 ? dtype : DType::kF32);
}

// Floor of the magnitude, with the sign.
Name Truncated(Conversion& c, const Name& value) {
  return c.Node("Mul", {c.Node("Sign", {value}), c.Node("Floor", {c.Node("Abs", {value})})});
}

// Not the floor of the magnitude and a half: the largest number below a half would become 1.
Name HalvesAway(Conversion& c, const Name& value, DType dtype) {
  const Name magnitude = c.Node("Abs", {value});
  const Name whole = c.Node("Floor", {magnitude});
  const Name is_up = c.Node("GreaterOrEqual", {c.Node("Sub", {magnitude, whole}), c.Scalar(dtype, 0.5)});
  return c.Node("Mul", {c.Node("Sign", {value}), c.Node("Add", {whole, c.Cast(is_up, dtype)})});
}

}  // namespace

void Unary(Conversion& c) {
  const RealFunction function(c, c.onnx_type());
  function.Set(c, c.Node(c.onnx_type(), {function.x}));
}

// Those that integers have as well, and whose results are of the operand's type.
void UnarySame(Conversion& c) {
  const DType dtype = c.DTypeOf("X");
  const DType work = WorkType(dtype);
  c.Set("Out", CastTo(c, c.Node(c.onnx_type(), {CastTo(c, c.In("X"), dtype, work)}), work, dtype));
}

// Integers are whole already, of whatever type the result is.
void Rounding(Conversion& c) {
  if (IsInteger(c)) return SetWhole(c);
  const RealFunction function(c, "Floor");
  function.Set(c, c.onnx_type().empty() ? Truncated(c, function.x) : c.Node(c.onnx_type(), {function.x}));
}

// Paddle 3.3, which writes PIR version 4, takes halves to the even number, as ONNX does; those before it away from
// zero.
void Round(Conversion& c) {
  if (IsInteger(c)) return SetWhole(c);
  const Program& program = c.converter().program();
  const bool to_even = program.dialect == Dialect::kPir && program.version >= 4;
  const RealFunction function(c, "Round");
  const int64_t decimals = to_even ? c.Int("decimals", 0) : 0;  // the others do not look at it
  if (decimals < -kDecimalsMax || decimals > kDecimalsMax) return c.Fail(InvalidArgument("{} decimals", decimals));
  const Name factor = c.Scalar(function.work, std::pow(10.0, static_cast<double>(std::abs(decimals))));
  Name value = function.x;
  if (decimals != 0) value = c.Node(decimals > 0 ? "Mul" : "Div", {value, factor});
  value = to_even ? c.Node("Round", {value}) : HalvesAway(c, value, function.work);
  if (decimals != 0) value = c.Node(decimals > 0 ? "Div" : "Mul", {value, factor});
  function.Set(c, value);
}

void Rsqrt(Conversion& c) {
  const RealFunction function(c, "Sqrt");
  function.Set(c, c.Node("Reciprocal", {c.Node("Sqrt", {function.x})}));
}

void Square(Conversion& c) {
  const DType dtype = c.DTypeOf("X");
  const Name x = CastTo(c, c.In("X"), dtype, WorkType(dtype));
  c.Set("Out", CastTo(c, c.Node("Mul", {x, x}), WorkType(dtype), dtype));
}

// exp(x) - 1 in a form that keeps the digits of a small x.
void Expm1(Conversion& c) {
  const RealFunction function(c, "Exp");
  const Name half = c.Node("Mul", {function.x, c.Scalar(function.work, 0.5)});
  const Name sum = c.Node("Add", {c.Node("Exp", {function.x}), c.Scalar(function.work, 1)});
  function.Set(c, c.Node("Mul", {c.Node("Tanh", {half}), sum}));
}

void Log1p(Conversion& c) {
  const RealFunction function(c, "Log");
  function.Set(c, c.Node("Log", {c.Node("Add", {function.x, c.Scalar(function.work, 1)})}));
}

void LogOfBase(Conversion& c) {
  const RealFunction function(c, "Log");
  const double base = c.type() == "log2" ? 2 : 10;
  function.Set(c, c.Node("Div", {c.Node("Log", {function.x}), c.Scalar(function.work, std::log(base))}));
}

// log(x / (1 - x)) of an x that is kept eps away from 0 and 1; with eps 0 it is not kept there.
void Logit(Conversion& c) {
  const RealFunction function(c, "Log");
  const auto number = [&](double value) { return c.Scalar(function.work, value); };
  const double eps = c.Float("eps", 1e-6);
  Name x = function.x;
  if (eps != 0) x = c.Node("Clip", {x, number(eps), number(1 - eps)});
  function.Set(c, c.Node("Log", {c.Node("Div", {x, c.Node("Sub", {number(1), x})})}));
}

// ONNX Runtime's IsInf has no FP16.
void IsNan(Conversion& c) { c.Set("Out", c.Node("IsNaN", {WideOperand(c)})); }

void IsInf(Conversion& c) { c.Set("Out", c.Node("IsInf", {WideOperand(c)})); }

void IsFinite(Conversion& c) {
  const Name x = WideOperand(c);
  c.Set("Out", c.Node("Not", {c.Node("Or", {c.Node("IsNaN", {x}), c.Node("IsInf", {x})})}));
}

void Cast(Conversion& c) {
  const DType from = c.DTypeOf("X");
  const DType to = c.DTypeAttribute("out_dtype|dtype", from);
  if (from == to) return c.SetSame("Out", "X");
  c.Set("Out", c.Cast(c.In("X"), to));
}

// x to the power of a number, which may be computed. Of integers Paddle makes it one of them first.
void Pow(Conversion& c) {
  const DType dtype = c.DTypeOf("X");
  const DType work = WorkType(dtype);
  const Name x = CastTo(c, c.In("X"), dtype, work);
  Name exponent;
  if (c.Has("FactorTensor") && !c.Known("FactorTensor")) {
    exponent = c.Reshape(CastTo(c, c.In("FactorTensor"), c.DTypeOf("FactorTensor"), work), {});
  } else {
    const double number = c.KnownNumber("FactorTensor", "factor|y", 1);
    if (!IsFloat(dtype) && number <= -1) return c.Fail(Unimplemented("integers to the power of {}", number));
    exponent = c.Scalar(work, number);
  }
  c.Set("Out", CastTo(c, c.Node("Pow", {x, exponent}), work, dtype));
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

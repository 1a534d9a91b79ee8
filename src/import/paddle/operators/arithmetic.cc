// Arithmetic between tensors, and with numbers.
#include <cmath>

#include "base/status.h"
#include "import/paddle/operators/binary.h"
#include "import/paddle/operators/selection.h"

namespace oarlock::paddle {
namespace {

// Where the sign of a remainder is not that of the divisor, as Paddle wants it.
Name IsOffByOne(Conversion& c, const Name& remainder, const Name& divisor, DType dtype) {
  const Name zero = c.Scalar(dtype, 0);
  const Name signs = c.Node("Xor", {c.Node("Less", {remainder, zero}), c.Node("Less", {divisor, zero})});
  return c.Node("And", {c.Node("Not", {c.Node("Equal", {remainder, zero})}), signs});
}

}  // namespace

void Elementwise(Conversion& c) {
  const Operands operands(c);
  std::string type = c.onnx_type();
  if (operands.of_bool()) {  // a sum of conditions is "or", a product "and"
    if (type == "Add" || type == "Max") type = "Or";
    if (type == "Mul" || type == "Min") type = "And";
    if (type == "Or" || type == "And") return c.Set("Out", c.Node(type, {c.In("X"), operands.RawY(c)}));
  }
  operands.SetResult(c, c.Node(type, {operands.x, operands.y}));
}

// Of integers, the quotient that a division rounds down to.
void FloorDivide(Conversion& c) {
  const Operands operands(c);
  const Name quotient = c.Node("Div", {operands.x, operands.y});
  if (IsFloat(operands.work)) return operands.SetResult(c, c.Node("Floor", {quotient}));
  const Name remainder = c.Node("Sub", {operands.x, c.Node("Mul", {quotient, operands.y})});
  const Name off = c.Cast(IsOffByOne(c, remainder, operands.y, operands.work), operands.work);
  operands.SetResult(c, c.Node("Sub", {quotient, off}));
}

// The remainder has the divisor's sign. ONNX's has it for integers only.
void Modulo(Conversion& c) {
  const Operands operands(c);
  if (!IsFloat(operands.work)) return operands.SetResult(c, c.Node("Mod", {operands.x, operands.y}));
  const Name remainder = c.Node("Mod", {operands.x, operands.y}, {{"fmod", int64_t{1}}});
  const Name off = IsOffByOne(c, remainder, operands.y, operands.work);
  operands.SetResult(c, Choice(c, off, c.Node("Add", {remainder, operands.y}), remainder, operands.work));
}

// The other one where one is no number.
void ExtremeOfNumbers(Conversion& c) {
  const Operands operands(c);
  if (!IsFloat(operands.work)) return operands.SetResult(c, c.Node(c.onnx_type(), {operands.x, operands.y}));
  const Name x = Choice(c, c.Node("IsNaN", {operands.x}), operands.y, operands.x, operands.work);
  const Name y = Choice(c, c.Node("IsNaN", {operands.y}), operands.x, operands.y, operands.work);
  operands.SetResult(c, c.Node(c.onnx_type(), {x, y}));
}

// The angle of (x2, x1); ONNX has no operator for it.
void Atan2(Conversion& c) {
  const DType dtype = c.DTypeOf("X1");
  const DType work = IsFloat(dtype) ? dtype : DType::kF32;
  const Name y = CastTo(c, c.In("X1"), dtype, work);
  const Name x = CastTo(c, c.In("X2"), c.DTypeOf("X2"), work);
  const auto number = [&](double value) { return c.Scalar(work, value); };
  const Name zero = number(0);
  const Name below = c.Node("Less", {y, zero});
  const Name half_turn = Choice(c, below, number(-M_PI), number(M_PI), work);
  const Name angle = c.Node("Atan", {c.Node("Div", {y, x})});
  const Name turned = Choice(c, c.Node("Less", {x, zero}), c.Node("Add", {angle, half_turn}), angle, work);
  // 0 / 0 is no number; Paddle gives 0.
  const Name origin = c.Node("And", {c.Node("Equal", {x, zero}), c.Node("Equal", {y, zero})});
  c.Set("Out", Choice(c, origin, zero, turned, work));
}

// scale * x + bias, or scale * (x + bias).
void Scale(Conversion& c) {
  const DType dtype = c.DTypeOf("X");
  const DType work = WorkType(dtype);
  Name value = CastTo(c, c.In("X"), dtype, work);
  const double bias = c.Float("bias", 0);
  const bool bias_after = c.Bool("bias_after_scale", true);
  const auto add_bias = [&] {
    if (bias != 0) value = c.Node("Add", {value, c.Scalar(work, bias)});
  };
  if (!bias_after) add_bias();
  if (c.Has("ScaleTensor") && !c.Known("ScaleTensor")) {
    const Name scale = CastTo(c, c.In("ScaleTensor"), c.DTypeOf("ScaleTensor"), work);
    value = c.Node("Mul", {value, c.Node("Reshape", {scale, c.IntVector({})})});
  } else if (const double scale = c.KnownNumber("ScaleTensor", "scale", 1); scale != 1) {
    value = c.Node("Mul", {value, c.Scalar(work, scale)});
  }
  if (bias_after) add_bias();
  c.Set("Out", CastTo(c, value, work, dtype));
}

// A list of tensors of one size.
void AddAll(Conversion& c) {
  const std::vector<Name> terms = c.InList("X");
  if (terms.empty()) return c.Fail(InvalidArgument("a sum of nothing"));
  Name sum = terms[0];
  for (size_t i = 1; i < terms.size(); ++i) sum = c.Node("Add", {sum, terms[i]});
  c.Set("Out", sum);
}

void Increment(Conversion& c) {
  const DType dtype = c.DTypeOf("X");
  c.Set("Out", c.Node("Add", {c.In("X"), c.Scalar(dtype, c.Float("step|value", 1))}));
}

}  // namespace oarlock::paddle

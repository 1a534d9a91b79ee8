// Arithmetic between tensors, and with numbers.
#include <algorithm>
#include <cmath>

#include "base/status.h"
#include "import/paddle/operators/binary.h"
#include "import/paddle/operators/selection.h"

namespace oarlock::paddle {

void Elementwise(Conversion& c) {
  const Operands operands(c);
  std::string type = c.onnx_type();
  if (operands.of_bool()) {  // a sum of conditions is "or", a product "and"
    if (type == "Add" || type == "Max") type = "Or";
    if (type == "Mul" || type == "Min") type = "And";
    if (type == "Or" || type == "And") {
      return c.Set("Out", c.Node(type, {Operands::Aligned(c, "X", "Y"), Operands::Aligned(c, "Y", "X")}));
    }
  }
  operands.SetResult(c, c.Node(type, {operands.x, operands.y}));
}

// Of integers ProgramDesc's quotient is cut off at the point.
void Divide(Conversion& c) {
  const Operands operands(c);
  if (IsFloat(operands.work)) return operands.SetResult(c, c.Node("Div", {operands.x, operands.y}));
  const Division division = FloorDivision(c, operands.x, operands.y, operands.work);
  const Name zero = c.Scalar(operands.work, 0);
  const Name is_inexact = c.Node("Not", {c.Node("Equal", {division.remainder, zero})});
  const Name is_below = c.Node("Xor", {c.Node("Less", {operands.x, zero}), c.Node("Less", {operands.y, zero})});
  const Name off = c.Cast(c.Node("And", {is_inexact, is_below}), operands.work);
  operands.SetResult(c, c.Node("Add", {division.quotient, off}));
}

// Of reals not the floor of the quotient, which is rounded: 1 // 0.1 is 9, as in Python.
void FloorDivide(Conversion& c) {
  const Operands operands(c);
  const Division division = FloorDivision(c, operands.x, operands.y, operands.work);
  operands.SetResult(c, division.quotient);
}

void Modulo(Conversion& c) {
  const Operands operands(c);
  operands.SetResult(c, FloorDivision(c, operands.x, operands.y, operands.work).remainder);
}

// The other one where one is no number.
void ExtremeOfNumbers(Conversion& c) {
  const Operands operands(c);
  if (!IsFloat(operands.work)) return operands.SetResult(c, c.Node(c.onnx_type(), {operands.x, operands.y}));
  const Name x = Choice(c, c.Node("IsNaN", {operands.x}), operands.y, operands.x, operands.work);
  const Name y = Choice(c, c.Node("IsNaN", {operands.y}), operands.x, operands.y, operands.work);
  operands.SetResult(c, c.Node(c.onnx_type(), {x, y}));
}

// The angle of (x2, x1); ONNX has no operator for it. Of integers it is FP64.
void Atan2(Conversion& c) {
  const DType dtype = c.DTypeOf("X1");
  const DType work = FunctionType(dtype);
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
  c.Set("Out", CastTo(c, Choice(c, origin, zero, turned, work), work, IsFloat(dtype) ? dtype : DType::kF64));
}

// x + weight * (y - x).
void Lerp(Conversion& c) {
  const DType dtype = c.DTypeOf("X");
  const DType work = WorkType(dtype);
  const auto operand = [&](std::string_view slot) { return CastTo(c, c.In(slot), c.DTypeOf(slot), work); };
  const Name x = operand("X");
  const Name way = c.Node("Mul", {operand("Weight"), c.Node("Sub", {operand("Y"), x})});
  c.Set("Out", CastTo(c, c.Node("Add", {x, way}), work, dtype));
}

// 0 below 0, y at 0, 1 above; 0 too for what is no number.
void Heaviside(Conversion& c) {
  const Operands operands(c);
  const Name zero = c.Scalar(operands.work, 0);
  const Name step = c.Cast(c.Node("Greater", {operands.x, zero}), operands.work);
  operands.SetResult(c, Choice(c, c.Node("Equal", {operands.x, zero}), operands.y, step, operands.work));
}

// Each element of X times all of Y: dim i of the result is dim i of X times that of Y.
void Kronecker(Conversion& c) {
  const Operands operands(c);
  const int rank_x = c.Rank("X");
  const int rank_y = c.Rank("Y");
  const int rank = std::max(rank_x, rank_y);
  // [x0, 1, x1, 1 ..] and [1, y0, 1, y1 ..]; the shorter one gets dims of 1 in front.
  std::vector<int64_t> axes_x, axes_y;
  for (int i = 0; i < rank; ++i) {
    axes_x.push_back(2 * i + 1);
    axes_y.push_back(2 * i);
    if (i < rank - rank_x) axes_x.push_back(2 * i);
    if (i < rank - rank_y) axes_y.push_back(2 * i + 1);
  }
  const Name x = c.Node("Unsqueeze", {operands.x, c.IntVector(axes_x)});
  const Name y = c.Node("Unsqueeze", {operands.y, c.IntVector(axes_y)});
  const auto dims = [&](const Name& value, int missing) {
    const std::vector<int64_t> ones(static_cast<size_t>(missing), 1);
    return missing == 0 ? c.ShapeOf(value) : c.Concat({c.IntVector(ones), c.ShapeOf(value)}, 0);
  };
  const Name shape = c.Node("Mul", {dims(operands.x, rank - rank_x), dims(operands.y, rank - rank_y)});
  operands.SetResult(c, c.Node("Reshape", {c.Node("Mul", {x, y}), shape}));
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

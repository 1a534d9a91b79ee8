#include "import/paddle/operators/binary.h"

#include "base/status.h"
#include "import/paddle/operators/selection.h"

namespace oarlock::paddle {
namespace {

// Types are the same but in older programs, which compute in X's; a quotient of integers may be real.
DType TypeOf(Conversion& c) {
  const DType result = c.AboutResult("Out").dtype;
  const DType x = c.DTypeOf("X");
  return IsFloat(result) && !IsFloat(x) ? result : x;
}

}  // namespace

Operands::Operands(Conversion& c)
    : work(WorkType(TypeOf(c))),
      x(CastTo(c, Aligned(c, "X", "Y"), c.DTypeOf("X"), work)),
      y(CastTo(c, Aligned(c, "Y", "X"), c.DTypeOf("Y"), work)),
      dtype_(c.DTypeOf("X")) {}

// ProgramDesc's `axis`: where the dims of the tensor with fewer dims stand in the other. ONNX aligns at the end, so it
// gets dims of 1 behind.
Name Operands::Aligned(Conversion& c, std::string_view slot, std::string_view other) {
  const int64_t axis = c.Int("axis", -1);
  if (axis < 0) return c.In(slot);
  const int rank = c.Rank(slot);
  const int rank_of_other = c.Rank(other);
  if (rank >= rank_of_other) return c.In(slot);
  const int64_t missing = rank_of_other - axis - rank;
  if (missing < 0) c.Fail(InvalidArgument("axis {} for {} of {} dims", axis, rank, rank_of_other));
  if (missing <= 0) return c.In(slot);
  std::vector<int64_t> axes;
  for (int64_t i = 0; i < missing; ++i) axes.push_back(rank + i);
  return c.Node("Unsqueeze", {c.In(slot), c.IntVector(axes)});
}

void Operands::SetResult(Conversion& c, const Name& value) const {
  const DType result = c.AboutResult("Out").dtype;
  c.Set("Out", result == DType::kInvalid ? value : CastTo(c, value, work, result));
}

namespace {

// Where a remainder has not the divisor's sign.
Name IsBelow(Conversion& c, const Name& remainder, const Name& divisor, DType dtype) {
  const Name zero = c.Scalar(dtype, 0);
  const Name signs = c.Node("Xor", {c.Node("Less", {remainder, zero}), c.Node("Less", {divisor, zero})});
  return c.Node("And", {c.Node("Not", {c.Node("Equal", {remainder, zero})}), signs});
}

// ONNX's remainder has the divisor's sign for integers only.
Division FloorDivisionOfReals(Conversion& c, const Name& x, const Name& y, DType dtype) {
  const Name remainder = c.Node("Mod", {x, y}, {{"fmod", int64_t{1}}});
  const Name lifted = Choice(c, IsBelow(c, remainder, y, dtype), c.Node("Add", {remainder, y}), remainder, dtype);
  return {c.Node("Round", {c.Node("Div", {c.Node("Sub", {x, lifted}), y})}), lifted};
}

}  // namespace

// Not Mod: OpenVINO divides integers as FP32. Its quotient of large ones is only near, but products and sums are exact,
// and what the first division leaves is small enough for the second.
Division FloorDivision(Conversion& c, const Name& x, const Name& y, DType dtype) {
  if (IsFloat(dtype)) return FloorDivisionOfReals(c, x, y, dtype);
  const Name near = c.Node("Div", {x, y});
  const Name left = c.Node("Sub", {x, c.Node("Mul", {near, y})});
  const Name rest = c.Node("Div", {left, y});
  const Name quotient = c.Node("Add", {near, rest});
  const Name remainder = c.Node("Sub", {left, c.Node("Mul", {rest, y})});
  const Name off = c.Cast(IsBelow(c, remainder, y, dtype), dtype);
  return {c.Node("Sub", {quotient, off}), c.Node("Add", {remainder, c.Node("Mul", {off, y})})};
}

}  // namespace oarlock::paddle

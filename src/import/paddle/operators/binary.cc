#include "import/paddle/operators/binary.h"

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
      x(CastTo(c, c.In("X"), c.DTypeOf("X"), work)),
      y(CastTo(c, RawY(c), c.DTypeOf("Y"), work)),
      dtype_(c.DTypeOf("X")) {}

// ProgramDesc's `axis`: where the dims of Y stand in X. ONNX aligns at the end, so Y gets dims of 1 behind.
Name Operands::RawY(Conversion& c) const {
  const Name y_name = c.In("Y");
  const int64_t axis = c.Int("axis", -1);
  if (axis < 0) return y_name;
  const int rank = c.Rank("Y");
  const int missing = c.Rank("X") - static_cast<int>(axis) - rank;
  if (missing <= 0) return y_name;
  std::vector<int64_t> axes;
  for (int i = 0; i < missing; ++i) axes.push_back(rank + i);
  return c.Node("Unsqueeze", {y_name, c.IntVector(axes)});
}

void Operands::SetResult(Conversion& c, const Name& value) const {
  const DType result = c.AboutResult("Out").dtype;
  c.Set("Out", result == DType::kInvalid ? value : CastTo(c, value, work, result));
}

}  // namespace oarlock::paddle

// Comparisons and logic.
#include "base/status.h"
#include "import/paddle/operators/binary.h"

namespace oarlock::paddle {

void Comparison(Conversion& c) {
  const Operands operands(c);
  c.Set("Out", c.Node(c.onnx_type(), {operands.x, operands.y}));
}

void NotEqual(Conversion& c) {
  const Operands operands(c);
  c.Set("Out", c.Node("Not", {c.Node("Equal", {operands.x, operands.y})}));
}

// What is not 0 is true.
void Logical(Conversion& c) {
  const Name x = CastTo(c, c.In("X"), c.DTypeOf("X"), DType::kBool);
  if (c.onnx_type() == "Not") return c.Set("Out", c.Node("Not", {x}));
  c.Set("Out", c.Node(c.onnx_type(), {x, CastTo(c, c.In("Y"), c.DTypeOf("Y"), DType::kBool)}));
}

// Of conditions the same as logic. Of integers ONNX has it from operator set 18 on, but for "not".
void Bitwise(Conversion& c) {
  if (c.DTypeOf("X") == DType::kBool) return Logical(c);
  if (c.onnx_type() != "Not") return c.Fail(Unimplemented("bits of integers need ONNX operator set 18"));
  const DType dtype = c.DTypeOf("X");
  const DType work = WorkType(dtype);
  const Name x = CastTo(c, c.In("X"), dtype, work);
  c.Set("Out", CastTo(c, c.Node("Sub", {c.Scalar(work, -1), x}), work, dtype));
}

}  // namespace oarlock::paddle

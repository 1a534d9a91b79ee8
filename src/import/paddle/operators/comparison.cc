// Comparisons and logic.
#include <charconv>

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

namespace {

// Before 2.5 Paddle had no tensors without dims: one answer was [1].
void SetAll(Conversion& c, const Name& conditions) {
  const Name least = c.Node("ReduceMin", {c.Cast(conditions, DType::kI32)}, {{"keepdims", int64_t{0}}});
  const Name all = c.Cast(least, DType::kBool);
  c.Set("Out", c.AboutResult("Out").dims.size() == 1 ? c.Reshape(all, {1}) : all);
}

// PIR has an operand; ProgramDesc that as well, or a text.
Name Tolerance(Conversion& c, std::string_view slot, std::string_view attribute, DType dtype) {
  if (c.Has(slot) && !c.Known(slot)) return c.Reshape(CastTo(c, c.In(slot), c.DTypeOf(slot), dtype), {});
  if (c.Has(slot)) return c.Scalar(dtype, c.KnownNumber(slot, attribute, 0));
  const std::string text = c.String(attribute, "0.0");
  double number = 0;
  const char* end = text.data() + text.size();
  if (const auto read = std::from_chars(text.data(), end, number); read.ec != std::errc() || read.ptr != end) {
    c.Fail(InvalidArgument("attribute '{}' is no number", attribute));
  }
  return c.Scalar(dtype, number);
}

// |x - y| <= atol + rtol * |y|, or the same infinity, or both no number where that is wanted.
Name AreClose(Conversion& c) {
  const DType work = WorkType(c.DTypeOf("Input"));
  const Name x = CastTo(c, c.In("Input"), c.DTypeOf("Input"), work);
  const Name y = CastTo(c, c.In("Other"), c.DTypeOf("Other"), work);
  const Name relative = c.Node("Mul", {Tolerance(c, "Rtol", "rtol", work), c.Node("Abs", {y})});
  const Name bound = c.Node("Add", {Tolerance(c, "Atol", "atol", work), relative});
  const Name distance = c.Node("Abs", {c.Node("Sub", {x, y})});
  const Name close = c.Node("Or", {c.Node("LessOrEqual", {distance, bound}), c.Node("Equal", {x, y})});
  if (!c.Bool("equal_nan", false)) return close;
  return c.Node("Or", {close, c.Node("And", {c.Node("IsNaN", {x}), c.Node("IsNaN", {y})})});
}

}  // namespace

void IsClose(Conversion& c) { c.Set("Out", AreClose(c)); }

void AllClose(Conversion& c) { SetAll(c, AreClose(c)); }

}  // namespace oarlock::paddle

// Elements that are chosen by a condition.
#include "import/paddle/operators/selection.h"

#include "base/status.h"

namespace oarlock::paddle {

Name Choice(Conversion& c, const Name& condition, const Name& yes, const Name& no, DType dtype) {
  DType through = dtype;
  if (dtype == DType::kBool) through = DType::kU8;
  if (dtype == DType::kI8 || dtype == DType::kI16) through = DType::kI32;
  if (through == dtype) return c.Node("Where", {condition, yes, no});
  return c.Cast(c.Node("Where", {condition, c.Cast(yes, through), c.Cast(no, through)}), dtype);
}

// Paddle 2 takes two types, and computes in that of X.
void Where(Conversion& c) {
  Name y = c.In("Y");
  if (c.DTypeOf("Y") != c.DTypeOf("X")) y = c.Cast(y, c.DTypeOf("X"));
  c.Set("Out", Choice(c, c.In("Condition"), c.In("X"), y, c.DTypeOf("X")));
}

// ONNX gives the places in columns.
void NonZero(Conversion& c) {
  if (c.Rank("Condition") == 0) return c.Fail(Unimplemented("places in a tensor without dims"));
  c.Set("Out", c.Transpose(c.Node("NonZero", {c.In("Condition")}), {1, 0}));
}

namespace {

// Whether the program says that both have the same dims, none of them dynamic.
bool HaveSameDims(const Value& a, const Value& b) {
  if (!a.rank_known || !b.rank_known || a.dims != b.dims) return false;
  for (const int64_t dim : a.dims) {
    if (dim < 0) return false;
  }
  return true;
}

}  // namespace

// Newer versions broadcast the two.
void MaskedSelect(Conversion& c) {
  Name x = c.In("X");
  Name mask = c.In("Mask");
  if (!HaveSameDims(c.About("X"), c.About("Mask"))) {
    mask = c.Node("Expand", {mask, c.ShapeOf(x)});
    x = c.Node("Expand", {x, c.ShapeOf(mask)});
  }
  // Both as one line: OpenVINO's Compress without an axis wants to know the number of dims.
  c.Set("Y", c.Node("Compress", {c.Reshape(x, {-1}), c.Reshape(mask, {-1})}, {{"axis", int64_t{0}}}));
}

void MaskedFill(Conversion& c) {
  const DType dtype = c.DTypeOf("X");
  const Name value = c.DTypeOf("Value") == dtype ? c.In("Value") : c.Cast(c.In("Value"), dtype);
  c.Set("Out", Choice(c, c.In("Mask"), value, c.In("X"), dtype));
}

// Not Trilu, which ONNX Runtime has for three types only. An element is kept by how far right of the diagonal it lies.
void Triangle(Conversion& c) {
  const bool is_upper = c.onnx_type() == "upper" || (c.onnx_type().empty() && !c.Bool("lower", true));
  const auto counted = [&](int64_t axis) {
    const Name dim = c.Reshape(c.DimOf(c.In("X"), axis), {});
    return c.Counted(dim);
  };
  const Name distance = c.Node("Sub", {counted(-1), c.Unsqueeze(counted(-2), {1})});
  const Name diagonal = c.IntScalar(c.Int("diagonal", 0));
  const Name is_kept = c.Node(is_upper ? "GreaterOrEqual" : "LessOrEqual", {distance, diagonal});
  const DType dtype = c.DTypeOf("X");
  c.Set("Out", Choice(c, is_kept, c.In("X"), c.Scalar(dtype, 0), dtype));
}

}  // namespace oarlock::paddle

// Elements that are chosen by a condition.
#include "base/status.h"
#include "import/paddle/conversion.h"

namespace oarlock::paddle {

// Paddle 2 takes two types, and computes in that of X.
void Where(Conversion& c) {
  Name y = c.In("Y");
  if (c.DTypeOf("Y") != c.DTypeOf("X")) y = c.Cast(y, c.DTypeOf("X"));
  c.Set("Out", c.Node("Where", {c.In("Condition"), c.In("X"), y}));
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
  Name value = c.In("Value");
  if (c.DTypeOf("Value") != c.DTypeOf("X")) value = c.Cast(value, c.DTypeOf("X"));
  c.Set("Out", c.Node("Where", {c.In("Mask"), value, c.In("X")}));
}

namespace {

bool IsTriluType(DType dtype) { return dtype == DType::kF32 || dtype == DType::kF64 || dtype == DType::kI64; }

}  // namespace

// ONNX Runtime has Trilu for a few types only; the others go through one that holds their values.
void Triangle(Conversion& c) {
  constexpr int kTriluOpset = 14;
  if (c.opset() < kTriluOpset) return c.Fail(Unimplemented("triangles of a matrix need operator set {}", kTriluOpset));
  const bool is_upper = c.onnx_type() == "upper" || (c.onnx_type().empty() && !c.Bool("lower", true));
  const DType dtype = c.DTypeOf("X");
  const DType through = dtype == DType::kF16 || dtype == DType::kBF16 ? DType::kF32 : DType::kI64;
  const Name x = IsTriluType(dtype) ? c.In("X") : c.Cast(c.In("X"), through);
  const Name part = c.Node("Trilu", {x, c.IntScalar(c.Int("diagonal", 0))}, {{"upper", int64_t{is_upper}}});
  c.Set("Out", IsTriluType(dtype) ? part : c.Cast(part, dtype));
}

}  // namespace oarlock::paddle

// Arithmetic between tensors, and with numbers.
#include "import/paddle/conversion.h"

namespace oarlock::paddle {
namespace {

// ProgramDesc's `axis`: where the dims of Y stand in X. ONNX aligns at the end, so Y gets dims of 1 behind.
Name AlignedY(Conversion& c) {
  const Name y = c.In("Y");
  const int64_t axis = c.Int("axis", -1);
  if (axis < 0) return y;
  const int missing = c.Rank("X") - static_cast<int>(axis) - c.Rank("Y");
  if (missing <= 0) return y;
  std::vector<int64_t> axes;
  for (int i = 0; i < missing; ++i) axes.push_back(c.Rank("Y") + i);
  return c.Node("Unsqueeze", {y, c.IntVector(axes)});
}

}  // namespace

void Elementwise(Conversion& c) { c.Set("Out", c.Node(c.onnx_type(), {c.In("X"), AlignedY(c)})); }

// scale * x + bias, or scale * (x + bias).
void Scale(Conversion& c) {
  const DType dtype = c.DTypeOf("X");
  Name value = c.In("X");
  const double bias = c.Float("bias", 0);
  const bool bias_after = c.Bool("bias_after_scale", true);
  const auto add_bias = [&] {
    if (bias != 0) value = c.Node("Add", {value, c.Scalar(dtype, bias)});
  };
  if (!bias_after) add_bias();
  if (c.Has("ScaleTensor") && !c.Known("ScaleTensor")) {
    Name scale = c.In("ScaleTensor");
    if (c.DTypeOf("ScaleTensor") != dtype) scale = c.Cast(scale, dtype);
    value = c.Node("Mul", {value, c.Node("Reshape", {scale, c.IntVector({})})});
  } else if (const double scale = c.KnownNumber("ScaleTensor", "scale", 1); scale != 1) {
    value = c.Node("Mul", {value, c.Scalar(dtype, scale)});
  }
  if (bias_after) add_bias();
  c.Set("Out", value);
}

}  // namespace oarlock::paddle

// Pixels at places that a grid gives.
#include "base/status.h"
#include "import/paddle/conversion.h"

namespace oarlock::paddle {

void GridSample(Conversion& c) {
  if (c.opset() < 16) return c.Fail(Unimplemented("it needs ONNX operator set 16"));
  if (c.Rank("X") != 4) return c.Fail(Unimplemented("{} dims; ONNX samples pictures alone", c.Rank("X")));
  const std::string mode = c.String("mode", "bilinear");
  const std::string padding = c.String("padding_mode", "zeros");
  if (mode != "bilinear" && mode != "nearest") return c.Fail(Unimplemented("mode '{}'", Printable(mode)));
  if (padding != "zeros" && padding != "border" && padding != "reflection") {
    return c.Fail(Unimplemented("padding_mode '{}'", Printable(padding)));
  }
  c.Set("Output",
        c.Node("GridSample", {c.In("X"), c.In("Grid")},
               {{"mode", mode}, {"padding_mode", padding}, {"align_corners", int64_t{c.Bool("align_corners", true)}}}));
}

namespace {

// Places of `count` pixels along one dim, from -1 to 1: of the outer ones' centres, or of their edges.
Name Places(Conversion& c, const Name& count, DType dtype, bool align_corners) {
  const Name index = c.Cast(c.Counted(count), dtype);
  const Name twice = c.Node("Mul", {index, c.Scalar(dtype, 2)});
  const Name one = c.Scalar(dtype, 1);
  const Name size = c.Cast(count, dtype);
  if (align_corners) {
    const Name steps = c.Node("Max", {c.Node("Sub", {size, one}), one});
    return c.Node("Sub", {c.Node("Div", {twice, steps}), one});
  }
  return c.Node("Sub", {c.Node("Div", {c.Node("Add", {twice, one}), size}), one});
}

}  // namespace

// ONNX has it from operator set 20 on. [x, y, 1] of each pixel times the matrix: [N, H, W, 2].
void AffineGrid(Conversion& c) {
  if (c.Dim("Theta", 1) != 2) return c.Fail(Unimplemented("grids of other than two dims"));
  const DType dtype = c.DTypeOf("Theta");
  const bool align_corners = c.Bool("align_corners", true);
  const Name shape = c.Ints("OutputShape", "output_shape");
  const Name height = c.Gather(shape, c.IntScalar(2), 0);
  const Name width = c.Gather(shape, c.IntScalar(3), 0);
  const Name zeros =
      c.Node("Expand", {c.Scalar(dtype, 0), c.Node("Slice", {shape, c.IntVector({2}), c.IntVector({4})})});
  const Name x = c.Node("Add", {zeros, Places(c, width, dtype, align_corners)});
  const Name y = c.Node("Add", {zeros, c.Unsqueeze(Places(c, height, dtype, align_corners), {1})});
  const Name ones = c.Node("Add", {zeros, c.Scalar(dtype, 1)});
  const Name places =
      c.Reshape(c.Concat({c.Unsqueeze(x, {2}), c.Unsqueeze(y, {2}), c.Unsqueeze(ones, {2})}, 2), {1, -1, 3});
  const Name grid = c.Node("MatMul", {places, c.Transpose(c.In("Theta"), {0, 2, 1})});
  const Name dims =
      c.Concat({c.IntVector({0}), c.Unsqueeze(height, {0}), c.Unsqueeze(width, {0}), c.IntVector({2})}, 0);
  c.Set("Output", c.Node("Reshape", {grid, dims}));
}

}  // namespace oarlock::paddle

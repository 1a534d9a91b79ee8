// The same elements under other dims.
#include "import/paddle/conversion.h"

namespace oarlock::paddle {

// Paddle and ONNX agree on what 0 and -1 stand for.
void Reshape(Conversion& c) { c.Set("Out", c.Node("Reshape", {c.In("X"), c.Ints("ShapeTensor|Shape", "shape")})); }

void Flatten(Conversion& c) {
  const int rank = c.Rank("X");
  if (rank == 0) return c.Set("Out", c.Reshape(c.In("X"), {1}));
  const int64_t start = c.Axis(c.Int("start_axis", 1), rank);
  const int64_t stop = c.Axis(c.Int("stop_axis", 1), rank);
  // Behind the flattened dims, 0 would copy the dim of that place in the operand: they are counted from what is there.
  if (stop == rank - 1) {
    std::vector<int64_t> dims(static_cast<size_t>(start), 0);
    dims.push_back(-1);
    return c.Set("Out", c.Node("Reshape", {c.In("X"), c.IntVector(dims)}));
  }
  const Name shape = c.ShapeOf(c.In("X"));
  const Name head = c.Node("Slice", {shape, c.IntVector({0}), c.IntVector({start})});
  const Name tail = c.Node("Slice", {shape, c.IntVector({stop + 1}), c.IntVector({rank})});
  const Name dims = c.Node("Concat", {head, c.IntVector({-1}), tail}, {{"axis", int64_t{0}}});
  c.Set("Out", c.Node("Reshape", {c.In("X"), dims}));
}

}  // namespace oarlock::paddle

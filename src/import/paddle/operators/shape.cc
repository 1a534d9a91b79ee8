// The same elements under other dims, and the dims themselves.
#include <algorithm>

#include "base/status.h"
#include "import/paddle/conversion.h"

namespace oarlock::paddle {

void Same(Conversion& c) { c.SetSame("Out", "X"); }

// Paddle and ONNX agree on what 0 and -1 stand for.
void Reshape(Conversion& c) { c.Set("Out", c.Node("Reshape", {c.In("X"), c.Ints("ShapeTensor|Shape", "shape|dims")})); }

void Transpose(Conversion& c) {
  std::vector<int64_t> permutation = c.IntList("axis|perm");
  const auto rank = static_cast<int64_t>(permutation.size());
  for (int64_t& axis : permutation) axis = c.Axis(axis, rank);
  c.Set("Out", c.Transpose(c.In("X"), permutation));
}

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
  c.Set("Out", c.Node("Reshape", {c.In("X"), c.Concat({head, c.IntVector({-1}), tail}, 0)}));
}

// Paddle 1's: always a matrix.
void FlattenToMatrix(Conversion& c) { c.Set("Out", c.Node("Flatten", {c.In("X")}, {{"axis", c.Int("axis", 1)}})); }

// A dim that is not 1 is left as it is, where ONNX gives an error. Paddle's shape inference takes an unknown one for 1.
void Squeeze(Conversion& c) {
  const std::vector<int64_t> wanted = c.KnownInts("AxesTensorList|AxesTensor", "axes|axis");
  const Value& x = c.About("X");
  if (wanted.empty()) {
    const bool has_dynamic = std::count(x.dims.begin(), x.dims.end(), -1) > 0;
    if (!x.rank_known || has_dynamic) return c.Set("Out", c.Node("Squeeze", {c.In("X")}));
  }
  const int rank = c.Rank("X");
  std::vector<int64_t> axes;
  for (int axis = 0; axis < rank; ++axis) {
    const int64_t dim = c.Dim("X", axis);
    bool is_wanted = wanted.empty();
    for (const int64_t each : wanted) is_wanted = is_wanted || c.Axis(each, rank) == axis;
    if (is_wanted && (dim == 1 || dim < 0)) axes.push_back(axis);
  }
  if (axes.empty()) return c.SetSame("Out", "X");
  c.Set("Out", c.Node("Squeeze", {c.In("X"), c.IntVector(axes)}));
}

namespace {

// Paddle inserts one axis after the other, so that each counts those before it; ONNX's are places in the result.
std::vector<int64_t> InsertedAxes(Conversion& c, const std::vector<int64_t>& axes) {
  std::vector<bool> inserted(static_cast<size_t>(c.Rank("X")), false);
  for (const int64_t axis : axes) {
    const int64_t place = c.Axis(axis, static_cast<int64_t>(inserted.size()) + 1);
    inserted.insert(inserted.begin() + place, true);
  }
  std::vector<int64_t> places;
  for (size_t i = 0; i < inserted.size(); ++i) {
    if (inserted[i]) places.push_back(static_cast<int64_t>(i));
  }
  return places;
}

// At a place that is computed. The number of dims is known, and OpenVINO wants it so: hence Reshape and no Unsqueeze.
Name UnsqueezedAt(Conversion& c, const Name& axis) {
  const int rank = c.Rank("X");
  const Name shape = c.ShapeOf(c.In("X"));
  std::vector<int64_t> places;
  for (int64_t place = 0; place <= rank; ++place) places.push_back(place);
  const Name place = c.IntVector(places);
  const Name zero = c.IntVector({0});
  const Name one = c.IntVector({1});
  const Name from_front =
      c.Node("Where", {c.Node("Less", {axis, zero}), c.Node("Add", {axis, c.IntVector({rank + 1})}), axis});
  const Name behind = c.Node("Where", {c.Node("Equal", {place, from_front}), one, c.Concat({one, shape}, 0)});
  const Name dims = c.Node("Where", {c.Node("Less", {place, from_front}), c.Concat({shape, one}, 0), behind});
  return c.Node("Reshape", {c.In("X"), dims});
}

}  // namespace

void Unsqueeze(Conversion& c) {
  const auto axes = c.TryInts("AxesTensorList|AxesTensor", "axes|axis");
  if (!axes) {
    const Value& about = c.About("AxesTensor");
    const bool is_one = about.rank_known && (about.dims.empty() || about.dims == std::vector<int64_t>{1});
    if (!is_one) return c.Fail(Unimplemented("several axes that are computed while the model runs"));
    return c.Set("Out", UnsqueezedAt(c, c.Ints("AxesTensor", "")));
  }
  if (axes->empty()) return c.SetSame("Out", "X");
  c.Set("Out", c.Node("Unsqueeze", {c.In("X"), c.IntVector(InsertedAxes(c, *axes))}));
}

// `shape` gives int32, `shape64` int64.
void Dims(Conversion& c) {
  const Name shape = c.ShapeOf(c.In("Input"));
  const DType dtype = c.AboutResult("Out").dtype;
  c.Set("Out", dtype == DType::kI64 ? shape : c.Cast(shape, DType::kI32));
}

// Before 2.5 Paddle had no tensors without dims, and this was [1].
void ElementCount(Conversion& c) {
  const Name size = c.Node("Size", {c.In("Input")});
  c.Set("Out", c.AboutResult("Out").dims.size() == 1 ? c.Reshape(size, {1}) : size);
}

}  // namespace oarlock::paddle

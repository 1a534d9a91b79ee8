// The same elements several times: expand, tile and their like.
#include <algorithm>

#include "base/status.h"
#include "import/paddle/conversion.h"

namespace oarlock::paddle {
namespace {

// -1 keeps the dim of the operand, which is what 1 does in ONNX.
Name ExpandedDims(Conversion& c) {
  constexpr std::string_view kSlots = "Shape|expand_shapes_tensor";
  auto dims = c.TryInts(kSlots, "shape");
  if (!dims) {
    const Name computed = c.Ints(kSlots, "shape");
    return c.Node("Where", {c.Node("Less", {computed, c.IntVector({0})}), c.IntVector({1}), computed});
  }
  for (int64_t& dim : *dims) dim = dim == -1 ? 1 : dim;
  return c.IntVector(*dims);
}

}  // namespace

void Expand(Conversion& c) { c.Set("Out", c.Node("Expand", {c.In("X"), ExpandedDims(c)})); }

void ExpandAs(Conversion& c) {
  if (c.Has("Y")) return c.Set("Out", c.Node("Expand", {c.In("X"), c.ShapeOf(c.In("Y"))}));
  std::vector<int64_t> dims = c.IntList("target_shape");
  if (dims.empty() || std::count(dims.begin(), dims.end(), -1) > 0) {
    return c.Fail(Unimplemented("the shape to expand to is not known"));
  }
  c.Set("Out", c.Node("Expand", {c.In("X"), c.IntVector(dims)}));
}

// ONNX's Expand broadcasts both ways, so one after the other gives the dims of all.
void BroadcastTensors(Conversion& c) {
  const std::vector<Name> operands = c.InList("X");
  std::vector<Name> results;
  for (size_t i = 0; i < operands.size(); ++i) {
    Name value = operands[i];
    for (size_t other = 0; other < operands.size(); ++other) {
      if (other != i) value = c.Node("Expand", {value, c.ShapeOf(operands[other])});
    }
    results.push_back(value);
  }
  c.SetList("Out", results);
}

namespace {

constexpr std::string_view kRepeatSlots = "RepeatTimes|repeat_times_tensor";

// How many numbers say how often; an error if that is not known.
int64_t CountOfRepeats(Conversion& c) {
  if (const auto known = c.TryInts(kRepeatSlots, "repeat_times")) return static_cast<int64_t>(known->size());
  if (!c.Has("RepeatTimes")) return static_cast<int64_t>(c.InCount("repeat_times_tensor"));
  const int64_t count = c.Dim("RepeatTimes", 0);
  if (count < 0) c.Fail(Unimplemented("the number of dims of 'RepeatTimes' is not known"));
  return count;
}

}  // namespace

// Where there are fewer numbers than dims, or more, Paddle aligns them at the end.
void Tile(Conversion& c) {
  const int rank = c.Rank("X");
  const int64_t count = CountOfRepeats(c);
  if (!c.ok()) return;
  Name x = c.In("X");
  Name repeats = c.Ints(kRepeatSlots, "repeat_times");
  if (count < rank) {
    const std::vector<int64_t> ones(static_cast<size_t>(rank - count), 1);
    repeats = c.Concat({c.IntVector(ones), repeats}, 0);
  } else if (count > rank) {
    std::vector<int64_t> axes;
    for (int64_t i = 0; i < count - rank; ++i) axes.push_back(i);
    x = c.Node("Unsqueeze", {x, c.IntVector(axes)});
  }
  c.Set("Out", c.Node("Tile", {x, repeats}));
}

namespace {

// Where the elements come from if each stands so many times behind the other: a place divided by that.
Name RepeatedPlaces(Conversion& c, int64_t axis) {
  const int64_t repeats = c.Int("Repeats|repeats", 1);
  if (repeats < 1) c.Fail(InvalidArgument("{} repeats", repeats));
  const Name dim = c.Reshape(c.DimOf(c.In("X"), axis), {});
  const Name places = c.Counted(c.Node("Mul", {dim, c.IntScalar(repeats)}));
  return c.Node("Div", {places, c.IntScalar(repeats)});
}

// The same with a number of its own for each: how many of them end at the place or in front of it.
Name PlacesByCounts(Conversion& c) {
  const Name ends = c.Node("CumSum", {c.Ints("RepeatsTensor", ""), c.IntScalar(0)});
  const Name count = c.Reshape(c.Gather(ends, c.IntVector({-1}), 0), {});
  const Name is_behind = c.Node("LessOrEqual", {ends, c.Unsqueeze(c.Counted(count), {1})});
  return c.Node("ReduceSum", {c.Cast(is_behind, DType::kI64), c.IntVector({1})}, {{"keepdims", int64_t{0}}});
}

}  // namespace

void RepeatInterleave(Conversion& c) {
  const int64_t axis = c.Axis(c.Int("dim|axis", 0), c.Rank("X"));
  const Name places = c.Has("RepeatsTensor") ? PlacesByCounts(c) : RepeatedPlaces(c, axis);
  c.Set("Out", c.Gather(c.In("X"), places, axis));
}

void Meshgrid(Conversion& c) {
  const std::vector<Name> operands = c.InList("X");
  const size_t rank = operands.size();
  std::vector<Name> lines;  // a tensor without dims counts as a line of one
  std::vector<Name> dims;
  for (size_t i = 0; i < rank; ++i) {
    const Value& about = c.About("X", i);
    lines.push_back(about.rank_known && about.dims.size() == 1 ? operands[i] : c.Reshape(operands[i], {-1}));
    dims.push_back(c.ShapeOf(lines[i]));
  }
  const Name shape = c.Concat(dims, 0);
  std::vector<Name> grids;
  for (size_t i = 0; i < rank; ++i) {
    std::vector<int64_t> along(rank, 1);
    along[i] = -1;
    grids.push_back(c.Node("Expand", {c.Node("Reshape", {lines[i], c.IntVector(along)}), shape}));
  }
  c.SetList("Out", grids);
}

}  // namespace oarlock::paddle

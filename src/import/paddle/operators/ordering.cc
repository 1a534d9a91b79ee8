// Largest, smallest and sorted elements.
#include "base/status.h"
#include "import/paddle/conversion.h"

namespace oarlock::paddle {

// The place of the largest or smallest element; of the whole tensor as one line with `flatten`.
void ArgExtreme(Conversion& c) {
  const bool is_flat = c.Bool("flatten", false);
  const bool keeps_dims = c.Bool("keepdims", false);
  // ONNX Runtime has neither for some integers.
  Name x = c.DTypeOf("X") == DType::kI16 ? c.Cast(c.In("X"), DType::kI32) : c.In("X");
  if (is_flat) x = c.Reshape(x, {-1});
  const int64_t axis = is_flat ? 0 : c.KnownInt("Axis", "axis", -1);
  Name place = c.Node(c.onnx_type(), {x}, {{"axis", axis}, {"keepdims", int64_t{keeps_dims && !is_flat}}});
  const DType dtype = c.DTypeAttribute("dtype", DType::kI64);
  if (dtype != DType::kI64) place = c.Cast(place, dtype);
  if (is_flat && keeps_dims) {
    const std::vector<int64_t> ones(static_cast<size_t>(c.Rank("X")), 1);
    place = c.Node("Reshape", {place, c.IntVector(ones)});
  } else if (c.AboutResult("Out").dims.size() == 1 && (is_flat || c.About("X").dims.size() == 1) && !keeps_dims) {
    place = c.Reshape(place, {1});  // before 2.5 Paddle had no tensors without dims
  }
  c.Set("Out", place);
}

namespace {

struct Sorted {
  Name values;
  Name places;
};

Sorted TopOf(Conversion& c, const Name& count, int64_t axis, bool is_largest, bool is_sorted) {
  const std::vector<Name> inputs = {c.In("X"), count};
  const NodeAttribute attributes[] = {{"axis", axis}, {"largest", int64_t{is_largest}}, {"sorted", int64_t{is_sorted}}};
  const std::vector<Name> results = c.Nodes("TopK", inputs, attributes, 2);
  return {results[0], results[1]};
}

}  // namespace

// Of equal elements the first is first, in both.
void ArgSort(Conversion& c) {
  const int64_t axis = c.Axis(c.Int("axis", -1), c.Rank("X"));
  const Sorted sorted = TopOf(c, c.DimOf(c.In("X"), axis), axis, c.Bool("descending", false), true);
  c.Set("Out", sorted.values);
  c.Set("Indices", sorted.places);
}

void TopK(Conversion& c) {
  const Sorted top = TopOf(c, c.Ints("K", "k"), c.Int("axis", -1), c.Bool("largest", true), c.Bool("sorted", true));
  c.Set("Out", top.values);
  c.Set("Indices", top.places);
}

// The k-th smallest: the last of the k smallest.
void KthValue(Conversion& c) {
  const int64_t k = c.Int("k", 1);
  if (k < 1) return c.Fail(InvalidArgument("k is {}; the first is 1", k));
  const int64_t axis = c.Axis(c.Int("axis", -1), c.Rank("X"));
  const Sorted smallest = TopOf(c, c.IntVector({k}), axis, false, true);
  const Name last = c.Bool("keepdim", false) ? c.IntVector({k - 1}) : c.IntScalar(k - 1);
  c.Set("Out", c.Gather(smallest.values, last, axis));
  c.Set("Indices", c.Gather(smallest.places, last, axis));
}

// How many of the sorted line are in front of a value.
void SearchSorted(Conversion& c) {
  const bool is_line = c.Rank("SortedSequence") == 1;
  const Name sequence = is_line ? c.In("SortedSequence") : c.Unsqueeze(c.In("SortedSequence"), {-2});
  const Name values = c.Unsqueeze(c.In("Values"), {-1});
  const Name in_front = c.Node(c.Bool("right", false) ? "LessOrEqual" : "Less", {sequence, values});
  const Name count =
      c.Node("ReduceSum", {c.Cast(in_front, DType::kI64), c.IntVector({-1})}, {{"keepdims", int64_t{0}}});
  c.Set("Out", c.Bool("out_int32", false) ? c.Cast(count, DType::kI32) : count);
}

}  // namespace oarlock::paddle

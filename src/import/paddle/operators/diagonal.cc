// Diagonals of matrices, whose axes are counted from the end of the tensor.
#include "base/status.h"
#include "import/paddle/operators/selection.h"

namespace oarlock::paddle {
namespace {

// Further from the middle than any dim.
constexpr int64_t kOffsetMax = int64_t{1} << 40;

int64_t OffsetOf(Conversion& c) {
  const int64_t offset = c.Int("offset", 0);
  if (offset >= -kOffsetMax && offset <= kOffsetMax) return offset;
  c.Fail(InvalidArgument("offset {}", offset));
  return 0;
}

// The diagonal of the last two dims as a line: every (columns + 1)th element from the first one of it.
Name DiagonalOfLastTwo(Conversion& c, const Name& value, int64_t offset) {
  const Name rows = c.DimOf(value, -2);
  const Name columns = c.DimOf(value, -1);
  const Name distance = c.IntVector({offset < 0 ? -offset : offset});
  const bool is_below = offset < 0;
  const Name start = is_below ? c.Node("Mul", {distance, columns}) : distance;
  const Name count = c.Node("Min", {is_below ? c.Node("Sub", {rows, distance}) : rows,
                                    is_below ? columns : c.Node("Sub", {columns, distance})});
  const Name step = c.Node("Add", {columns, c.IntVector({1})});
  const Name places = c.Node("Add", {start, c.Node("Mul", {c.Counted(c.Reshape(count, {})), step})});
  const Name outer = c.Node("Slice", {c.ShapeOf(value), c.IntVector({0}), c.IntVector({-2})});
  const Name flat = c.Node("Reshape", {value, c.Concat({outer, c.IntVector({-1})}, 0)});
  return c.Gather(flat, places, -1);
}

Name DiagonalOf(Conversion& c, std::string_view slot) {
  const int rank = c.Rank(slot);
  const int64_t first = c.Axis(c.Int("axis1", 0), rank);
  const int64_t second = c.Axis(c.Int("axis2", 1), rank);
  std::vector<int64_t> to_the_end;
  for (int64_t axis = 0; axis < rank; ++axis) {
    if (axis != first && axis != second) to_the_end.push_back(axis);
  }
  to_the_end.push_back(first);
  to_the_end.push_back(second);
  return DiagonalOfLastTwo(c, c.Transpose(c.In(slot), to_the_end), OffsetOf(c));
}

// Lines along the last dim become the diagonals of square matrices, with `padding` around.
Name Spread(Conversion& c, std::string_view slot, int64_t offset, double padding) {
  const DType dtype = c.DTypeOf(slot);
  const int64_t distance = offset < 0 ? -offset : offset;
  Name line = c.In(slot);
  if (distance > 0) {
    std::vector<int64_t> pads(2 * static_cast<size_t>(c.Rank(slot)), 0);
    pads.back() = distance;
    line = c.Node("Pad", {line, c.IntVector(pads), c.Scalar(dtype, 0)});
  }
  const Name size = c.DimOf(line, -1);
  const Name row = c.Node("Add", {c.Unsqueeze(c.Counted(c.Reshape(size, {})), {1}), c.IntScalar(offset)});
  const Name on_diagonal = c.Node("Equal", {row, c.Counted(c.Reshape(size, {}))});
  // Above, the n-th element lies in the n-th row; below in the n-th column.
  return Choice(c, on_diagonal, c.Unsqueeze(line, {offset < 0 ? -2 : -1}), c.Scalar(dtype, padding), dtype);
}

}  // namespace

void Diag(Conversion& c) {
  const int64_t offset = OffsetOf(c);
  const int rank = c.Rank("X");
  if (rank == 2) return c.Set("Out", DiagonalOfLastTwo(c, c.In("X"), offset));
  if (rank != 1) return c.Fail(InvalidArgument("the diagonal of a tensor of {} dims", rank));
  c.Set("Out", Spread(c, "X", offset, c.Float("padding_value", 0)));
}

void DiagEmbed(Conversion& c) {
  const int rank = c.Rank("Input") + 1;
  const int64_t first = c.Axis(c.Int("dim1", -2), rank);
  const int64_t second = c.Axis(c.Int("dim2", -1), rank);
  std::vector<int64_t> permutation;
  for (int64_t axis = 0, next = 0; axis < rank; ++axis) {
    permutation.push_back(axis == first ? rank - 2 : axis == second ? rank - 1 : next++);
  }
  c.Set("Out", c.Transpose(Spread(c, "Input", OffsetOf(c), 0), permutation));
}

void Diagonal(Conversion& c) { c.Set("Out", DiagonalOf(c, "Input")); }

void Trace(Conversion& c) {
  c.Set("Out", c.Node("ReduceSum", {DiagonalOf(c, "Input"), c.IntVector({-1})}, {{"keepdims", int64_t{0}}}));
}

}  // namespace oarlock::paddle

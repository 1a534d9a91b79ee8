// Products of vectors, matrices and tensors.
#include <algorithm>
#include "base/status.h"
#include "import/paddle/conversion.h"

namespace oarlock::paddle {
namespace {

// Swaps the last two dims; a vector is left as it is.
Name Transposed(Conversion& c, const Name& value, int rank) {
  if (rank < 2) return value;
  std::vector<int64_t> permutation;
  for (int i = 0; i < rank; ++i) permutation.push_back(i);
  std::swap(permutation[static_cast<size_t>(rank) - 1], permutation[static_cast<size_t>(rank) - 2]);
  return c.Transpose(value, permutation);
}

}  // namespace

// `alpha` is Paddle 1's.
void MatMul(Conversion& c) {
  const std::string_view right = c.Has("Vec") ? "Vec" : "Y";
  Name x = c.In("X");
  Name y = c.In(right);
  if (c.Bool("trans_x|transpose_x|transpose_X", false)) x = Transposed(c, x, c.Rank("X"));
  if (c.Bool("trans_y|transpose_y|transpose_Y", false)) y = Transposed(c, y, c.Rank(right));
  if (c.Int("head_number", 1) != 1) return c.Fail(Unimplemented("head_number {}", c.Int("head_number", 1)));
  Name product = c.Node("MatMul", {x, y});
  if (const double alpha = c.Float("alpha", 1); alpha != 1) {
    product = c.Node("Mul", {product, c.Scalar(c.DTypeOf("X"), alpha)});
  }
  // Before 2.5 Paddle had no tensors without dims: what would be one was [1].
  const bool is_scalar = c.About("X").dims.size() == 1 && c.About(right).dims.size() == 1;
  c.Set("Out", is_scalar && c.AboutResult("Out").dims.size() == 1 ? c.Reshape(product, {1}) : product);
}

// Both sides become matrices: the dims in front are the rows, those from `columns` on the columns. The result has X's
// dims of rows and Y's of columns.
void FlatMatMul(Conversion& c) {
  const Name x = c.In("X");
  const Name y = c.In("Y");
  const int64_t columns_x = c.Int("x_num_col_dims", 1);
  const int64_t columns_y = c.Int("y_num_col_dims", 1);
  const int64_t rank_x = c.Rank("X");
  const int64_t rank_y = c.Rank("Y");
  if (rank_y == 2 && columns_y == 1 && columns_x == rank_x - 1) return c.Set("Out", c.Node("MatMul", {x, y}));
  if (columns_x < 1 || columns_x >= rank_x || columns_y < 1 || columns_y >= rank_y) {
    return c.Fail(InvalidArgument("columns from dims {} and {} on, of tensors of {} and {} dims", columns_x, columns_y,
                                  rank_x, rank_y));
  }
  const Name product =
      c.Node("MatMul", {c.Node("Flatten", {x}, {{"axis", columns_x}}), c.Node("Flatten", {y}, {{"axis", columns_y}})});
  const Name rows = c.Node("Slice", {c.ShapeOf(x), c.IntVector({0}), c.IntVector({columns_x})});
  const Name columns = c.Node("Slice", {c.ShapeOf(y), c.IntVector({columns_y}), c.IntVector({rank_y})});
  c.Set("Out", c.Node("Reshape", {product, c.Concat({rows, columns}, 0)}));
}

// Of vectors, or of the rows of two matrices. Before 2.5 the dim that is summed stayed, as 1.
void Dot(Conversion& c) {
  const bool keeps_dim = c.AboutResult("Out").dims.size() == static_cast<size_t>(c.Rank("X"));
  const Name products = c.Node("Mul", {c.In("X"), c.In("Y")});
  c.Set("Out", c.Node("ReduceSum", {products, c.IntVector({-1})}, {{"keepdims", int64_t{keeps_dim}}}));
}

// beta * input + alpha * x * y.
void AddMatMul(Conversion& c) {
  const auto scaled = [&](const Name& value, double factor) {
    return factor == 1 ? value : c.Node("Mul", {value, c.Scalar(c.DTypeOf("X"), factor)});
  };
  const Name product = scaled(c.Node("MatMul", {c.In("X"), c.In("Y")}), c.Float("Alpha|alpha", 1));
  c.Set("Out", c.Node("Add", {scaled(c.In("Input"), c.Float("Beta|beta", 1)), product}));
}

}  // namespace oarlock::paddle

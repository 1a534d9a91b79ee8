// Products of matrices.
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

void MatMul(Conversion& c) {
  Name x = c.In("X");
  Name y = c.In("Y");
  if (c.Bool("trans_x|transpose_x", false)) x = Transposed(c, x, c.Rank("X"));
  if (c.Bool("trans_y|transpose_y", false)) y = Transposed(c, y, c.Rank("Y"));
  c.Set("Out", c.Node("MatMul", {x, y}));
}

}  // namespace oarlock::paddle

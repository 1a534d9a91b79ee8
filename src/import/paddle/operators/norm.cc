// Lengths of vectors. Those without an exponent of their own are reductions; see reduction.cc.
#include <cmath>

#include "base/status.h"
#include "import/paddle/operators/reduction.h"

namespace oarlock::paddle {
namespace {

Name PowerOf(Conversion& c, const Name& value, double exponent) {
  return c.Node("Pow", {value, c.Scalar(c.DTypeOf("X"), exponent)});
}

// (sum |x|^p)^(1/p), and what that becomes where p is 0 or infinite.
Name Length(Conversion& c, const Name& x, double p, const Extent& extent) {
  if (p == 2) return Reduced(c, "ReduceL2", x, extent);
  if (p == 0) {
    const Name is_zero = c.Node("Equal", {x, c.Scalar(c.DTypeOf("X"), 0)});
    return Summed(c, c.Cast(c.Node("Not", {is_zero}), c.DTypeOf("X")), extent);
  }
  const Name magnitude = c.Node("Abs", {x});
  if (p == 1) return Summed(c, magnitude, extent);  // not ReduceL1, of which OpenVINO's reader does not see the axes
  if (std::isinf(p)) return Reduced(c, p > 0 ? "ReduceMax" : "ReduceMin", magnitude, extent);
  return PowerOf(c, Summed(c, PowerOf(c, magnitude, p), extent), 1 / p);
}

}  // namespace

void PNorm(Conversion& c) {
  Extent extent;
  extent.keeps_dims = c.Bool("keepdim", false);
  if (!c.Bool("asvector", false)) extent.axes = {c.Axis(c.Int("axis", -1), c.Rank("X"))};
  const double p = c.Float("porder", 2);
  if (std::isnan(p)) return c.Fail(InvalidArgument("porder is not a number"));
  SetReduced(c, Length(c, c.In("X"), p, extent), extent);
}

// x / sqrt(sum of squares + epsilon).
void L2Normalize(Conversion& c) {
  const Extent extent{{c.Axis(c.Int("axis", -1), c.Rank("X"))}, true};
  const Name sum = Reduced(c, "ReduceSumSquare", c.In("X"), extent);
  const Name epsilon = c.Scalar(c.DTypeOf("X"), c.Float("epsilon", 1e-10));
  const Name norm = c.Node("Sqrt", {c.Node("Add", {sum, epsilon})});
  c.Set("Norm", norm);
  c.Set("Out", c.Node("Div", {c.In("X"), norm}));
}

}  // namespace oarlock::paddle

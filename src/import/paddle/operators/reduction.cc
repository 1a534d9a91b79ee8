// Many elements that become one.
#include "import/paddle/operators/reduction.h"
#include "base/status.h"

namespace oarlock::paddle {
namespace {

constexpr std::string_view kAxisSlots = "AxisTensorList|AxisTensor";
constexpr std::string_view kAxisAttributes = "dim|axis";

// All dims, whichever way it is said; else the axes, known.
Extent ExtentOf(Conversion& c) {
  Extent extent;
  extent.keeps_dims = c.Bool("keep_dim|keepdim", false);
  if (!c.Bool("reduce_all", false)) extent.axes = c.KnownInts(kAxisSlots, kAxisAttributes);
  return extent;
}

}  // namespace

// Before 2.5 Paddle had no tensors without dims: what would be one was [1].
void SetReduced(Conversion& c, const Name& value, const Extent& extent) {
  const Value& x = c.About("X");
  const bool is_all = extent.axes.empty() || (x.rank_known && extent.axes.size() == x.dims.size());
  const bool is_old_scalar = is_all && !extent.keeps_dims && c.AboutResult("Out").dims.size() == 1;
  c.Set("Out", is_old_scalar ? c.Reshape(value, {1}) : value);
}

Name Reduced(Conversion& c, std::string_view type, const Name& value, const Extent& extent) {
  std::vector<NodeAttribute> attributes = {{"keepdims", int64_t{extent.keeps_dims}}};
  if (!extent.axes.empty()) attributes.push_back({"axes", extent.axes});
  return c.Nodes(type, std::span(&value, 1), attributes, 1).front();
}

// The only one whose axes are an operand in ONNX too.
Name Summed(Conversion& c, const Name& value, const Extent& extent) {
  std::vector<Name> inputs = {value};
  if (!extent.axes.empty()) inputs.push_back(c.IntVector(extent.axes));
  const NodeAttribute keeps_dims{"keepdims", int64_t{extent.keeps_dims}};
  return c.Nodes("ReduceSum", inputs, std::span(&keeps_dims, 1), 1).front();
}

// Not ReduceLogSumExp, of which OpenVINO's reader does not see the axes. As Paddle: the largest is taken out of the
// exponents, and where it is infinite the result is no number.
Name LogSumExp(Conversion& c, const Name& value, const std::vector<int64_t>& axes, bool keeps_dims) {
  const Name largest = Reduced(c, "ReduceMax", value, {axes, true});
  const Name sum = Summed(c, c.Node("Exp", {c.Node("Sub", {value, largest})}), {axes, true});
  const Name result = c.Node("Add", {c.Node("Log", {sum}), largest});
  if (keeps_dims) return result;
  return axes.empty() ? c.Reshape(result, {}) : c.Node("Squeeze", {result, c.IntVector(axes)});
}

void ReduceLogSumExp(Conversion& c) {
  const Extent extent = ExtentOf(c);
  SetReduced(c, LogSumExp(c, c.In("X"), extent.axes, extent.keeps_dims), extent);
}

void Reduce(Conversion& c) {
  const Extent extent = ExtentOf(c);
  SetReduced(c, Reduced(c, c.onnx_type(), c.In("X"), extent), extent);
}

// The axes may be computed. Paddle adds in the result's type: booleans are counted.
void ReduceSum(Conversion& c) {
  Name x = c.In("X");
  const DType dtype = c.AboutResult("Out").dtype;
  if (dtype != DType::kInvalid && dtype != c.DTypeOf("X")) x = c.Cast(x, dtype);
  if (!c.Bool("reduce_all", false) && !c.TryInts(kAxisSlots, kAxisAttributes)) {
    return c.Set("Out", c.Node("ReduceSum", {x, c.Ints(kAxisSlots, kAxisAttributes)},
                               {{"keepdims", int64_t{c.Bool("keep_dim|keepdim", false)}}}));
  }
  const Extent extent = ExtentOf(c);
  SetReduced(c, Summed(c, x, extent), extent);
}

// Of booleans, which ONNX does not reduce.
void ReduceBool(Conversion& c) {
  const Extent extent = ExtentOf(c);
  const Name reduced = Reduced(c, c.onnx_type(), c.Cast(c.In("X"), DType::kI32), extent);
  SetReduced(c, c.Cast(reduced, DType::kBool), extent);
}

}  // namespace oarlock::paddle

// Many elements that become one.
#include "import/paddle/operators/reduction.h"
#include "base/status.h"

namespace oarlock::paddle {
namespace {

constexpr std::string_view kAxisSlots = "AxisTensorList|AxisTensor";
constexpr std::string_view kAxisAttributes = "dim|axis";

struct Extent {
  std::vector<int64_t> axes;  // none = all
  bool keeps_dims = false;
};

// All dims, whichever way it is said; else the axes, known.
Extent ExtentOf(Conversion& c) {
  Extent extent;
  extent.keeps_dims = c.Bool("keep_dim|keepdim", false);
  if (!c.Bool("reduce_all", false)) extent.axes = c.KnownInts(kAxisSlots, kAxisAttributes);
  return extent;
}

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

}  // namespace

// Not ReduceLogSumExp, of which OpenVINO's reader does not see the axes. As Paddle: the largest is taken out of the
// exponents, and where it is infinite the result is no number.
Name LogSumExp(Conversion& c, const Name& value, const std::vector<int64_t>& axes, bool keeps_dims) {
  const Name largest = Reduced(c, "ReduceMax", value, {axes, true});
  const NodeAttribute keep{"keepdims", int64_t{1}};
  std::vector<Name> summed = {c.Node("Exp", {c.Node("Sub", {value, largest})})};
  if (!axes.empty()) summed.push_back(c.IntVector(axes));
  const Name sum = c.Nodes("ReduceSum", summed, std::span(&keep, 1), 1).front();
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

// The only one whose axes are an operand in ONNX too. Paddle adds in the result's type: booleans are counted.
void ReduceSum(Conversion& c) {
  Name x = c.In("X");
  const DType dtype = c.AboutResult("Out").dtype;
  if (dtype != DType::kInvalid && dtype != c.DTypeOf("X")) x = c.Cast(x, dtype);
  const NodeAttribute keeps_dims{"keepdims", int64_t{c.Bool("keep_dim|keepdim", false)}};
  if (!c.Bool("reduce_all", false) && !c.TryInts(kAxisSlots, kAxisAttributes)) {
    const std::vector<Name> inputs = {x, c.Ints(kAxisSlots, kAxisAttributes)};
    return c.Set("Out", c.Nodes("ReduceSum", inputs, std::span(&keeps_dims, 1), 1).front());
  }
  const Extent extent = ExtentOf(c);
  std::vector<Name> inputs = {x};
  if (!extent.axes.empty()) inputs.push_back(c.IntVector(extent.axes));
  SetReduced(c, c.Nodes("ReduceSum", inputs, std::span(&keeps_dims, 1), 1).front(), extent);
}

// Of booleans, which ONNX does not reduce.
void ReduceBool(Conversion& c) {
  const Extent extent = ExtentOf(c);
  const Name reduced = Reduced(c, c.onnx_type(), c.Cast(c.In("X"), DType::kI32), extent);
  SetReduced(c, c.Cast(reduced, DType::kBool), extent);
}

}  // namespace oarlock::paddle

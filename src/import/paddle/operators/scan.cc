// Each element together with those in front of it.
#include <limits>

#include "base/status.h"
#include "import/paddle/operators/reduction.h"

namespace oarlock::paddle {
namespace {

// The tensor and the axis; with `flatten`, as one line.
struct Scanned {
  Name value;
  int64_t axis = 0;
  int64_t rank = 1;
};
Scanned ScannedOf(Conversion& c, std::string_view attribute) {
  if (c.Bool("flatten", false)) return {c.Reshape(c.In("X"), {-1}), 0, 1};
  const int rank = c.Rank("X");
  return {c.In("X"), c.Axis(c.Int(attribute, -1), rank), rank};
}

}  // namespace

void CumSum(Conversion& c) {
  const DType dtype = c.AboutResult("Out").dtype;
  Name x = c.In("X");
  if (dtype != DType::kInvalid && dtype != c.DTypeOf("X")) x = c.Cast(x, dtype);
  Name axis = c.IntScalar(0);
  if (c.Bool("flatten", false)) {
    x = c.Reshape(x, {-1});
  } else if (!c.TryInts("AxisTensor", "axis")) {
    axis = c.Reshape(c.Ints("AxisTensor", "axis"), {});
  } else {
    axis = c.IntScalar(c.KnownInt("AxisTensor", "axis", -1));
  }
  c.Set("Out",
        c.Node("CumSum", {x, axis},
               {{"exclusive", int64_t{c.Bool("exclusive", false)}}, {"reverse", int64_t{c.Bool("reverse", false)}}}));
}

namespace {

// ONNX scans sums alone. For the others each element gets a line, behind its axis, of those that count for it;
// `nothing` stands for those that do not. The square of the axis' length in memory.
Name Lines(Conversion& c, const Scanned& scanned, DType dtype, double nothing) {
  const Name dim = c.Reshape(c.DimOf(scanned.value, scanned.axis), {});
  const Name places = c.Counted(dim);
  const Name own = c.Unsqueeze(places, {1});
  const bool is_reverse = c.Bool("reverse", false);
  const bool is_exclusive = c.Bool("exclusive", false);
  const std::string_view type =
      is_reverse ? (is_exclusive ? "Less" : "LessOrEqual") : (is_exclusive ? "Greater" : "GreaterOrEqual");
  // [own place, other's place, 1 ...]: aligned at the axis.
  std::vector<int64_t> behind;
  for (int64_t i = scanned.axis + 1; i < scanned.rank; ++i) behind.push_back(2 + i - scanned.axis - 1);
  Name counts = c.Node(type, {own, places});
  if (!behind.empty()) counts = c.Node("Unsqueeze", {counts, c.IntVector(behind)});
  return c.Node("Where", {counts, c.Unsqueeze(scanned.value, {scanned.axis}), c.Scalar(dtype, nothing)});
}

Name ReducedLines(Conversion& c, std::string_view type, const Name& lines, int64_t axis) {
  return c.Node(type, {lines}, {{"axes", std::vector<int64_t>{axis + 1}}, {"keepdims", int64_t{0}}});
}

}  // namespace

void CumProd(Conversion& c) {
  const Scanned scanned = ScannedOf(c, "dim");
  c.Set("Out", ReducedLines(c, "ReduceProd", Lines(c, scanned, c.DTypeOf("X"), 1), scanned.axis));
}

void LogCumSumExp(Conversion& c) {
  if (c.Bool("exclusive", false)) return c.Fail(Unimplemented("logcumsumexp with exclusive=true"));
  const Scanned scanned = ScannedOf(c, "axis");
  const Name lines = Lines(c, scanned, c.DTypeOf("X"), -std::numeric_limits<double>::infinity());
  c.Set("Out", LogSumExp(c, lines, {scanned.axis + 1}, false));
}

// The largest or smallest so far, and its place; of equal ones the last.
void CumExtreme(Conversion& c) {
  const bool is_max = c.onnx_type() == "Max";
  const int64_t axis = c.Axis(c.Int("axis", -1), c.Rank("x"));
  const DType dtype = c.DTypeOf("x");
  if (dtype != DType::kF32 && dtype != DType::kF64)
    return c.Fail(Unimplemented("{} of other than FP32 and FP64", c.type()));
  const double infinity = std::numeric_limits<double>::infinity();
  const Name lines = Lines(c, {c.In("x"), axis, c.Rank("x")}, dtype, is_max ? -infinity : infinity);
  c.Set("out", ReducedLines(c, is_max ? "ReduceMax" : "ReduceMin", lines, axis));
  const Name places = c.Node(is_max ? "ArgMax" : "ArgMin", {lines},
                             {{"axis", axis + 1}, {"keepdims", int64_t{0}}, {"select_last_index", int64_t{1}}});
  const DType place_dtype = c.DTypeAttribute("dtype", DType::kI64);
  c.Set("indices", place_dtype == DType::kI64 ? places : c.Cast(places, place_dtype));
}

}  // namespace oarlock::paddle

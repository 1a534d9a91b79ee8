// Values that are written to places of a tensor, as a tensor of its own.
#include <limits>
#include <optional>

#include "base/status.h"
#include "import/paddle/conversion.h"

namespace oarlock::paddle {
namespace {

constexpr int kReductionOpset = 16;

Name Write(Conversion& c, std::string_view type, std::initializer_list<Name> inputs, std::string_view reduction,
           std::initializer_list<NodeAttribute> attributes = {}) {
  std::vector<NodeAttribute> all = attributes;
  if (reduction != "none") {
    if (c.opset() < kReductionOpset) c.Fail(Unimplemented("{} that adds needs operator set {}", type, kReductionOpset));
    all.push_back({"reduction", std::string(reduction)});
  }
  return c.Nodes(type, std::span(inputs.begin(), inputs.size()), all, 1).front();
}

Name FullLike(Conversion& c, const Name& value, DType dtype, double element) {
  return c.Node("Expand", {c.Scalar(dtype, element), c.ShapeOf(value)});
}

}  // namespace

// Rows, whose places ONNX wants as INT64. With overwrite=false the rows that are named become sums of the updates
// alone: what was there does not count.
void Scatter(Conversion& c) {
  const Value& about = c.About("Ids");
  const bool is_column = about.rank_known && about.dims.size() == 2;
  const Name places = is_column ? c.InAs("Ids", DType::kI64) : c.Unsqueeze(c.InAs("Ids", DType::kI64), {-1});
  const Name updates = c.In("Updates");
  if (c.Bool("overwrite", true)) return c.Set("Out", Write(c, "ScatterND", {c.In("X"), places, updates}, "none"));
  const Name emptied = Write(c, "ScatterND", {c.In("X"), places, FullLike(c, updates, c.DTypeOf("X"), 0)}, "none");
  c.Set("Out", Write(c, "ScatterND", {emptied, places, updates}, "add"));
}

void ScatterNdAdd(Conversion& c) {
  c.Set("Out", Write(c, "ScatterND", {c.In("X"), c.InAs("Index", DType::kI64), c.In("Updates")}, "add"));
}

// Adds to the slices of one axis.
void IndexAdd(Conversion& c) {
  const int rank = c.Rank("X");
  const int64_t axis = c.Axis(c.Int("axis", 0), rank);
  const Name values = c.In("AddValue");
  std::vector<int64_t> along(static_cast<size_t>(rank), 1);
  along[static_cast<size_t>(axis)] = -1;
  const Name line = c.Node("Reshape", {c.In("Index"), c.IntVector(along)});
  const Name places = c.Node("Expand", {line, c.ShapeOf(values)});
  c.Set("Out", Write(c, "ScatterElements", {c.In("X"), places, values}, "add", {{"axis", axis}}));
}

namespace {

struct AlongAxis {
  std::string_view reduction;  // as ONNX calls it
  double nothing;              // what changes no value
};

// None if it is not one of Paddle's.
std::optional<AlongAxis> AlongAxisOf(std::string_view reduce) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (reduce == "assign") return AlongAxis{"none", 0};
  if (reduce == "add") return AlongAxis{"add", 0};
  if (reduce == "mul" || reduce == "multiply") return AlongAxis{"mul", 1};
  if (reduce == "amax") return AlongAxis{"max", -kInfinity};
  if (reduce == "amin") return AlongAxis{"min", kInfinity};
  return std::nullopt;
}

// The largest or smallest of what is written to each place. ONNX has this reduction from operator set 18 on: here every
// place of the axis looks at every value that is written along it.
Name ExtremeAlongAxis(Conversion& c, const Name& x, const Name& places, const Name& values, int64_t axis,
                      const AlongAxis& how) {
  // The places of the result stand behind the axis of the values: [.., values, places, ..].
  std::vector<int64_t> along(static_cast<size_t>(c.Rank("Input")) + 1, 1);
  along[static_cast<size_t>(axis) + 1] = -1;
  const Name dim = c.Reshape(c.DimOf(x, axis), {});
  const Name line = c.Cast(c.Counted(dim), c.DTypeOf("Index"));
  const Name hit = c.Node("Equal", {c.Unsqueeze(places, {axis + 1}), c.Node("Reshape", {line, c.IntVector(along)})});
  const Name nothing = c.Scalar(c.DTypeOf("Input"), how.nothing);
  const Name written = c.Node("Where", {hit, c.Unsqueeze(values, {axis + 1}), nothing});
  const bool is_max = how.reduction == "max";
  const Name extreme = c.Node(is_max ? "ReduceMax" : "ReduceMin", {written},
                              {{"axes", std::vector<int64_t>{axis}}, {"keepdims", int64_t{0}}});
  return c.Node(is_max ? "Max" : "Min", {x, extreme});
}

}  // namespace

void PutAlongAxis(Conversion& c) {
  const std::string reduce = c.String("Reduce|reduce", "assign");
  const auto how = AlongAxisOf(reduce);
  if (!how) return c.Fail(Unimplemented("reduce '{}'", reduce));
  const int64_t axis = c.Axis(c.Int("Axis|axis", 0), c.Rank("Input"));
  const Name places = c.In("Index");
  Name x = c.In("Input");
  Name values = c.In("Value");
  if (c.About("Value").dims != c.About("Index").dims) values = c.Node("Expand", {values, c.ShapeOf(places)});
  const bool is_assigned = how->reduction == "none";
  if (!is_assigned && !c.Bool("Include_self|include_self", true)) {
    const Name nothing = FullLike(c, places, c.DTypeOf("Input"), how->nothing);
    x = Write(c, "ScatterElements", {x, places, nothing}, "none", {{"axis", axis}});
  }
  if (how->reduction == "max" || how->reduction == "min") {
    return c.Set("Result", ExtremeAlongAxis(c, x, places, values, axis, *how));
  }
  c.Set("Result", Write(c, "ScatterElements", {x, places, values}, how->reduction, {{"axis", axis}}));
}

// x[places of the first axis, places of the second, ...] = value. A mask gives the places where it is true.
void IndexPut(Conversion& c) {
  std::vector<Name> lines = c.InList("indices");
  const bool is_mask = lines.size() == 1 && c.About("indices").dtype == DType::kBool;
  Name places;
  int64_t axes = static_cast<int64_t>(lines.size());
  if (is_mask) {
    axes = c.Rank("indices");
    places = c.Transpose(c.Node("NonZero", {lines[0]}), {1, 0});
  } else {
    std::vector<Name> columns;
    for (size_t i = 0; i < lines.size(); ++i) {
      const DType dtype = c.About("indices", i).dtype;
      if (dtype == DType::kBool) return c.Fail(Unimplemented("masks among the places of several axes"));
      Name line = dtype == DType::kI64 ? lines[i] : c.Cast(lines[i], DType::kI64);
      for (size_t other = 0; other < lines.size(); ++other) {
        if (other != i) line = c.Node("Expand", {line, c.ShapeOf(lines[other])});
      }
      columns.push_back(c.Unsqueeze(line, {-1}));
    }
    places = c.Concat(columns, -1);
  }
  const Name head = c.Node("Slice", {c.ShapeOf(places), c.IntVector({0}), c.IntVector({-1})});
  const Name tail = c.Node("Slice", {c.ShapeOf(c.In("x")), c.IntVector({axes}), c.IntVector({c.Rank("x")})});
  const Name updates = c.Node("Expand", {c.In("value"), c.Concat({head, tail}, 0)});
  c.Set("out", Write(c, "ScatterND", {c.In("x"), places, updates}, c.Bool("accumulate", false) ? "add" : "none"));
}

}  // namespace oarlock::paddle

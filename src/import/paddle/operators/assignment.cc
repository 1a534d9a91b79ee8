// x[...] = value, as a tensor of its own.
#include "import/paddle/conversion.h"
#include "import/paddle/operators/literal.h"
#include "import/paddle/operators/slice.h"

namespace oarlock::paddle {
namespace {

constexpr std::string_view kStepSlots = "StepsTensorList|StepsTensor";

Name AssignedValue(Conversion& c, DType dtype) {
  if (c.Has("ValueTensor")) {
    const Name value = c.In("ValueTensor");
    return c.DTypeOf("ValueTensor") == dtype ? value : c.Cast(value, dtype);
  }
  std::string bytes = LiteralBytes(c, dtype);
  const auto count = static_cast<int64_t>(bytes.size() / std::max<size_t>(1, ElementSizeBytes(dtype)));
  const Name line = c.Bytes(dtype, std::span(&count, 1), std::move(bytes));
  return c.Node("Reshape", {line, c.IntVector(c.IntList("shape"))});
}

// Dims that the value is broadcast to: those of the part, less the axes of which one element is taken, with a 1 for
// each None of the subscript.
Name AssignedDims(Conversion& c, Name part) {
  const std::vector<int64_t> dropped = c.IntList("decrease_axes");
  const std::vector<int64_t> none_axes = c.IntList("none_axes");
  if (!dropped.empty()) part = c.Node("Squeeze", {part, c.IntVector(dropped)});
  if (!none_axes.empty()) {
    // Each is counted without the others.
    std::vector<int64_t> places = none_axes;
    for (size_t i = 0; i < places.size(); ++i) places[i] += static_cast<int64_t>(i);
    part = c.Node("Unsqueeze", {part, c.IntVector(places)});
  }
  return c.ShapeOf(part);
}

}  // namespace

// The part is found among the elements' places in the tensor as one line, and the value is written to those.
void SetValue(Conversion& c) {
  const Name x = c.In("Input");
  const Name shape = c.ShapeOf(x);
  const Name count = c.Node("Size", {x});
  const Name places = c.Node("Reshape", {c.Counted(count), shape});
  const std::vector<int64_t> axes = c.IntList("axes");
  Name part = places;
  if (!axes.empty())
    part = c.Node("Slice", {places, c.Ints(kStartSlots, "starts"), StridedEnds(c, kStepSlots, "steps"),
                            c.IntVector(axes), c.Ints(kStepSlots, "steps")});
  const Name value = c.Node("Expand", {AssignedValue(c, c.DTypeOf("Input")), AssignedDims(c, part)});
  const Name written = c.Node("ScatterElements", {c.Reshape(x, {-1}), c.Reshape(part, {-1}), c.Reshape(value, {-1})});
  c.Set("Out", c.Node("Reshape", {written, shape}));
}

}  // namespace oarlock::paddle

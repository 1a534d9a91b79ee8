#include "import/paddle/operators/adaptive_pooling.h"

namespace oarlock::paddle {
namespace {

// Where windows begin, and where they have ended: int64 [windows].
struct Bounds {
  Name begin;
  Name end;
};

Bounds BoundsOf(Conversion& c, const AdaptiveAxis& axis) {
  const Name one = c.IntVector({1});
  const Name window = c.Counted(c.Reshape(axis.windows, {}));
  const Name next = c.Node("Mul", {c.Node("Add", {window, one}), axis.dim});
  const Name rounded_up = c.Node("Sub", {c.Node("Add", {next, axis.windows}), one});
  return {c.Node("Div", {c.Node("Mul", {window, axis.dim}), axis.windows}), c.Node("Div", {rounded_up, axis.windows})};
}

// [dim, windows]: what an element counts in a window.
Name Shares(Conversion& c, const AdaptiveAxis& axis, DType dtype) {
  const Bounds bounds = BoundsOf(c, axis);
  const Name element = c.Unsqueeze(c.Counted(c.Reshape(axis.dim, {})), {1});
  const Name outside =
      c.Node("Or", {c.Node("Less", {element, bounds.begin}), c.Node("Not", {c.Node("Less", {element, bounds.end})})});
  const Name inside = c.Cast(c.Node("Not", {outside}), dtype);
  return c.Node("Div", {inside, c.Cast(c.Node("Sub", {bounds.end, bounds.begin}), dtype)});
}

// [windows, most elements in one]: the elements of each window; a smaller window has its last one several times.
Name Elements(Conversion& c, const AdaptiveAxis& axis) {
  const Bounds bounds = BoundsOf(c, axis);
  const Name most = c.Node("ReduceMax", {c.Node("Sub", {bounds.end, bounds.begin})}, {{"keepdims", int64_t{1}}});
  const Name element = c.Node("Add", {c.Unsqueeze(bounds.begin, {1}), c.Counted(c.Reshape(most, {}))});
  const Name last = c.Unsqueeze(c.Node("Sub", {bounds.end, c.IntVector({1})}), {1});
  return c.Node("Min", {element, last});
}

// [N, C, windows, elements, windows, elements, ...].
Name Gathered(Conversion& c, const Name& x, std::span<const Name> elements) {
  Name gathered = x;
  for (size_t i = elements.size(); i-- > 0;) gathered = c.Gather(gathered, elements[i], static_cast<int64_t>(i) + 2);
  return gathered;
}

std::vector<Name> ElementsOf(Conversion& c, std::span<const AdaptiveAxis> axes) {
  std::vector<Name> elements;
  for (const AdaptiveAxis& axis : axes) elements.push_back(Elements(c, axis));
  return elements;
}

// [windows, windows, ..., elements]: the places of all elements of a window.
Name Places(Conversion& c, std::span<const AdaptiveAxis> axes, std::span<const Name> elements) {
  const auto count = static_cast<int64_t>(axes.size());
  Name places;
  std::vector<int64_t> flat;
  for (int64_t i = 0; i < count; ++i) {
    std::vector<int64_t> others;
    for (int64_t other = 0; other < 2 * count; ++other) {
      if (other != i && other != count + i) others.push_back(other);
    }
    const auto index = static_cast<size_t>(i);
    const Name place = c.Node("Unsqueeze", {elements[index], c.IntVector(others)});
    places = i == 0 ? place : c.Node("Add", {c.Node("Mul", {places, axes[index].dim}), place});
    flat.push_back(0);
  }
  flat.push_back(-1);
  return c.Node("Reshape", {places, c.IntVector(flat)});
}

}  // namespace

// A product for each axis: the last one, which then goes in front of the others.
Name AdaptiveAverage(Conversion& c, const Name& x, DType dtype, std::span<const AdaptiveAxis> axes) {
  const auto count = static_cast<int64_t>(axes.size());
  std::vector<int64_t> last_first = {0, 1, count + 1};
  for (int64_t i = 2; i < count + 1; ++i) last_first.push_back(i);
  Name value = x;
  for (size_t i = axes.size(); i-- > 0;) {
    value = c.Node("MatMul", {value, Shares(c, axes[i], dtype)});
    if (count > 1) value = c.Transpose(value, last_first);
  }
  return value;
}

Name AdaptiveMax(Conversion& c, const Name& x, std::span<const AdaptiveAxis> axes) {
  std::vector<int64_t> reduced;
  for (size_t i = 0; i < axes.size(); ++i) reduced.push_back(static_cast<int64_t>(2 * i) + 3);
  return c.Node("ReduceMax", {Gathered(c, x, ElementsOf(c, axes))}, {{"axes", reduced}, {"keepdims", int64_t{0}}});
}

Largest AdaptiveLargest(Conversion& c, const Name& x, std::span<const AdaptiveAxis> axes) {
  const auto count = static_cast<int64_t>(axes.size());
  std::vector<int64_t> elements_last = {0, 1};
  for (int64_t i = 0; i < count; ++i) elements_last.push_back(2 * i + 2);
  std::vector<int64_t> flat(elements_last.size(), 0);
  flat.push_back(-1);
  for (int64_t i = 0; i < count; ++i) elements_last.push_back(2 * i + 3);
  const std::vector<Name> elements = ElementsOf(c, axes);
  const Name windows = c.Node("Reshape", {c.Transpose(Gathered(c, x, elements), elements_last), c.IntVector(flat)});
  const Name index = c.Node("ArgMax", {windows}, {{"axis", int64_t{-1}}, {"keepdims", int64_t{1}}});
  const Name places = c.Node("Expand", {Places(c, axes, elements), c.ShapeOf(windows)});
  const Name place = c.Node("GatherElements", {places, index}, {{"axis", int64_t{-1}}});
  return {c.Node("ReduceMax", {windows}, {{"axes", std::vector<int64_t>{-1}}, {"keepdims", int64_t{0}}}),
          c.Squeeze(place, {-1})};
}

}  // namespace oarlock::paddle

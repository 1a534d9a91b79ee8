// Tensors that become one, and one that becomes several.
#include <algorithm>

#include "base/status.h"
#include "import/paddle/conversion.h"

namespace oarlock::paddle {

void Concatenation(Conversion& c) { c.Set("Out", c.Concat(c.InList("X"), c.KnownInt("AxisTensor", "axis", 0))); }

// Works whatever the rank: -1 is behind the last dim in both.
void Stack(Conversion& c) {
  const int64_t axis = c.Int("axis", 0);
  std::vector<Name> parts = c.InList("X");
  for (Name& part : parts) part = c.Unsqueeze(part, {axis});
  c.Set("Y", c.Concat(parts, axis));
}

namespace {

std::vector<Name> Parts(Conversion& c, const Name& value, const Name& sizes, int64_t axis, size_t count) {
  std::vector<Name> inputs = {value};
  if (!sizes.empty()) inputs.push_back(sizes);
  const NodeAttribute attribute{"axis", axis};
  return c.Nodes("Split", inputs, std::span(&attribute, 1), count);
}

constexpr std::string_view kSectionSlots = "SectionsTensorList";

// One section may be -1: what the others leave.
Name Sections(Conversion& c, int64_t axis) {
  const auto known = c.TryInts(kSectionSlots, "sections");
  if (known && std::count(known->begin(), known->end(), -1) == 0) return c.IntVector(*known);
  const Name sizes = c.Ints(kSectionSlots, "sections");
  const Name zero = c.IntVector({0});
  const Name given = c.Node("ReduceSum", {c.Node("Max", {sizes, zero}), c.IntVector({0})});
  const Name rest = c.Node("Sub", {c.DimOf(c.In("X"), axis), given});
  return c.Node("Where", {c.Node("Less", {sizes, zero}), rest, sizes});
}

}  // namespace

void Split(Conversion& c) {
  const int64_t axis = c.KnownInt("AxisTensor", "axis", 0);
  const bool in_equal_parts = c.Int("num", 0) > 0;
  const Name sizes = in_equal_parts ? Name() : Sections(c, c.Axis(axis, c.Rank("X")));
  c.SetList("Out", Parts(c, c.In("X"), sizes, axis, c.OutCount("Out")));
}

// Slots of the result: `unbind` has Out, `unstack` Y.
void Unstack(Conversion& c) {
  const std::string_view slot = c.Wants("Out") ? "Out" : "Y";
  const int64_t axis = c.Int("axis", 0);
  std::vector<Name> parts = Parts(c, c.In("X"), Name(), axis, c.OutCount(slot));
  for (Name& part : parts) part = c.Squeeze(part, {axis});
  c.SetList(slot, parts);
}

}  // namespace oarlock::paddle

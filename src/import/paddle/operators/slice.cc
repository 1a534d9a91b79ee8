// Parts of a tensor that are told by their bounds.
#include <algorithm>
#include <limits>

#include "base/status.h"
#include "import/paddle/conversion.h"
#include "import/paddle/converter.h"
#include "import/paddle/operators/slice.h"

namespace oarlock::paddle {
namespace {

constexpr int64_t kToTheEnd = std::numeric_limits<int64_t>::max();
// With a negative step: down to the first element, and with it.
constexpr int64_t kToTheFirst = std::numeric_limits<int64_t>::min();

constexpr std::string_view kStrideSlots = "StridesTensorList|StridesTensor";

// The bounds at some places of the list, in their order.
Name BoundsAt(Conversion& c, std::string_view slots, std::string_view attribute, const std::vector<int64_t>& places) {
  const auto known = c.TryInts(slots, attribute);
  if (!known) return c.Gather(c.Ints(slots, attribute), c.IntVector(places), 0);
  std::vector<int64_t> chosen;
  for (const int64_t place : places) {
    if (place >= static_cast<int64_t>(known->size())) {
      c.Fail(InvalidArgument("{} bounds for axis {} of the list", known->size(), place));
      return {};
    }
    chosen.push_back((*known)[static_cast<size_t>(place)]);
  }
  return c.IntVector(chosen);
}

// Before 2.5 Paddle had no tensors without dims: what would be one was [1].
Name AsOldScalar(Conversion& c, const Name& value, size_t rank) {
  return rank == 0 && c.AboutResult("Out").dims.size() == 1 ? c.Reshape(value, {1}) : value;
}

}  // namespace

// `decrease_axis`: axes of which one element is taken, so that they go. Its end is not asked for: for the last element
// versions of Paddle write it as 0.
void Slice(Conversion& c) {
  const int rank = c.Rank("Input");
  std::vector<int64_t> axes = c.IntList("axes");
  for (int64_t& axis : axes) axis = c.Axis(axis, rank);
  std::vector<int64_t> dropped = c.IntList("decrease_axis");
  for (int64_t& axis : dropped) axis = c.Axis(axis, rank);
  std::sort(dropped.rbegin(), dropped.rend());
  std::vector<int64_t> places;
  std::vector<int64_t> cut;
  for (size_t i = 0; i < axes.size(); ++i) {
    if (std::count(dropped.begin(), dropped.end(), axes[i]) > 0) continue;
    places.push_back(static_cast<int64_t>(i));
    cut.push_back(axes[i]);
  }
  Name value = c.In("Input");
  if (!cut.empty()) {
    value = c.Node("Slice", {value, BoundsAt(c, kStartSlots, "starts", places), BoundsAt(c, kEndSlots, "ends", places),
                             c.IntVector(cut)});
  }
  // From behind, so that the axes in front keep their numbers.
  for (const int64_t axis : dropped) {
    const auto place = std::find(axes.begin(), axes.end(), axis) - axes.begin();
    const bool is_cut = place < static_cast<int64_t>(axes.size());
    const Name index = is_cut ? BoundsAt(c, kStartSlots, "starts", {place}) : c.IntVector({0});
    value = c.Gather(value, c.Reshape(index, {}), axis);
  }
  c.Set("Out", AsOldScalar(c, value, static_cast<size_t>(rank) - dropped.size()));
}

Name StridedEnds(Conversion& c, std::string_view stride_slots, std::string_view stride_attribute) {
  const Program& program = c.converter().program();
  const bool is_old = program.dialect == Dialect::kProgramDesc && program.version < 3'000'000;
  if (!is_old) return c.Ints(kEndSlots, "ends");
  const auto known = c.TryInts(stride_slots, stride_attribute);
  const bool is_forward = known && std::all_of(known->begin(), known->end(), [](int64_t stride) { return stride > 0; });
  const Name ends = c.Ints(kEndSlots, "ends");
  if (is_forward) return ends;
  const Name is_backward = c.Node("Less", {c.Ints(stride_slots, stride_attribute), c.IntVector({0})});
  const Name to_the_first = c.Node("And", {is_backward, c.Node("Equal", {ends, c.IntVector({-1})})});
  return c.Node("Where", {to_the_first, c.IntVector({kToTheFirst}), ends});
}

void StridedSlice(Conversion& c) {
  const std::vector<int64_t> axes = c.IntList("axes");
  const std::vector<int64_t> dropped = c.IntList("decrease_axis");
  Name value = c.Node("Slice", {c.In("Input"), c.Ints(kStartSlots, "starts"), StridedEnds(c, kStrideSlots, "strides"),
                                c.IntVector(axes), c.Ints(kStrideSlots, "strides")});
  if (!dropped.empty()) value = c.Node("Squeeze", {value, c.IntVector(dropped)});
  c.Set("Out", AsOldScalar(c, value, static_cast<size_t>(c.Rank("Input")) - dropped.size()));
}

void Flip(Conversion& c) {
  const std::vector<int64_t> axes = c.IntList("axis");
  const std::vector<int64_t> last(axes.size(), -1);
  const std::vector<int64_t> ends(axes.size(), kToTheFirst);
  c.Set("Out",
        c.Node("Slice", {c.In("X"), c.IntVector(last), c.IntVector(ends), c.IntVector(axes), c.IntVector(last)}));
}

// The last `shift` elements of an axis come to the front. Without axes it is rolled as one line.
void Roll(Conversion& c) {
  std::vector<int64_t> axes = c.IntList("axis");
  const bool is_flat = axes.empty();
  Name value = c.In("X");
  if (is_flat) {
    axes = {0};
    value = c.Reshape(value, {-1});
  }
  const Name shifts = c.Ints("ShiftsTensor", "shifts");
  for (size_t i = 0; i < axes.size(); ++i) {
    const Name axis = c.IntVector({axes[i]});
    const Name shift = c.Gather(shifts, c.IntVector({static_cast<int64_t>(i)}), 0);
    const Name front = c.Node("Mod", {c.Node("Neg", {shift}), c.DimOf(value, axes[i])});
    value = c.Concat({c.Node("Slice", {value, front, c.IntVector({kToTheEnd}), axis}),
                      c.Node("Slice", {value, c.IntVector({0}), front, axis})},
                     axes[i]);
  }
  c.Set("Out", is_flat ? c.Node("Reshape", {value, c.ShapeOf(c.In("X"))}) : value);
}

// A shape of -1 goes to the end.
void Crop(Conversion& c) {
  const Name sizes = c.Ints("Shape|ShapeTensor", "shape");
  const Name starts = c.Ints("Offsets|OffsetsTensor", "offsets");
  const Name to_the_end = c.Node("Less", {sizes, c.IntVector({0})});
  const Name ends = c.Node("Where", {to_the_end, c.IntVector({kToTheEnd}), c.Node("Add", {starts, sizes})});
  c.Set("Out", c.Node("Slice", {c.In("X"), starts, ends}));
}

}  // namespace oarlock::paddle

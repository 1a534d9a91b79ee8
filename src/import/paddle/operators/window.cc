#include "import/paddle/operators/window.h"

#include <algorithm>

#include "base/status.h"

namespace oarlock::paddle {
namespace {

// Larger dims are taken for unknown ones, so that sums of them are no matter.
constexpr int64_t kDimMax = int64_t{1} << 40;

}  // namespace

Layout::Layout(Conversion& c, std::string_view slot, std::string_view format)
    : slot_(slot), rank_(c.Rank(slot)), channels_last_(format.size() > 1 && format.back() == 'C') {
  if (rank_ >= 2) return;
  c.Fail(InvalidArgument("operand '{}' has {} dims: no batch and channels", slot, rank_));
  rank_ = 2;
}

std::vector<int64_t> Layout::SpatialDims(Conversion& c) const {
  std::vector<int64_t> dims;
  for (int i = 0; i < spatial(); ++i) dims.push_back(c.Dim(slot_, i + (channels_last_ ? 1 : 2)));
  return dims;
}

Name Layout::ToChannelsFirst(Conversion& c, const Name& value) const {
  if (!channels_last_ || !c.ok()) return value;
  std::vector<int64_t> permutation = {0, rank_ - 1};
  for (int i = 1; i < rank_ - 1; ++i) permutation.push_back(i);
  return c.Transpose(value, permutation);
}

Name Layout::FromChannelsFirst(Conversion& c, const Name& value) const {
  if (!channels_last_ || !c.ok()) return value;
  std::vector<int64_t> permutation = {0};
  for (int i = 2; i < rank_; ++i) permutation.push_back(i);
  permutation.push_back(1);
  return c.Transpose(value, permutation);
}

std::vector<int64_t> Joined(const Pads& pads) {
  std::vector<int64_t> joined = pads.begin;
  joined.insert(joined.end(), pads.end.begin(), pads.end.end());
  return joined;
}

bool IsSame(Conversion& c) {
  const std::string algorithm = c.String("padding_algorithm", "EXPLICIT");
  if (algorithm != "SAME" && algorithm != "VALID" && algorithm != "EXPLICIT") {
    c.Fail(InvalidArgument("padding_algorithm '{}'; EXPLICIT, SAME and VALID are known", Printable(algorithm)));
  }
  return algorithm == "SAME";
}

Pads ExplicitPads(Conversion& c, int spatial) {
  const auto count = static_cast<size_t>(spatial);
  if (c.String("padding_algorithm", "EXPLICIT") == "VALID") {
    return {std::vector<int64_t>(count, 0), std::vector<int64_t>(count, 0)};
  }
  std::vector<int64_t> paddings = c.IntList("paddings");
  if (paddings.size() == count) {
    paddings = Checked(c, "paddings", std::move(paddings), count, 0);
    return {paddings, paddings};
  }
  paddings = Checked(c, "paddings", std::move(paddings), 2 * count, 0);
  Pads pads;
  for (size_t i = 0; i < count; ++i) {
    pads.begin.push_back(paddings[2 * i]);
    pads.end.push_back(paddings[2 * i + 1]);
  }
  return pads;
}

std::optional<Pads> SamePads(std::span<const int64_t> dims, std::span<const int64_t> kernel,
                             std::span<const int64_t> strides) {
  Pads pads;
  for (size_t i = 0; i < dims.size(); ++i) {
    if ((dims[i] < 0 || dims[i] > kDimMax) && strides[i] != 1) return std::nullopt;
    const int64_t dim = std::clamp<int64_t>(dims[i], 1, kDimMax);
    const int64_t steps = (dim + strides[i] - 1) / strides[i];
    const int64_t sum = std::max<int64_t>((steps - 1) * strides[i] + kernel[i] - dim, 0);
    pads.begin.push_back(sum / 2);
    pads.end.push_back(sum - sum / 2);
  }
  return pads;
}

ComputedPads ComputedSamePads(Conversion& c, const Name& x, std::span<const int64_t> kernel,
                              std::span<const int64_t> strides) {
  const Name dims = SpatialShape(c, x, static_cast<int>(kernel.size()));
  const Name stride = c.IntVector(strides);
  const Name last_step = c.Node("Div", {c.Node("Sub", {dims, c.IntVector({1})}), stride});
  const Name end = c.Node("Add", {c.Node("Mul", {last_step, stride}), c.IntVector(kernel)});
  const Name sum = c.Node("Max", {c.Node("Sub", {end, dims}), c.IntVector({0})});
  const Name begin = c.Node("Div", {sum, c.IntVector({2})});
  return {begin, c.Node("Sub", {sum, begin})};
}

Name SpatialShape(Conversion& c, const Name& x, int spatial) {
  return c.Node("Slice", {c.ShapeOf(x), c.IntVector({2}), c.IntVector({spatial + 2})});
}

std::vector<int64_t> Steps(Conversion& c, std::string_view attribute, int spatial) {
  const auto count = static_cast<size_t>(spatial);
  std::vector<int64_t> steps = c.IntList(attribute);
  if (steps.empty()) steps.assign(count, 1);
  return Checked(c, attribute, std::move(steps), count, 1);
}

std::vector<int64_t> Checked(Conversion& c, std::string_view what, std::vector<int64_t> numbers, size_t count,
                             int64_t least) {
  const auto is_valid = [&](int64_t number) { return number >= least && number <= kStepMax; };
  if (numbers.size() == count && std::all_of(numbers.begin(), numbers.end(), is_valid)) return numbers;
  c.Fail(InvalidArgument("{} should be {} numbers from {} to {}", what, count, least, kStepMax));
  return std::vector<int64_t>(count, least);
}

}  // namespace oarlock::paddle

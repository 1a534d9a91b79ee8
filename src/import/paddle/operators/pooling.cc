// Pooling. Paddle and ONNX differ in two things. With `ceil_mode` Paddle keeps a last window that begins behind the
// operand; here it is padding at the end for the steps that are missing, with which rounding down gives the same. And
// an average that counts the padding (`exclusive` is false) counts as much at the end as there is in front.
#include <algorithm>
#include <limits>

#include "base/status.h"
#include "import/paddle/conversion.h"
#include "import/paddle/operators/adaptive_pooling.h"
#include "import/paddle/operators/window.h"

namespace oarlock::paddle {
namespace {

struct PoolWindows {
  std::vector<int64_t> size;
  std::vector<int64_t> strides;
  std::optional<Pads> pads;     // none: SAME, and the operand's dims are not known
  std::vector<int64_t> behind;  // in addition to those
  bool have_gaps = false;       // between them
};

// What is missing to a whole last step; all that may be missing where the dim is not known.
int64_t MissingToStep(int64_t dim, int64_t begin, int64_t end, int64_t size, int64_t stride) {
  if (dim < 0 || dim > kStepMax) return stride - 1;
  const int64_t steps = dim + begin + end - size;
  return steps < 0 ? stride - 1 : (stride - steps % stride) % stride;
}

PoolWindows ReadPoolWindows(Conversion& c, const Layout& layout) {
  const int spatial = layout.spatial();
  PoolWindows windows;
  windows.size =
      Checked(c, "kernel_size", c.KnownInts("KernelSize", "ksize|kernel_size"), static_cast<size_t>(spatial), 1);
  windows.strides = Steps(c, "strides", spatial);
  windows.behind.assign(windows.size.size(), 0);
  const std::vector<int64_t> dims = layout.SpatialDims(c);
  const bool is_same = IsSame(c);
  windows.pads = is_same ? SamePads(dims, windows.size, windows.strides) : ExplicitPads(c, spatial);
  const bool rounds_up = c.Bool("ceil_mode", false);
  for (size_t i = 0; i < dims.size(); ++i) {
    const bool has_gaps = windows.size[i] < windows.strides[i];
    windows.have_gaps = windows.have_gaps || has_gaps;
    // SAME's windows end where a step ends, unless there are gaps between them.
    if (!rounds_up || (is_same && !has_gaps)) continue;
    if (windows.pads) {
      int64_t& end = windows.pads->end[i];
      end += MissingToStep(dims[i], windows.pads->begin[i], end, windows.size[i], windows.strides[i]);
    } else {
      windows.behind[i] = windows.strides[i] - 1;
    }
  }
  return windows;
}

std::vector<NodeAttribute> Attributes(const PoolWindows& windows) {
  std::vector<NodeAttribute> attributes = {{"kernel_shape", windows.size}, {"strides", windows.strides}};
  if (windows.pads) {
    attributes.push_back({"pads", Joined(*windows.pads)});
  } else {
    attributes.push_back({"auto_pad", std::string("SAME_UPPER")});
  }
  return attributes;
}

// ONNX Runtime refuses padding in which a whole window has room, and SAME of windows with gaps.
bool IsNarrow(const PoolWindows& windows) {
  if (!windows.pads) return !windows.have_gaps;
  for (size_t i = 0; i < windows.size.size(); ++i) {
    if (windows.pads->begin[i] >= windows.size[i] || windows.pads->end[i] >= windows.size[i]) return false;
  }
  return true;
}

ComputedPads PadsOf(Conversion& c, const Name& x, const PoolWindows& windows) {
  if (windows.pads) return {c.IntVector(windows.pads->begin), c.IntVector(windows.pads->end)};
  const ComputedPads same = ComputedSamePads(c, x, windows.size, windows.strides);
  return {same.begin, c.Node("Add", {same.end, c.IntVector(windows.behind)})};
}

// Batch and channels are left as they are.
Name Padded(Conversion& c, const Name& value, const ComputedPads& pads, const Name& with) {
  const Name none = c.IntVector({0, 0});
  return c.Node("Pad", {value, c.Concat({none, pads.begin, none, pads.end}, 0), with});
}

PoolWindows WithoutPads(const PoolWindows& windows) {
  const std::vector<int64_t> none(windows.size.size(), 0);
  return {windows.size, windows.strides, Pads{none, none}, none, windows.have_gaps};
}

Name MaxOf(Conversion& c, const Name& x, const PoolWindows& windows) {
  if (IsNarrow(windows)) return c.Nodes("MaxPool", std::span(&x, 1), Attributes(windows), 1).front();
  const Name lowest = c.Scalar(c.DTypeOf("X"), std::numeric_limits<float>::lowest());
  const Name padded = Padded(c, x, PadsOf(c, x, windows), lowest);
  return c.Nodes("MaxPool", std::span(&padded, 1), Attributes(WithoutPads(windows)), 1).front();
}

// The mean over windows whatever is in them, padding or not.
Name Mean(Conversion& c, const Name& x, const PoolWindows& windows) {
  if (!IsNarrow(windows)) {
    return Mean(c, Padded(c, x, PadsOf(c, x, windows), c.Scalar(c.DTypeOf("X"), 0)), WithoutPads(windows));
  }
  std::vector<NodeAttribute> attributes = Attributes(windows);
  attributes.push_back({"count_include_pad", int64_t{1}});
  return c.Nodes("AveragePool", std::span(&x, 1), attributes, 1).front();
}

// [1, 1, dims...] of ones.
Name OnesLike(Conversion& c, const Name& x, int spatial) {
  const Name dims = c.Concat({c.IntVector({1, 1}), SpatialShape(c, x, spatial)}, 0);
  return c.Node("Expand", {c.Scalar(c.DTypeOf("X"), 1), dims});
}

// The mean, by the mean of ones where an element counts.
Name AverageByCount(Conversion& c, const Name& x, const PoolWindows& windows, bool exclusive) {
  const ComputedPads pads = PadsOf(c, x, windows);
  ComputedPads rest = pads;
  Name counted = OnesLike(c, x, static_cast<int>(windows.size.size()));
  if (!exclusive) {
    const Name end = c.Node("Min", {pads.begin, pads.end});
    counted = Padded(c, counted, {pads.begin, end}, c.Scalar(c.DTypeOf("X"), 1));
    rest = {c.IntVector(std::vector<int64_t>(windows.size.size(), 0)), c.Node("Sub", {pads.end, end})};
  }
  counted = Padded(c, counted, rest, c.Scalar(c.DTypeOf("X"), 0));
  return c.Node("Div", {Mean(c, x, windows), Mean(c, counted, WithoutPads(windows))});
}

Name AverageOf(Conversion& c, const Name& x, const PoolWindows& windows, bool exclusive) {
  const bool is_narrow = IsNarrow(windows);
  if (exclusive && is_narrow) {
    std::vector<NodeAttribute> attributes = Attributes(windows);
    attributes.push_back({"count_include_pad", int64_t{0}});
    return c.Nodes("AveragePool", std::span(&x, 1), attributes, 1).front();
  }
  bool counts_all = windows.pads.has_value();
  for (size_t i = 0; counts_all && i < windows.size.size(); ++i) {
    counts_all = windows.pads->end[i] <= windows.pads->begin[i];
  }
  return counts_all && is_narrow && !exclusive ? Mean(c, x, windows) : AverageByCount(c, x, windows, exclusive);
}

std::vector<AdaptiveAxis> ReadAdaptiveAxes(Conversion& c, const Layout& layout, const Name& x,
                                           const std::optional<std::vector<int64_t>>& size) {
  const std::vector<int64_t> dims = layout.SpatialDims(c);
  std::vector<AdaptiveAxis> axes;
  for (size_t i = 0; i < dims.size(); ++i) {
    const auto place = static_cast<int64_t>(i);
    const Name dim = dims[i] < 0 ? c.DimOf(x, place + 2) : c.IntVector({dims[i]});
    const Name windows =
        size ? c.IntVector({(*size)[i]}) : c.Gather(c.Ints("KernelSize", "ksize|kernel_size"), c.IntVector({place}), 0);
    axes.push_back({dim, windows});
  }
  return axes;
}

// How many windows each axis gets; none if it is computed as the model runs.
std::optional<std::vector<int64_t>> AdaptiveSize(Conversion& c, int spatial) {
  const auto count = static_cast<size_t>(spatial);
  if (c.Bool("global_pooling", false)) return std::vector<int64_t>(count, 1);
  const auto size = c.TryInts("KernelSize", "ksize|kernel_size");
  if (!size) return std::nullopt;
  return Checked(c, "kernel_size", *size, count, 1);
}

// Windows that are all of the same size, if the operand has as many steps.
std::optional<PoolWindows> EvenPoolWindows(const std::vector<int64_t>& dims,
                                           const std::optional<std::vector<int64_t>>& size) {
  if (!size) return std::nullopt;
  PoolWindows windows;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] < 0 || dims[i] % (*size)[i] != 0) return std::nullopt;
    windows.size.push_back(dims[i] / (*size)[i]);
  }
  windows.strides = windows.size;
  return WithoutPads(windows);
}

Name Adaptive(Conversion& c, const Layout& layout, const Name& x, bool is_max) {
  const auto size = AdaptiveSize(c, layout.spatial());
  if (size && std::all_of(size->begin(), size->end(), [](int64_t windows) { return windows == 1; })) {
    return c.Node(is_max ? "GlobalMaxPool" : "GlobalAveragePool", {x});
  }
  if (const auto even = EvenPoolWindows(layout.SpatialDims(c), size)) {
    return is_max ? MaxOf(c, x, *even) : AverageOf(c, x, *even, true);
  }
  const std::vector<AdaptiveAxis> axes = ReadAdaptiveAxes(c, layout, x, size);
  return is_max ? AdaptiveMax(c, x, axes) : AdaptiveAverage(c, x, c.DTypeOf("X"), axes);
}

}  // namespace

void Pool(Conversion& c) {
  const Layout layout(c, "X", c.String("data_format", "NCHW"));
  const std::string kind = c.String("pooling_type", "max");
  if (kind != "max" && kind != "avg") {
    return c.Fail(Unimplemented("pooling_type '{}'; max and avg are known", Printable(kind)));
  }
  const bool is_max = kind == "max";
  const Name x = layout.ToChannelsFirst(c, c.In("X"));
  Name pooled;
  if (c.Bool("adaptive", false) || c.Bool("global_pooling", false)) {
    pooled = Adaptive(c, layout, x, is_max);
  } else {
    const PoolWindows windows = ReadPoolWindows(c, layout);
    if (!c.ok()) return;
    pooled = is_max ? MaxOf(c, x, windows) : AverageOf(c, x, windows, c.Bool("exclusive", true));
  }
  c.Set("Out", layout.FromChannelsFirst(c, pooled));
}

// The place that Paddle gives is within a channel, ONNX's within the whole tensor.
void MaxPoolWithIndex(Conversion& c) {
  const Layout layout(c, "X", "NCHW");
  const Name x = c.In("X");
  Largest largest;
  if (c.Bool("adaptive", false) || c.Bool("global_pooling", false)) {
    largest = AdaptiveLargest(c, x, ReadAdaptiveAxes(c, layout, x, AdaptiveSize(c, layout.spatial())));
  } else {
    const PoolWindows windows = ReadPoolWindows(c, layout);
    if (c.ok() && !IsNarrow(windows)) return c.Fail(Unimplemented("windows that lie in the padding alone"));
    const std::vector<Name> results = c.Nodes("MaxPool", std::span(&x, 1), Attributes(windows), 2);
    if (!c.ok()) return;
    const Name elements = c.Node("ReduceProd", {SpatialShape(c, x, layout.spatial())}, {{"keepdims", int64_t{1}}});
    largest = {results[0], c.Node("Mod", {results[1], elements})};
  }
  c.Set("Out", largest.values);
  const DType dtype = c.AboutResult("Mask").dtype;
  if (c.Wants("Mask")) c.Set("Mask", dtype == DType::kI64 ? largest.places : c.Cast(largest.places, DType::kI32));
}

// (sum of x^p)^(1/p). Not ONNX's LpPool, which takes |x|.
void LpPool(Conversion& c) {
  const Layout layout(c, "X", c.String("data_format", "NCHW"));
  const PoolWindows windows = ReadPoolWindows(c, layout);
  if (!c.ok()) return;
  if (c.Bool("adaptive", false) || c.Bool("global_pooling", false)) {
    return c.Fail(Unimplemented("lp pooling that is adaptive or global"));
  }
  double count = 1;
  for (const int64_t size : windows.size) count *= static_cast<double>(size);
  const DType dtype = c.DTypeOf("X");
  const double p = c.Float("norm_type", 2);
  const Name power = c.Node("Pow", {layout.ToChannelsFirst(c, c.In("X")), c.Scalar(dtype, p)});
  const Name sum = c.Node("Mul", {Mean(c, power, windows), c.Scalar(dtype, count)});
  c.Set("Out", layout.FromChannelsFirst(c, c.Node("Pow", {sum, c.Scalar(dtype, 1 / p)})));
}

}  // namespace oarlock::paddle

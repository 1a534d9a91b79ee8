// Resizing by interpolation, one operator a method, in one, two or three spatial dims.
#include <algorithm>
#include <cmath>

#include "base/status.h"
#include "import/paddle/conversion.h"
#include "import/paddle/operators/window.h"

namespace oarlock::paddle {
namespace {

std::vector<NodeAttribute> Coordinates(Conversion& c) {
  const std::string method = c.String("interp_method", "nearest");
  const bool corners = c.Bool("align_corners", false);
  const std::string aligned = "align_corners";
  if (method == "nearest") {
    return {{"mode", std::string("nearest")},
            {"coordinate_transformation_mode", corners ? aligned : "asymmetric"},
            {"nearest_mode", std::string(corners ? "round_prefer_ceil" : "floor")}};
  }
  if (method == "bicubic") {
    return {{"mode", std::string("cubic")},
            {"coordinate_transformation_mode", corners ? aligned : "half_pixel"},
            {"cubic_coeff_a", -0.75F}};
  }
  if (method != "linear" && method != "bilinear" && method != "trilinear") {
    c.Fail(Unimplemented("interp_method '{}'", Printable(method)));
  }
  // align_mode 1: the pixels' corners are what is scaled, not their centres.
  const bool centres = c.Int("align_mode", 1) == 0;
  return {{"mode", std::string("linear")},
          {"coordinate_transformation_mode", corners   ? aligned
                                             : centres ? "half_pixel"
                                                       : "asymmetric"}};
}

// The spatial dims as attributes, -1 where they are not set.
std::vector<int64_t> SizeAttributes(Conversion& c, int spatial) {
  const std::vector<int64_t> all = {c.Int("out_d", -1), c.Int("out_h", -1), c.Int("out_w", -1)};
  return {all.end() - spatial, all.end()};
}

// [n] sizes of the spatial dims, if they are what decides; else empty.
Name Sizes(Conversion& c) {
  if (c.Has("SizeTensor")) return c.Ints("SizeTensor", "");
  if (c.Has("OutSize")) return c.Ints("OutSize", "");
  return {};
}

// Factors of the spatial dims that are known; else empty.
std::vector<double> KnownFactors(Conversion& c, int spatial) {
  if (c.Has("Scale") && !c.Known("Scale")) return {};
  std::vector<double> factors = c.Has("Scale") ? c.Known("Scale")->Doubles() : c.FloatList("scale");
  if (factors.size() == 1) factors.assign(static_cast<size_t>(spatial), factors[0]);
  const bool usable = factors.size() == static_cast<size_t>(spatial) &&
                      std::all_of(factors.begin(), factors.end(), [](double factor) { return factor > 0; });
  return usable ? factors : std::vector<double>();
}

// The same as FP32 [n], which may be computed; empty if there are none.
Name Scales(Conversion& c, int spatial) {
  if (c.Has("Scale") && !c.Known("Scale")) {
    const Name given = c.Reshape(c.Cast(c.In("Scale"), DType::kF32), {-1});
    return c.Dim("Scale", 0) == spatial ? given : c.Node("Expand", {given, c.IntVector({spatial})});
  }
  std::vector<float> values;
  for (const double factor : KnownFactors(c, spatial)) values.push_back(static_cast<float>(factor));
  if (values.empty()) return {};
  const int64_t dims[] = {spatial};
  return c.Floats(values, dims);
}

// Paddle's nearest pixel is floor(k * ratio), in float32, with the ratio of the sizes or 1 / factor. ONNX divides k by
// out / in, and lands one pixel lower at times, so that pixels are picked by their index instead. Factors that are
// powers of two are exact either way.
class NearestPixels {
 public:
  // `sizes` [spatial] computed, or empty: `factors` are known then.
  NearestPixels(Conversion& c, int spatial, Name sizes, std::vector<double> factors)
      : c_(c), spatial_(spatial), sizes_(std::move(sizes)), factors_(std::move(factors)) {}

  // `x` has its channels first; `known_dims` and `known_sizes` are -1 where they are not known.
  Name Pick(Name x, const std::vector<int64_t>& known_dims, const std::vector<int64_t>& known_sizes) {
    for (int i = 0; i < spatial_ && c_.ok(); ++i) {
      const int64_t dim = known_dims[static_cast<size_t>(i)];
      const int64_t size = known_sizes[static_cast<size_t>(i)];
      const bool known = dim > 0 && dim <= kFoldedMax && (sizes_.empty() || (size > 0 && size <= kFoldedMax));
      const Name index = known ? KnownIndex(i, dim, size) : ComputedIndex(i, x);
      x = c_.Gather(x, index, i + 2);
    }
    return x;
  }

 private:
  static constexpr int64_t kFoldedMax = 65'536;

  float Factor(int axis) const { return static_cast<float>(factors_[static_cast<size_t>(axis)]); }

  Name KnownIndex(int axis, int64_t dim, int64_t size) {
    float ratio = 0;
    if (sizes_.empty()) {
      size = static_cast<int64_t>(static_cast<float>(dim) * Factor(axis));
      ratio = 1 / Factor(axis);
    } else {
      ratio = static_cast<float>(dim) / static_cast<float>(size);
    }
    if (size < 1 || size > kFoldedMax * 16) c_.Fail(InvalidArgument("{} pixels become {}", dim, size));
    std::vector<int64_t> index;
    for (int64_t k = 0; k < size && c_.ok(); ++k) {
      index.push_back(std::min(dim - 1, static_cast<int64_t>(ratio * static_cast<float>(k))));
    }
    return c_.IntVector(index);
  }

  Name ComputedIndex(int axis, const Name& x) {
    const Name dim = c_.Squeeze(c_.DimOf(x, axis + 2), {0});
    const Name real_dim = c_.Cast(dim, DType::kF32);
    Name size;
    Name ratio;
    if (sizes_.empty()) {
      size = c_.Cast(c_.Node("Mul", {real_dim, c_.Scalar(DType::kF32, Factor(axis))}), DType::kI64);
      ratio = c_.Scalar(DType::kF32, 1 / Factor(axis));
    } else {
      size = c_.Gather(sizes_, c_.IntScalar(axis), 0);
      ratio = c_.Node("Div", {real_dim, c_.Cast(size, DType::kF32)});
    }
    const Name k = c_.Cast(c_.Counted(size), DType::kF32);
    const Name index = c_.Cast(c_.Node("Floor", {c_.Node("Mul", {k, ratio})}), DType::kI64);
    return c_.Node("Min", {index, c_.Node("Sub", {dim, c_.IntScalar(1)})});
  }

  Conversion& c_;
  const int spatial_;
  const Name sizes_;
  const std::vector<double> factors_;
};

bool IsPowerOfTwo(double factor) {
  int exponent = 0;
  return factor > 0 && std::frexp(factor, &exponent) == 0.5;
}

}  // namespace

// A size that is a tensor wins over a factor, and that over a size that is an attribute.
void Interpolate(Conversion& c) {
  const int spatial = c.Rank("X") - 2;
  if (spatial < 1 || spatial > 3) return c.Fail(InvalidArgument("{} spatial dims", spatial));
  const Layout layout(c, "X", c.String("data_layout|data_format", "NCHW"));
  const Name x = layout.ToChannelsFirst(c, c.In("X"));
  Name sizes = Sizes(c);
  Name scales;
  if (sizes.empty()) scales = Scales(c, spatial);
  if (sizes.empty() && scales.empty()) {
    const std::vector<int64_t> attributes = SizeAttributes(c, spatial);
    for (const int64_t size : attributes) {
      if (size <= 0) return c.Fail(InvalidArgument("neither a size nor a factor to resize by"));
    }
    sizes = c.IntVector(attributes);
  }
  const std::vector<double> factors = KnownFactors(c, spatial);
  const bool exact = sizes.empty() && (factors.empty() || std::all_of(factors.begin(), factors.end(), IsPowerOfTwo));
  if (c.String("interp_method", "nearest") == "nearest" && !c.Bool("align_corners", false) && !exact) {
    std::vector<int64_t> dims;
    for (int i = 0; i < spatial; ++i) dims.push_back(c.Dim("X", i + (layout.channels_last() ? 1 : 2)));
    std::optional<std::vector<int64_t>> known = SizeAttributes(c, spatial);
    if (c.Has("SizeTensor") || c.Has("OutSize")) known = c.TryInts("SizeTensor|OutSize", "");
    if (!known || known->size() != static_cast<size_t>(spatial)) known.emplace(static_cast<size_t>(spatial), -1);
    NearestPixels pixels(c, spatial, sizes, factors);
    return c.Set("Out", layout.FromChannelsFirst(c, pixels.Pick(x, dims, *known)));
  }
  if (sizes.empty()) {
    const float ones[] = {1, 1};
    const int64_t two[] = {2};
    scales = c.Concat({c.Floats(ones, two), scales}, 0);
  } else {
    const Name head = c.Node("Slice", {c.ShapeOf(x), c.IntVector({0}), c.IntVector({2})});
    sizes = c.Concat({head, sizes}, 0);
  }
  const std::vector<Name> inputs =
      sizes.empty() ? std::vector<Name>{x, "", scales} : std::vector<Name>{x, "", "", sizes};
  c.Set("Out", layout.FromChannelsFirst(c, c.Nodes("Resize", inputs, Coordinates(c), 1).front()));
}

}  // namespace oarlock::paddle

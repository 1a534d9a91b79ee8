// Resizing by interpolation, one operator a method, in one, two or three spatial dims.
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

// Factors of the spatial dims, FP32 [n]; empty if there are none.
Name Scales(Conversion& c, int spatial) {
  if (c.Has("Scale") && !c.Known("Scale")) {
    const Name given = c.Reshape(c.Cast(c.In("Scale"), DType::kF32), {-1});
    return c.Dim("Scale", 0) == spatial ? given : c.Node("Expand", {given, c.IntVector({spatial})});
  }
  std::vector<double> factors = c.Has("Scale") ? c.Known("Scale")->Doubles() : c.FloatList("scale");
  if (factors.size() == 1) factors.assign(static_cast<size_t>(spatial), factors[0]);
  std::vector<float> values;
  for (const double factor : factors) {
    if (factor > 0) values.push_back(static_cast<float>(factor));
  }
  if (values.size() != static_cast<size_t>(spatial)) return {};
  const int64_t dims[] = {spatial};
  return c.Floats(values, dims);
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

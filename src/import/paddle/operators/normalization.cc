// Normalization, as at inference: statistics that were learned, nothing dropped. Where scale and bias have another
// element type than what is normalized (FP32 and FP16), Paddle computes in theirs.
#include <cmath>

#include "base/status.h"
#include "import/paddle/conversion.h"
#include "import/paddle/operators/window.h"

namespace oarlock::paddle {
namespace {

Name InAs(Conversion& c, std::string_view slot, DType dtype) {
  const Name value = c.In(slot);
  return c.DTypeOf(slot) == dtype ? value : c.Cast(value, dtype);
}

DType ComputedType(Conversion& c) {
  for (const std::string_view slot : {"Scale", "Bias"}) {
    if (c.Has(slot)) return c.DTypeOf(slot);
  }
  return c.DTypeOf("X");
}

void SetNormalized(Conversion& c, const Name& value, DType dtype) {
  c.Set("Y", dtype == c.DTypeOf("X") ? value : c.Cast(value, c.DTypeOf("X")));
}

NodeAttribute Epsilon(Conversion& c) { return {"epsilon", static_cast<float>(c.Float("epsilon", 1e-5))}; }

// (x - mean) / sqrt(variance + epsilon), over these axes.
Name Standardized(Conversion& c, const Name& x, DType dtype, const std::vector<int64_t>& axes) {
  const auto mean = [&](const Name& value) {
    return c.Node("ReduceMean", {value}, {{"axes", axes}, {"keepdims", int64_t{1}}});
  };
  const Name centered = c.Node("Sub", {x, mean(x)});
  const Name variance = mean(c.Node("Mul", {centered, centered}));
  const Name epsilon = c.Scalar(dtype, c.Float("epsilon", 1e-5));
  return c.Node("Div", {centered, c.Node("Sqrt", {c.Node("Add", {variance, epsilon})})});
}

// times Scale and plus Bias, which have an element for each channel, as far as they are there.
Name WithChannels(Conversion& c, Name value, DType dtype, int rank) {
  std::vector<int64_t> dims(static_cast<size_t>(rank) - 1, 1);
  dims[0] = -1;
  const auto channels = [&](std::string_view slot) {
    return c.Node("Reshape", {InAs(c, slot, dtype), c.IntVector(dims)});
  };
  if (c.Has("Scale")) value = c.Node("Mul", {value, channels("Scale")});
  if (c.Has("Bias")) value = c.Node("Add", {value, channels("Bias")});
  return value;
}

}  // namespace

void BatchNorm(Conversion& c) {
  const Layout layout(c, "X", c.String("data_layout|data_format", "NCHW"));
  const DType dtype = c.DTypeOf("Variance");
  const Name x = layout.ToChannelsFirst(c, InAs(c, "X", dtype));
  const int rank = layout.spatial() + 2;
  Name y;
  if (c.Bool("trainable_statistics", false) && !c.Bool("use_global_stats", false)) {
    std::vector<int64_t> axes = {0};
    for (int axis = 2; axis < rank; ++axis) axes.push_back(axis);
    y = WithChannels(c, Standardized(c, x, dtype, axes), dtype, rank);
  } else {
    const auto each = [&](std::string_view slot, double otherwise) {
      const int64_t count = c.Dim("Variance", 0);
      return c.Has(slot) ? InAs(c, slot, dtype) : c.Full(dtype, std::span(&count, 1), otherwise);
    };
    y = c.Node("BatchNormalization", {x, each("Scale", 1), each("Bias", 0), InAs(c, "Mean", dtype), c.In("Variance")},
               {Epsilon(c)});
  }
  SetNormalized(c, layout.FromChannelsFirst(c, y), dtype);
  // In ProgramDesc they are the same variables as the operands, and a layer that is used again reads them.
  c.SetSame("MeanOut", "Mean");
  c.SetSame("VarianceOut", "Variance");
}

namespace {

// Dims from `axis` on; none if one is not known.
std::optional<std::vector<int64_t>> DimsFrom(Conversion& c, int64_t axis, int rank) {
  std::vector<int64_t> dims;
  for (auto i = static_cast<int>(axis); i < rank; ++i) {
    dims.push_back(c.Dim("X", i));
    if (dims.back() < 0) return std::nullopt;
  }
  return dims;
}

}  // namespace

// Scale and Bias are written as one line, whatever dims they stand for.
void LayerNorm(Conversion& c) {
  const int rank = c.Rank("X");
  const int64_t axis = c.Axis(c.Int("begin_norm_axis", 1), rank);
  const DType dtype = ComputedType(c);
  const Name x = InAs(c, "X", dtype);
  const auto dims = DimsFrom(c, axis, rank);
  const auto shaped = [&](std::string_view slot) {
    const Name value = InAs(c, slot, dtype);
    if (axis == rank - 1) return value;
    const Name shape =
        dims ? c.IntVector(*dims) : c.Node("Slice", {c.ShapeOf(x), c.IntVector({axis}), c.IntVector({rank})});
    return c.Node("Reshape", {value, shape});
  };
  if (c.opset() >= 17 && (c.Has("Scale") || dims)) {
    std::vector<Name> inputs = {x, c.Has("Scale") ? shaped("Scale") : c.Full(dtype, *dims, 1)};
    if (c.Has("Bias")) inputs.push_back(shaped("Bias"));
    const NodeAttribute attributes[] = {{"axis", axis}, Epsilon(c)};
    return SetNormalized(c, c.Nodes("LayerNormalization", inputs, attributes, 1).front(), dtype);
  }
  std::vector<int64_t> axes;
  for (int64_t i = axis; i < rank; ++i) axes.push_back(i);
  Name value = Standardized(c, x, dtype, axes);
  if (c.Has("Scale")) value = c.Node("Mul", {value, shaped("Scale")});
  if (c.Has("Bias")) value = c.Node("Add", {value, shaped("Bias")});
  SetNormalized(c, value, dtype);
}

// As ONNX's InstanceNormalization, of which a group is one channel.
void GroupNorm(Conversion& c) {
  const Layout layout(c, "X", c.String("data_layout|data_format", "NCHW"));
  const DType dtype = ComputedType(c);
  const int64_t groups = c.Int("groups", 1);
  if (groups < 1) return c.Fail(InvalidArgument("{} groups", groups));
  const Name x = layout.ToChannelsFirst(c, InAs(c, "X", dtype));
  const auto each = [&](double value) { return c.Full(dtype, std::span(&groups, 1), value); };
  const Name normalized =
      c.Node("InstanceNormalization", {c.Reshape(x, {0, groups, -1}), each(1), each(0)}, {Epsilon(c)});
  const Name whole = c.Node("Reshape", {normalized, c.ShapeOf(x)});
  SetNormalized(c, layout.FromChannelsFirst(c, WithChannels(c, whole, dtype, layout.spatial() + 2)), dtype);
}

void InstanceNorm(Conversion& c) {
  const int rank = c.Rank("X");
  if (rank < 3) return c.Fail(Unimplemented("instance_norm of {} dims; 3 and more are known", rank));
  const DType dtype = ComputedType(c);
  const Name x = InAs(c, "X", dtype);
  if (c.Has("Scale") && c.Has("Bias")) {
    const Name y = c.Node("InstanceNormalization", {x, InAs(c, "Scale", dtype), InAs(c, "Bias", dtype)}, {Epsilon(c)});
    return SetNormalized(c, y, dtype);
  }
  std::vector<int64_t> axes;
  for (int axis = 2; axis < rank; ++axis) axes.push_back(axis);
  SetNormalized(c, WithChannels(c, Standardized(c, x, dtype, axes), dtype, rank), dtype);
}

// x / (k + alpha * sum)^beta. ONNX divides alpha by the size of the window. Its `bias` would be k, but OpenVINO takes
// it for 1 whatever it is: so k is taken out of the power.
void LocalResponseNorm(Conversion& c) {
  const Layout layout(c, "X", c.String("data_format", "NCHW"));
  const int64_t size = c.Int("n", 5);
  const double k = c.Float("k", 2);
  const double beta = c.Float("beta", 0.75);
  if (!(k > 0)) return c.Fail(Unimplemented("k of {}; only positive ones are known", k));
  const double alpha = c.Float("alpha", 1e-4) * static_cast<double>(size) / k;
  Name y = c.Node(
      "LRN", {layout.ToChannelsFirst(c, c.In("X"))},
      {{"size", size}, {"alpha", static_cast<float>(alpha)}, {"beta", static_cast<float>(beta)}, {"bias", 1.0F}});
  if (k != 1) y = c.Node("Mul", {y, c.Scalar(c.DTypeOf("X"), std::pow(k, -beta))});
  c.Set("Out", layout.FromChannelsFirst(c, y));
}

void AffineChannel(Conversion& c) {
  const Layout layout(c, "X", c.String("data_layout", "NCHW"));
  const Name x = layout.ToChannelsFirst(c, c.In("X"));
  c.Set("Out", layout.FromChannelsFirst(c, WithChannels(c, x, c.DTypeOf("X"), layout.spatial() + 2)));
}

// "upscale_in_train" does nothing at inference; "downgrade_in_infer" multiplies by what was kept.
void Dropout(Conversion& c) {
  const std::string mode = c.String("dropout_implementation|mode", "downgrade_in_infer");
  if (mode == "upscale_in_train") return c.SetSame("Out", "X");
  if (mode != "downgrade_in_infer") {
    return c.Fail(InvalidArgument("mode '{}'; upscale_in_train and downgrade_in_infer are known", Printable(mode)));
  }
  const double kept = 1 - c.KnownNumber("DropoutProb", "dropout_prob", 0.5);
  c.Set("Out", c.Node("Mul", {c.In("X"), c.Scalar(c.DTypeOf("X"), kept)}));
}

}  // namespace oarlock::paddle

// Activations: functions of one element, and those along one axis.
#include <algorithm>
#include <cmath>

#include "base/status.h"
#include "import/paddle/operators/number_type.h"
#include "import/paddle/operators/selection.h"

namespace oarlock::paddle {
namespace {

// All but Softmax compute in an element type that every engine has the functions for.
DType Work(Conversion& c) { return FunctionType(c.DTypeOf("X")); }

Name Operand(Conversion& c, std::string_view slot = "X") { return CastTo(c, c.In(slot), c.DTypeOf(slot), Work(c)); }

Name Number(Conversion& c, double value) { return c.Scalar(Work(c), value); }

void SetOut(Conversion& c, const Name& value) { c.Set("Out", CastTo(c, value, Work(c), c.DTypeOf("X"))); }

float FloatOf(double value) { return static_cast<float>(value); }

// log(1 + exp(x)).
Name Softplus(Conversion& c, const Name& x) { return c.Node("Softplus", {x}); }

}  // namespace

void Softmax(Conversion& c) {
  const DType dtype = c.DTypeOf("X");
  const DType work = dtype == DType::kF64 ? dtype : Work(c);
  const Name x = CastTo(c, c.In("X"), dtype, work);
  const DType result = c.AboutResult("Out").dtype;
  c.Set("Out", CastTo(c, c.Node(c.onnx_type(), {x}, {{"axis", c.Int("axis", -1)}}), work,
                      result == DType::kInvalid ? dtype : result));
}

void Relu6(Conversion& c) { SetOut(c, c.Node("Clip", {Operand(c), Number(c, 0), Number(c, c.Float("threshold", 6))})); }

void HardTanh(Conversion& c) {
  SetOut(c, c.Node("Clip", {Operand(c), Number(c, c.Float("t_min", 0)), Number(c, c.Float("t_max", 24))}));
}

// x * min(max(x + offset, 0), threshold) / scale.
void HardSwish(Conversion& c) {
  const double offset = c.Float("offset", 3);
  const double threshold = c.Float("threshold", 6);
  const double scale = c.Float("scale", 6);
  const Name x = Operand(c);
  if (offset == 3 && threshold == 6 && scale == 6 && c.opset() >= 14) return SetOut(c, c.Node("HardSwish", {x}));
  const Name bounded = c.Node("Clip", {c.Node("Add", {x, Number(c, offset)}), Number(c, 0), Number(c, threshold)});
  SetOut(c, c.Node("Div", {c.Node("Mul", {x, bounded}), Number(c, scale)}));
}

void HardSigmoid(Conversion& c) {
  SetOut(c, c.Node("HardSigmoid", {Operand(c)},
                   {{"alpha", FloatOf(c.Float("slope", 0.2))}, {"beta", FloatOf(c.Float("offset", 0.5))}}));
}

void Swish(Conversion& c) {
  const Name x = Operand(c);
  const double beta = c.Float("beta", 1);
  const Name scaled = beta == 1 ? x : c.Node("Mul", {x, Number(c, beta)});
  SetOut(c, c.Node("Mul", {x, c.Node("Sigmoid", {scaled})}));
}

// ONNX has it from operator set 20 on.
void Gelu(Conversion& c) {
  const Name x = Operand(c);
  Name gate;
  if (c.Bool("approximate", false)) {
    const Name cube = c.Node("Mul", {c.Node("Mul", {x, x}), x});
    const Name sum = c.Node("Add", {x, c.Node("Mul", {cube, Number(c, 0.044715)})});
    gate = c.Node("Tanh", {c.Node("Mul", {sum, Number(c, std::sqrt(2 / M_PI))})});
  } else {
    gate = c.Node("Erf", {c.Node("Div", {x, Number(c, std::sqrt(2.0))})});
  }
  const Name sum = c.Node("Add", {gate, Number(c, 1)});
  SetOut(c, c.Node("Mul", {c.Node("Mul", {x, sum}), Number(c, 0.5)}));
}

void LeakyRelu(Conversion& c) {
  SetOut(c, c.Node("LeakyRelu", {Operand(c)}, {{"alpha", FloatOf(c.Float("alpha|negative_slope", 0.02))}}));
}

// One slope for all elements, for each channel, or for each element of a row.
void PRelu(Conversion& c) {
  const std::string mode = c.String("mode", "all");
  Name slope = Operand(c, "Alpha");
  if (mode == "channel") {
    // Of X's rank: OpenVINO takes a slope of one dim for that of dim 1.
    const bool channels_last = c.String("data_format", "NCHW").ends_with('C');
    std::vector<int64_t> dims(static_cast<size_t>(std::max(1, c.Rank("X"))), 1);
    dims[channels_last ? dims.size() - 1 : std::min<size_t>(1, dims.size() - 1)] = -1;
    slope = c.Node("Reshape", {slope, c.IntVector(dims)});
  } else if (mode != "all" && mode != "element") {
    return c.Fail(Unimplemented("mode '{}'", Printable(mode)));
  }
  SetOut(c, c.Node("PRelu", {Operand(c), slope}));
}

// log(1 + exp(beta * x)) / beta; x itself where beta * x is above the threshold, which matters below 20 or so.
void SoftplusWithThreshold(Conversion& c) {
  const double beta = c.Float("beta", 1);
  const double threshold = c.Float("threshold", 20);
  const Name x = Operand(c);
  const Name scaled = beta == 1 ? x : c.Node("Mul", {x, Number(c, beta)});
  Name value = Softplus(c, scaled);
  if (beta != 1) value = c.Node("Div", {value, Number(c, beta)});
  if (threshold < 20) {
    value = Choice(c, c.Node("Greater", {scaled, Number(c, threshold)}), x, value, Work(c));
  }
  SetOut(c, value);
}

void Elu(Conversion& c) { SetOut(c, c.Node("Elu", {Operand(c)}, {{"alpha", FloatOf(c.Float("alpha", 1))}})); }

void Selu(Conversion& c) {
  SetOut(c, c.Node("Selu", {Operand(c)},
                   {{"alpha", FloatOf(c.Float("alpha", 1.6732632423543772))},
                    {"gamma", FloatOf(c.Float("scale", 1.0507009873554805))}}));
}

// alpha * elu(x / alpha), where elu has 1.
void Celu(Conversion& c) {
  const Name alpha = Number(c, c.Float("alpha", 1));
  SetOut(c, c.Node("Mul", {c.Node("Elu", {c.Node("Div", {Operand(c), alpha})}, {{"alpha", 1.0F}}), alpha}));
}

// ONNX has it from operator set 18 on.
void Mish(Conversion& c) {
  const double threshold = c.Float("threshold|lambda", 20);
  const Name x = Operand(c);
  Name inner = Softplus(c, x);
  if (threshold < 20) inner = Choice(c, c.Node("Greater", {x, Number(c, threshold)}), x, inner, Work(c));
  SetOut(c, c.Node("Mul", {x, c.Node("Tanh", {inner})}));
}

void SoftShrink(Conversion& c) {
  const float lambda = FloatOf(c.Float("lambda|threshold", 0.5));
  SetOut(c, c.Node("Shrink", {Operand(c)}, {{"lambd", lambda}, {"bias", lambda}}));
}

void HardShrink(Conversion& c) {
  SetOut(c, c.Node("Shrink", {Operand(c)}, {{"lambd", FloatOf(c.Float("threshold", 0.5))}, {"bias", 0.0F}}));
}

void TanhShrink(Conversion& c) {
  const Name x = Operand(c);
  SetOut(c, c.Node("Sub", {x, c.Node("Tanh", {x})}));
}

void LogSigmoid(Conversion& c) { SetOut(c, c.Node("Neg", {Softplus(c, c.Node("Neg", {Operand(c)}))})); }

void ThresholdedRelu(Conversion& c) {
  const double threshold = c.Float("threshold", 1);
  const double value = c.Float("value", 0);
  const Name x = Operand(c);
  if (value == 0) return SetOut(c, c.Node("ThresholdedRelu", {x}, {{"alpha", FloatOf(threshold)}}));
  SetOut(c, Choice(c, c.Node("Greater", {x, Number(c, threshold)}), x, Number(c, value), Work(c)));
}

void ScaledTanh(Conversion& c) {
  const Name inner = c.Node("Mul", {Operand(c), Number(c, c.Float("scale_a", 0.67))});
  SetOut(c, c.Node("Mul", {c.Node("Tanh", {inner}), Number(c, c.Float("scale_b", 1.7159))}));
}

// Softly gated: silu(x) * y. Alone, x holds both, one behind the other.
void SwiGlu(Conversion& c) {
  Name x = Operand(c);
  Name y;
  if (c.Has("Y")) {
    y = Operand(c, "Y");
  } else {
    const NodeAttribute last{"axis", int64_t{-1}};
    const std::vector<Name> halves = c.Nodes("Split", std::span(&x, 1), std::span(&last, 1), 2);
    x = halves[0];
    y = halves[1];
  }
  SetOut(c, c.Node("Mul", {c.Node("Mul", {x, c.Node("Sigmoid", {x})}), y}));
}

// The slope is random while training, and the mean of its bounds afterwards.
void RandomLeakyRelu(Conversion& c) {
  if (!c.Bool("is_test", false)) return c.Fail(Unimplemented("random slopes"));
  const double slope = (c.Float("lower", 1.0 / 8) + c.Float("upper", 1.0 / 3)) / 2;
  SetOut(c, c.Node("LeakyRelu", {Operand(c)}, {{"alpha", FloatOf(slope)}}));
}

// log(1 + exp(x)) of an x that is bounded.
void SoftRelu(Conversion& c) {
  const double threshold = c.Float("threshold", 40);
  SetOut(c, Softplus(c, c.Node("Clip", {Operand(c), Number(c, -threshold), Number(c, threshold)})));
}

// The largest of each `groups` channels that stand together.
void Maxout(Conversion& c) {
  const int rank = c.Rank("X");
  const int64_t axis = c.Axis(c.Int("axis", 1), rank);
  const int64_t groups = c.Int("groups", 1);
  const int64_t channels = c.Dim("X", static_cast<int>(axis));
  if (groups < 1 || channels < 0 || channels % groups != 0) {
    return c.Fail(InvalidArgument("{} channels in groups of {}", channels, groups));
  }
  const Name shape = c.ShapeOf(c.In("X"));
  const Name head = c.Node("Slice", {shape, c.IntVector({0}), c.IntVector({axis})});
  const Name tail = c.Node("Slice", {shape, c.IntVector({axis + 1}), c.IntVector({rank})});
  const Name grouped =
      c.Node("Reshape", {Operand(c), c.Concat({head, c.IntVector({channels / groups, groups}), tail}, 0)});
  SetOut(c, c.Node("ReduceMax", {grouped}, {{"axes", std::vector<int64_t>{axis + 1}}, {"keepdims", int64_t{0}}}));
}

}  // namespace oarlock::paddle

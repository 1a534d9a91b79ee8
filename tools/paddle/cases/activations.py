"""Activation functions. The wide range of inputs reaches both ends of each function."""
import paddle
import paddle.nn as nn
import paddle.nn.functional as F

from cases.case import LEGACY, Family, reals
from cases.raw import either, legacy_operator

family = Family("activations")
X = [reals("x", [2, 4, 3, 5], -8, 8, dynamic=(0, 2))]
ROWS = [reals("x", [3, 6], -3, 3)]
CHANNELS_LAST = [reals("x", [2, 3, 5, 4], dynamic=(0, 1))]

for name in ["relu", "relu6", "hardswish", "hardsigmoid", "swish", "silu", "sigmoid", "tanh", "gelu", "leaky_relu",
             "softplus",
             "elu", "selu", "celu", "mish", "hardtanh", "softshrink", "hardshrink", "tanhshrink", "softsign",
             "log_sigmoid",
             "thresholded_relu"]:
    family.function(name, getattr(F, name), X)

family.function("gelu_tanh", lambda x: F.gelu(x, approximate=True), X)
family.function("hardsigmoid_slope_offset", lambda x: F.hardsigmoid(x, slope=0.2, offset=0.4), X)
family.function("leaky_relu_slope", lambda x: F.leaky_relu(x, 0.3), X)
family.function("softplus_beta_threshold", lambda x: F.softplus(x, beta=2.0, threshold=3.0), X)
family.function("elu_alpha", lambda x: F.elu(x, 0.4), X)
family.function("celu_alpha", lambda x: F.celu(x, 0.7), X)
family.function("selu_scale_alpha", lambda x: F.selu(x, 1.2, 1.5), X)
family.function("hardtanh_min_max", lambda x: F.hardtanh(x, -2.0, 3.0), X)
family.function("softshrink_threshold", lambda x: F.softshrink(x, 1.5), X)
family.function("hardshrink_threshold", lambda x: F.hardshrink(x, 1.5), X)
family.function("thresholded_relu_threshold", lambda x: F.thresholded_relu(x, 2.0), X)
family.function("glu_axis1", lambda x: F.glu(x, axis=1), X)
family.function("glu_last", F.glu, ROWS)
family.function("maxout", lambda x: F.maxout(x, groups=2, axis=1), X)

family.function("softmax", F.softmax, X)
family.function("softmax_axis1", lambda x: F.softmax(x, axis=1), X)
family.function("softmax_dtype", lambda x: F.softmax(x, dtype="float64"), ROWS)
family.function("log_softmax", F.log_softmax, X)
family.function("log_softmax_axis1", lambda x: F.log_softmax(x, axis=1), X)

family.layer("prelu_all", nn.PReLU, X)
family.layer("prelu_channel", lambda: nn.PReLU(4), X)
family.layer("prelu_channel_nhwc", lambda: nn.PReLU(4, data_format="NHWC"), CHANNELS_LAST)
ELEMENTS = {"alpha": lambda net: net.create_parameter([1, 4, 3, 5])}
FIXED = [reals("x", [2, 4, 3, 5], -8, 8)]
family.network("prelu_element",
               either(lambda net, x: legacy_operator("prelu", {"X": x, "Alpha": net.alpha},
                                                     {"mode": "element", "data_format": "NCHW"}),
                      lambda net, x: paddle._C_ops.prelu(x, net.alpha, "NCHW", "element")), FIXED, ELEMENTS)

family.function("mish_threshold", either(lambda x: legacy_operator("mish", {"X": x}, {"threshold": 2.0}),
                                         lambda x: paddle._C_ops.mish(x, 2.0)), X)
family.function("soft_relu", lambda x: legacy_operator("soft_relu", {"X": x}, {"threshold": 3.0}), X,
                writers=LEGACY, why="the operator is gone")
family.function("stanh", lambda x: paddle.stanh(x, 0.5, 1.5), X)

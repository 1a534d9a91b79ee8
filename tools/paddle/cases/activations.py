"""Activation functions."""
import paddle.nn.functional as F

from cases.case import Family, reals

family = Family("activations")
X = [reals("x", [2, 4, 3, 5], -4, 4, dynamic=(0, 2))]

family.function("relu", F.relu, X)
family.function("relu6", lambda x: F.relu6(x * 3), X)
family.function("gelu", F.gelu, X)
family.function("gelu_tanh", lambda x: F.gelu(x, approximate=True), X)
family.function("softmax_axis1", lambda x: F.softmax(x, axis=1), X)

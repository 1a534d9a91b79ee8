"""A case: a small model, the inputs that it is run with, and which Paddle versions can write it.

Everything here is deterministic: inputs and parameters come from numpy.random.RandomState, whose streams are the same
in every version of NumPy, seeded by the names of the case and of the tensor. So three Paddle versions write the same
model.
"""
import dataclasses
import zlib

import numpy as np
import paddle

WRITERS = {"2.6.2": "legacy26", "3.0.0": "pir30", "3.3.1": "pir33"}
LEGACY = ("legacy26",)


def random_state(*names):
    """The generator that belongs to these names, whatever else is drawn before or after."""
    return np.random.RandomState(zlib.crc32("/".join(names).encode()))


@dataclasses.dataclass
class Input:
    """A graph input. `dims` has None where the model leaves the size open; `values` draws an example."""

    name: str
    dims: list
    dtype: str
    values: callable

    def spec(self):
        return paddle.static.InputSpec(self.dims, self.dtype, self.name)

    def array(self, case_name):
        return self.values(random_state(case_name, self.name)).astype(self.dtype)


def opened(sizes, dynamic):
    return [None if axis in dynamic else size for axis, size in enumerate(sizes)]


def reals(name, sizes, low=-2.0, high=2.0, dynamic=(0,), dtype="float32"):
    return Input(name, opened(sizes, dynamic), dtype, lambda random: random.uniform(low, high, sizes))


def integers(name, sizes, low, high, dynamic=(0,), dtype="int64"):
    return Input(name, opened(sizes, dynamic), dtype, lambda random: random.randint(low, high, sizes))


def booleans(name, sizes, dynamic=(0,)):
    return integers(name, sizes, 0, 2, dynamic, "bool")


def exactly(name, values, dtype, dynamic=()):
    """An input whose values are the point of the case."""
    array = np.array(values, dtype)
    return Input(name, opened(array.shape, dynamic), dtype, lambda random: array)


class Network(paddle.nn.Layer):
    """A function of up to four inputs, and the layers and parameters that it uses.

    Paddle names the inputs after the InputSpecs and refuses `*inputs`, hence the optional arguments.
    """

    def __init__(self, function, parts):
        super().__init__()
        self.function = function
        for name, make in parts.items():
            setattr(self, name, make(self))

    def forward(self, a=None, b=None, c=None, d=None):
        return self.function(self, *[value for value in (a, b, c, d) if value is not None])


@dataclasses.dataclass
class Case:
    """`writers` are the versions that have the operator; `why` says why the others lack it."""

    name: str
    family: str
    inputs: list
    build: callable
    writers: tuple
    why: str


class Family:
    """The cases of one file."""

    def __init__(self, name):
        self.name = name
        self.cases = []

    def add(self, name, build, inputs, writers=tuple(WRITERS.values()), why=""):
        self.cases.append(Case(name, self.name, inputs, build, writers, why))

    def function(self, name, function, inputs, **limits):
        """The case `name`: function(*inputs)."""
        self.network(name, lambda net, *values: function(*values), inputs, {}, **limits)

    def layer(self, name, make, inputs, **limits):
        """The case `name`: the Paddle layer that make() creates."""
        self.network(name, lambda net, *values: net.layer(*values), inputs, {"layer": lambda net: make()}, **limits)

    def network(self, name, function, inputs, parts, **limits):
        """The case `name`: function(net, *inputs), where net.<part> = parts[part](net)."""
        self.add(name, lambda: Network(function, parts), inputs, **limits)


def fill_parameters(layer, case_name):
    """Gives trained parameters and running statistics values that depend on the case and the tensor's own name only.

    Buffers keep what the layer gave them, and so does what stands for a scale or bias that it was told to leave out.
    """
    for name, tensor in layer.named_parameters():
        if not tensor.stop_gradient or name.endswith(("_mean", "_variance")):
            values = parameter_values(name, list(tensor.shape), random_state(case_name, name))
            tensor.set_value(values.astype(tensor.numpy().dtype))


def parameter_values(name, sizes, random):
    """Values that keep the activations near 1, so that float32 differences stay comparable."""
    if name.endswith("_variance"):
        return random.uniform(0.5, 1.5, sizes)
    if len(sizes) > 1:
        fan_in = sizes[0] if len(sizes) == 2 else np.prod(sizes[1:])
        return random.standard_normal(sizes) * np.sqrt(2.0 / fan_in)
    if name.endswith("bias") or name.endswith("_mean"):
        return random.uniform(-0.3, 0.3, sizes)
    return random.uniform(0.6, 1.4, sizes)

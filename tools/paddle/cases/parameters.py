"""Parameters and buffers of the kinds that weights files hold."""
import paddle
import paddle.nn as nn

from cases.case import Family, reals

family = Family("parameters")
X = [reals("x", [2, 4])]


class Buffers(nn.Layer):
    """A persistable buffer is in the weights file; one that is not becomes a constant of the program."""

    def __init__(self):
        super().__init__()
        self.register_buffer("kept", paddle.arange(4, dtype="float32"))
        self.register_buffer("inlined", paddle.ones([4]), persistable=False)
        self.register_buffer("indices", paddle.to_tensor([3, 1, 0], dtype="int64"))

    def forward(self, x):
        return paddle.gather(x * self.kept + self.inlined, self.indices, axis=1)


def parameter(sizes, dtype="float32"):
    return lambda net: net.create_parameter(sizes, dtype=dtype)


family.add("buffers", Buffers, X)
family.network("parameter_float16", lambda net, x: x * paddle.cast(net.scale, "float32"), X,
               {"scale": parameter([4], "float16")})
family.network("parameter_float64", lambda net, x: x * paddle.cast(net.scale, "float32"), X,
               {"scale": parameter([4], "float64")})
family.network("parameter_scalar", lambda net, x: x * net.scale, X, {"scale": parameter([])})
family.network("parameter_shared",
               lambda net, x: paddle.matmul(paddle.matmul(x, net.weight), net.weight, transpose_y=True), X,
               {"weight": parameter([4, 3])})
family.network("parameter_as_output", lambda net, x: (x * net.scale, net.scale), X, {"scale": parameter([4])})


class IntegerBuffer(nn.Layer):
    def __init__(self, dtype):
        super().__init__()
        self.register_buffer("values", paddle.to_tensor([3, 0, 2, 1], dtype=dtype))

    def forward(self, x):
        return x + paddle.cast(self.values, "float32")


for dtype in ["int32", "int64", "uint8", "int8", "int16", "bool"]:
    family.add(f"buffer_{dtype}", lambda dtype=dtype: IntegerBuffer(dtype), X)


class Ordered(nn.Layer):
    """Eleven weights: sorted as text, linear_10 stands before linear_2."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(*[nn.Linear(4, 4, bias_attr=False) for _ in range(11)])

    def forward(self, x):
        return self.layers(x)


family.add("parameters_order", Ordered, X)


class Unused(nn.Layer):
    """The weights file leaves out what no output depends on."""

    def __init__(self):
        super().__init__()
        self.used = nn.Linear(4, 2)
        self.unused = nn.Linear(4, 3)

    def forward(self, x):
        self.unused(x)
        return self.used(x)


family.add("parameter_unused", Unused, X)

"""Arithmetic, comparison and logic of two tensors, with the ways in which Paddle broadcasts."""
import paddle

from cases.case import LEGACY, Family, booleans, integers, reals
from cases.raw import legacy_operator

family = Family("binary")
SIZES = [2, 3, 4]


def nonzero(dtype, name="y", sizes=SIZES):
    """Integers of both signs, none of them 0."""
    values = integers(name, sizes, 1, 5, dtype=dtype)
    draw = values.values
    values.values = lambda random: draw(random) * random.choice([-1, 1], sizes)
    return values


def pair(low=-3.0, high=3.0):
    return [reals("x", SIZES, low, high, dynamic=(0, 1)), reals("y", SIZES, low, high, dynamic=(0, 1))]


def whole_pair(dtype):
    return [integers("x", SIZES, -9, 10, dtype=dtype), nonzero(dtype)]


ARITHMETIC = ["add", "subtract", "multiply", "divide", "minimum", "maximum", "mod", "floor_divide"]
for name in ARITHMETIC:
    family.function(name, getattr(paddle, name), pair())
    family.function(f"{name}_int64", getattr(paddle, name), whole_pair("int64"))
for name in ["add", "divide", "mod", "floor_divide"]:
    family.function(f"{name}_int32", getattr(paddle, name), whole_pair("int32"))
family.function("pow_tensor", paddle.pow, pair(0.2, 2.5))
family.function("pow_tensor_int64", paddle.pow, [integers("x", SIZES, -4, 5), integers("y", SIZES, 0, 4)])
family.function("atan2", paddle.atan2, pair())
family.function("maximum_scalar", lambda x: paddle.maximum(x, paddle.full([], 0.5)), [reals("x", SIZES)])
family.function("add_float64", paddle.add, [reals("x", SIZES, dtype="float64"), reals("y", SIZES, dtype="float64")])
family.function("multiply_bool", lambda x, y: paddle.multiply(x, y), [booleans("x", SIZES), booleans("y", SIZES)])
family.function("add_int_and_float", lambda x, y: x + y, [integers("x", SIZES, -5, 5), reals("y", SIZES)])
family.function("floor_divide_scalar", lambda x: x // 3, [integers("x", SIZES, -9, 10)])
family.function("mod_scalar", lambda x: x % 3, [integers("x", SIZES, -9, 10)])
family.function("divide_int_scalar", lambda x: x / 2, [integers("x", SIZES, -9, 10)])

X = reals("x", [2, 4, 3, 5], dynamic=(0, 2))
for name, sizes in {"last": [5], "ones": [1, 4, 1, 1], "inner": [4, 1, 5], "rank0": []}.items():
    family.function(f"add_broadcast_{name}", paddle.add, [X, reals("y", sizes, dynamic=())])
family.function("subtract_broadcast_left", paddle.subtract, [reals("x", [5], dynamic=()), reals("y", [2, 3, 5])])
family.function("multiply_broadcast_both", paddle.multiply, [reals("x", [2, 1, 5]), reals("y", [1, 3, 1], dynamic=())])

LEGACY_KINDS = {"add": "elementwise_add", "sub": "elementwise_sub", "mul": "elementwise_mul", "div": "elementwise_div",
                "max": "elementwise_max", "min": "elementwise_min", "pow": "elementwise_pow"}


def legacy_axis(name, kind, axis, sizes):
    low = 0.3
    family.function(f"{name}_axis{axis}_rank{len(sizes)}",
                    lambda x, y: legacy_operator(kind, {"X": x, "Y": y}, {"axis": axis}),
                    [reals("x", [2, 4, 3, 5], low, dynamic=(0, 2)), reals("y", sizes, low, dynamic=())],
                    writers=LEGACY, why="PIR broadcasts as NumPy does")


for name, kind in LEGACY_KINDS.items():
    legacy_axis(name, kind, 1, [4])
legacy_axis("add", "elementwise_add", 1, [4, 3])
legacy_axis("add", "elementwise_add", 0, [2])
legacy_axis("mul", "elementwise_mul", 0, [2, 4])
legacy_axis("add", "elementwise_add", 1, [4, 1, 1])
legacy_axis("mul", "elementwise_mul", 2, [3])
legacy_axis("add", "elementwise_add", -1, [5])

for name in ["equal", "not_equal", "greater_than", "greater_equal", "less_than", "less_equal"]:
    family.function(name, getattr(paddle, name), [reals("x", SIZES, dynamic=(0, 1)), reals("y", [4], dynamic=())])
    family.function(f"{name}_int64", getattr(paddle, name),
                    [integers("x", SIZES, -2, 3), integers("y", SIZES, -2, 3)])
family.function("equal_bool", paddle.equal, [booleans("x", SIZES), booleans("y", SIZES)])
family.function("greater_than_scalar", lambda x: x > 0.5, [reals("x", SIZES)])
family.function("equal_scalar_int64", lambda x: x == 1, [integers("x", SIZES, 0, 3)])

for name in ["logical_and", "logical_or", "logical_xor"]:
    family.function(name, getattr(paddle, name), [booleans("x", SIZES), booleans("y", SIZES)])
family.function("logical_not", paddle.logical_not, [booleans("x", SIZES)])
family.function("logical_and_int64", paddle.logical_and, [integers("x", SIZES, 0, 3), integers("y", SIZES, 0, 3)])
family.function("logical_or_float", paddle.logical_or, [integers("x", SIZES, 0, 2, dtype="float32"),
                                                        integers("y", SIZES, 0, 2, dtype="float32")])
family.function("logical_not_float", paddle.logical_not, [integers("x", SIZES, 0, 2, dtype="float32")])
for name in ["bitwise_and", "bitwise_or", "bitwise_xor"]:
    family.function(name, getattr(paddle, name), [integers("x", SIZES, -9, 10), integers("y", SIZES, -9, 10)])
    family.function(f"{name}_bool", getattr(paddle, name), [booleans("x", SIZES), booleans("y", SIZES)])
family.function("bitwise_not", paddle.bitwise_not, [integers("x", SIZES, -9, 10, dtype="int32")])
family.function("bitwise_not_bool", paddle.bitwise_not, [booleans("x", SIZES)])

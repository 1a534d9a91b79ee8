"""Operators that make tensors: constants, ranges, and copies of a shape."""
import paddle

from cases.case import Family, exactly, integers, reals
from cases.raw import either, legacy_operator

family = Family("creation")
X = [reals("x", [2, 3], dynamic=(0, 1))]


def beside(name, make, inputs=X):
    """A case whose second output does not depend on values of the input: a model needs an input all the same.

    The first is not x + 1: Paddle 3 takes any scale by 1 before an output for the one that Paddle 2 adds,
    and drops its bias.
    """
    family.function(name, lambda x, *others: (x * 2, make(x, *others)), inputs)


for dtype in ["float32", "float16", "int32", "int64", "bool"]:
    beside(f"full_{dtype}", lambda x, dtype=dtype: paddle.full([2, 3], 1, dtype))
beside("full_fraction", lambda x: paddle.full([2], -1.25))
beside("full_infinity", lambda x: paddle.full([2], -float("inf")))
beside("full_large_int64", lambda x: paddle.full([2], 2 ** 40 + 1, "int64"))
beside("full_scalar", lambda x: paddle.full([], 3.5))
beside("full_shape_list", lambda x: paddle.full([paddle.shape(x)[0], 2], 1.5))
beside("full_shape_tensor", lambda x: paddle.full(paddle.shape(x), 2.5))
beside("full_value_tensor", lambda x, v: paddle.full([2, 3], v), X + [exactly("v", [0.75], "float32")])
beside("zeros", lambda x: paddle.zeros([2, 3]))
beside("ones_int64", lambda x: paddle.ones([3], "int64"))
beside("zeros_like", paddle.zeros_like)
beside("ones_like_int64", lambda x: paddle.ones_like(x, dtype="int64"))
beside("full_like", lambda x: paddle.full_like(x, 0.5))
beside("full_like_infinity", lambda x: paddle.full_like(x, float("inf")))
beside("full_like_bool", lambda x: paddle.full_like(x, True, dtype="bool"))
beside("full_like_int64", lambda x: paddle.full_like(x, 7), [integers("x", [2, 3], 0, 9)])


def batch_size_like(shape, axis):
    """A tensor of this shape, but for the axis whose size is that of the input."""
    attributes = {"shape": shape, "value": 2.5, "dtype": 5, "input_dim_idx": axis, "output_dim_idx": axis}
    return either(lambda x: legacy_operator("fill_constant_batch_size_like", {"Input": x}, attributes),
                  lambda x: paddle._C_ops.full_batch_size_like(x, shape, paddle.float32, 2.5, axis, axis,
                                                               paddle.CPUPlace()))


beside("fill_constant_batch_size_like", batch_size_like([-1, 4], 0))
beside("fill_constant_batch_size_like_axis1", batch_size_like([5, -1], 1))

beside("arange", lambda x: paddle.arange(5))
beside("arange_step", lambda x: paddle.arange(1, 10, 3, "int32"))
beside("arange_negative", lambda x: paddle.arange(5, -1, -2))
beside("arange_float", lambda x: paddle.arange(0.5, 3.0, 0.75))
beside("arange_shape", lambda x: paddle.arange(0, paddle.shape(x)[0]))
beside("arange_tensors", lambda x, n: paddle.arange(-1, n, 2), X + [exactly("n", 4, "int64")])
beside("arange_float_tensor", lambda x, v: paddle.arange(0.0, v, 0.5), X + [exactly("v", 2.25, "float32")])
beside("linspace", lambda x: paddle.linspace(0, 2, 5))
beside("linspace_int32", lambda x: paddle.linspace(0, 9, 4, "int32"))
beside("linspace_one", lambda x: paddle.linspace(1.5, 2, 1))
beside("linspace_tensor", lambda x, v: paddle.linspace(v, v + 2.0, 4), X + [exactly("v", [0.5], "float32")])
beside("eye", lambda x: paddle.eye(3))

for name, values in {"float": [1.5, -2.0], "int64": [[1, 2], [3, -4]], "bool": [True, False, True],
                     "scalar": 2.5}.items():
    beside(f"constant_{name}", lambda x, values=values: paddle.to_tensor(values))
beside("constant_int32", lambda x: paddle.to_tensor([3, -1], dtype="int32"))
beside("assign_numpy", lambda x: paddle.assign([0.25, -0.5]))
family.function("constant_added", lambda x: x + paddle.to_tensor([0.5, -0.5, 1.5]), X)
family.function("assign", paddle.assign, X)
family.function("clone", paddle.clone, X)
family.function("increment", lambda x: paddle.increment(x * 2, 1.5), [exactly("x", [2.5], "float32")])
family.function("increment_int64", lambda x: paddle.increment(x * 2), [exactly("x", [4], "int64")])
family.function("tril", paddle.tril, [reals("x", [2, 4, 4])])
family.function("tril_diagonal", lambda x: paddle.tril(x, -1), [reals("x", [4, 5], dynamic=())])
family.function("triu", paddle.triu, [reals("x", [2, 4, 4])])
family.function("triu_diagonal", lambda x: paddle.triu(x, 2), [reals("x", [4, 5], dynamic=())])
family.function("diag", paddle.diag, [reals("x", [3], dynamic=())])
family.function("meshgrid", lambda x, y: tuple(paddle.meshgrid(x, y)), [reals("x", [3]), reals("y", [2])])

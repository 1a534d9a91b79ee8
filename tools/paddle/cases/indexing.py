"""Slices, gathers, scatters and assignments to parts."""
import numpy as np
import paddle

from cases.case import Family, booleans, exactly, integers, reals

family = Family("indexing")
X = [reals("x", [3, 4, 5], dynamic=(0, 1))]
FIXED = [reals("x", [3, 4, 5], dynamic=())]
N = exactly("n", [1], "int32")
INDEX = exactly("index", [2, 0, 1, 2], "int64", dynamic=(0,))


def slice_case(name, function, inputs=X):
    family.function(f"slice_{name}", function, inputs)


slice_case("two_axes", lambda x: paddle.slice(x, [1, 2], [1, 0], [3, 4]))
slice_case("negative", lambda x: paddle.slice(x, [1, 2], [-3, -2], [-1, 1000000]))
slice_case("to_the_end", lambda x: x[:, 1:])
slice_case("integer", lambda x: x[:, 1])
slice_case("last", lambda x: x[:, -1])
slice_case("two_integers", lambda x: x[:, 1, -2])
slice_case("to_scalar", lambda x: x[0], [reals("x", [3], dynamic=())])
slice_case("new_axis", lambda x: x[:, None, 1:3])
slice_case("ellipsis", lambda x: x[..., 2:4])
slice_case("tensor_starts", lambda x, n: paddle.slice(x, [1], n, [4]), X + [N])
slice_case("tensor_ends", lambda x, n: paddle.slice(x, [1, 2], [0, 1], [n + 2, 4]), X + [N])
slice_case("tensor_both", lambda x, n: paddle.slice(x, [1], n, n + 2), X + [N])
slice_case("tensor_list", lambda x, n: x[:, n[0]:n[0] + 2], X + [N])
slice_case("tensor_index", lambda x, n: x[:, n[0]], X + [N])
slice_case("from_shape", lambda x, y: x[:, :paddle.shape(y)[0]], X + [reals("y", [2])])
slice_case("int64", lambda x: x[1:, :2], [integers("x", [3, 4], -9, 9)])
slice_case("bool", lambda x: x[1:], [booleans("x", [3, 4])])
slice_case("of_shape_arithmetic", lambda x: paddle.shape(x)[0] * 2 + 1)

slice_case("step", lambda x: x[:, ::2])
slice_case("step_offset", lambda x: x[:, 1::2, 0:5:3])
slice_case("reversed", lambda x: x[:, :, ::-1])
slice_case("reversed_step", lambda x: x[:, :, 4:0:-2])
family.function("strided_slice", lambda x: paddle.strided_slice(x, [1, 2], [3, 0], [0, 5], [-1, 2]), X)
family.function("strided_slice_negative", lambda x: paddle.strided_slice(x, [2], [-1], [-5], [-2]), X)
family.function("strided_slice_tensor", lambda x, n: paddle.strided_slice(x, [1], n, [4], [2]), X + [N])

family.function("gather_axis0", lambda x, index: paddle.gather(x, index), X + [INDEX])
family.function("gather_axis1", lambda x, index: paddle.gather(x, index, axis=1), X + [INDEX])
family.function("gather_axis_negative", lambda x, index: paddle.gather(x, index, axis=-1), X + [INDEX],
                writers=("pir30", "pir33"), why="Paddle 2.6 computes zeros of wrong dims")
family.function("gather_int32", lambda x, index: paddle.gather(x, index),
                X + [exactly("index", [1, 0], "int32", dynamic=(0,))])
family.function("gather_axis_tensor", lambda x, index, axis: paddle.gather(x, index, axis),
                X + [INDEX, exactly("axis", [1], "int64")])
family.function("gather_scalar_index", lambda x, index: paddle.gather(x, index, axis=1),
                X + [exactly("index", 2, "int64")])
family.function("gather_nd", paddle.gather_nd, X + [exactly("index", [[0, 1], [2, 3]], "int64", dynamic=(0,))])
family.function("gather_nd_full", paddle.gather_nd,
                X + [exactly("index", [[0, 1, 4], [2, 3, 0]], "int64", dynamic=(0,))])
family.function("gather_nd_negative", paddle.gather_nd, X + [exactly("index", [[-1], [1]], "int64", dynamic=(0,))])
family.function("index_tensor", lambda x, index: x[index], X + [INDEX])
family.function("index_tensor_axis1", lambda x, index: x[:, index], X + [INDEX])
family.function("index_two_tensors", lambda x, rows, columns: x[rows, columns],
                X + [exactly("rows", [0, 2], "int64", dynamic=(0,)), exactly("columns", [3, 1], "int64", dynamic=(0,))])
family.function("index_bool", lambda x, mask: x[mask], X + [exactly("mask", [True, False, True], "bool", dynamic=(0,))])
family.function("index_select", lambda x, index: paddle.index_select(x, index, axis=1), X + [INDEX])
family.function("index_select_negative", lambda x, index: paddle.index_select(x, index, axis=-1), X + [INDEX])
family.function("index_sample", paddle.index_sample, [reals("x", [3, 5]), integers("index", [3, 2], 0, 5)])
family.function("take_along_axis", lambda x, index: paddle.take_along_axis(x, index, 1),
                [reals("x", [3, 4]), integers("index", [3, 2], 0, 4)])
family.function("take_along_axis_broadcast", lambda x, index: paddle.take_along_axis(x, index, 1),
                [reals("x", [3, 4], dynamic=()), exactly("index", [[2]], "int64")])
ROWS = exactly("rows", [2, 0], "int64", dynamic=(0,))
UPDATES = reals("updates", [2, 4])
family.function("scatter", paddle.scatter, [reals("x", [3, 4]), ROWS, UPDATES])
family.function("scatter_add", lambda x, rows, updates: paddle.scatter(x, rows, updates, overwrite=False),
                [reals("x", [3, 4]), exactly("rows", [2, 2, 0], "int64", dynamic=(0,)), reals("updates", [3, 4])])
family.function("scatter_nd_add", paddle.scatter_nd_add,
                [reals("x", [3, 4]), exactly("index", [[1, 2], [0, 3], [1, 2]], "int64", dynamic=(0,)),
                 reals("updates", [3])])
family.function("scatter_nd", lambda index, updates: paddle.scatter_nd(index, updates, [3, 4]),
                [exactly("index", [[1], [2]], "int64", dynamic=(0,)), UPDATES])
for reduce in ["assign", "add", "multiply", "amax", "amin"]:
    family.function(f"put_along_axis_{reduce}",
                    lambda x, index, values, reduce=reduce: paddle.put_along_axis(x, index, values, 1, reduce=reduce),
                    [reals("x", [3, 4], dynamic=()), exactly("index", [[0, 1], [2, 3], [3, 1]], "int64"),
                     reals("values", [3, 2], dynamic=())])
family.function("put_along_axis_scalar", lambda x, index: paddle.put_along_axis(x, index, 9.0, 1),
                [reals("x", [3, 4], dynamic=()), exactly("index", [[0], [2], [3]], "int64")])
MASK = booleans("mask", [3, 4], dynamic=(0, 1))
MATRIX = reals("x", [3, 4], dynamic=(0, 1))
family.function("where", lambda mask, x, y: paddle.where(mask, x, y),
                [MASK, MATRIX, reals("y", [3, 4], dynamic=(0, 1))])
family.function("where_broadcast", lambda mask, x, y: paddle.where(mask, x, y),
                [booleans("mask", [3, 1]), MATRIX, reals("y", [4], dynamic=())])
family.function("where_scalar", lambda mask, x: paddle.where(mask, x, paddle.full([1], -1.0)), [MASK, MATRIX])
family.function("where_number", lambda mask, x: paddle.where(mask, x, -1.0), [MASK, MATRIX])
family.function("where_indices", lambda mask: paddle.where(mask), [MASK])
family.function("where_int64", lambda mask, x, y: paddle.where(mask, x, y),
                [MASK, integers("x", [3, 4], 0, 9), integers("y", [3, 4], 0, 9)])
family.function("nonzero", paddle.nonzero, [MASK])
family.function("nonzero_float", lambda x: paddle.nonzero(paddle.floor(x)), [MATRIX])
family.function("nonzero_tuple", lambda mask: paddle.nonzero(mask, as_tuple=True), [MASK])
family.function("masked_select", paddle.masked_select, [MATRIX, MASK])
family.function("masked_fill", lambda x, mask: paddle.masked_fill(x, mask, -2.5), [MATRIX, MASK])
family.function("one_hot", lambda x: paddle.nn.functional.one_hot(x, 5), [integers("x", [2, 3], 0, 5, dynamic=(0, 1))])
family.function("one_hot_int32", lambda x: paddle.nn.functional.one_hot(x, 5),
                [integers("x", [4], 0, 5, dtype="int32")])


def assignment(name, assign, inputs=X):
    """The case set_value_<name>: what a copy of x holds after assign(copy, *other inputs)."""
    def function(x, *others):
        copy = x * 1.0
        assign(copy, *others)
        return copy
    family.function(f"set_value_{name}", function, inputs)


def item(key, value):
    """Assigns value to copy[key]."""
    return lambda copy, *others: copy.__setitem__(key, value(*others) if callable(value) else value)


assignment("integer", item((slice(None), 1), 1.5))
assignment("last", item((slice(None), -1), 1.5))
assignment("slice", item((slice(None), slice(1, 3)), -2.0))
assignment("step", item((slice(None), slice(None), slice(0, None, 2)), 0.5))
assignment("two_axes", item((slice(None), slice(1, 3), slice(0, 2)), 4.0))
assignment("list", item((slice(None), slice(None), slice(0, 2)), np.float32([1, 2])), FIXED)
assignment("tensor_value", item((slice(None), 1), lambda value: value), X + [reals("value", [5], dynamic=())])
assignment("tensor_rows", item((slice(None), slice(1, 3)), lambda value: value), X + [reals("value", [3, 2, 5])])

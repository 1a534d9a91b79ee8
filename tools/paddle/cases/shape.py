"""Operators that move values without computing: reshape, transpose, concat, expand and their like."""
import paddle
import paddle.nn.functional as F

from cases.case import LEGACY, Family, exactly, integers, reals
from cases.raw import legacy_operator

family = Family("shape")
X = [reals("x", [2, 3, 4], dynamic=(0, 1))]
FIXED = [reals("x", [2, 3, 4], dynamic=())]
IMAGE = [reals("x", [2, 4, 3, 2], dynamic=(0, 2))]
ONES = [reals("x", [2, 1, 3, 1])]
PAIR = [reals("x", [2, 3, 4], dynamic=(0, 1)), reals("y", [2, 3, 4], dynamic=(0, 1))]

family.function("reshape", lambda x: paddle.reshape(x, [4, 6]), FIXED)
family.function("reshape_zero_infer", lambda x: paddle.reshape(x, [0, -1]), X)
family.function("reshape_zero_zero", lambda x: paddle.reshape(x, [0, 0, 2, 2]), X)
family.function("reshape_flat", lambda x: paddle.reshape(x, [-1]), X)
family.function("reshape_from_shape_list", lambda x: paddle.reshape(x, [paddle.shape(x)[0], 2, -1]), X)
family.function("reshape_from_shape_product", lambda x: paddle.reshape(x, [paddle.shape(x)[0] * paddle.shape(x)[1], 4]),
                X)
family.function("reshape_from_shape_tensor", lambda x, y: paddle.reshape(x, paddle.shape(y)),
                [reals("x", [6, 4]), reals("y", [2, 3, 4], dynamic=(0, 1))])
family.function("reshape_from_input_tensor", lambda x, shape: paddle.reshape(x, shape),
                X + [exactly("shape", [4, -1], "int32")])
family.function("reshape_int64", lambda x: paddle.reshape(x, [0, -1]), [integers("x", [2, 3, 2], -9, 9)])
family.function("reshape_to_scalar", lambda x: paddle.reshape(x, []), [reals("x", [1], dynamic=())])
family.function("transpose", lambda x: paddle.transpose(x, [0, 2, 1]), X)
family.function("transpose_negative", lambda x: paddle.transpose(x, [0, -1, -2]), X)
family.function("transpose_rank4", lambda x: paddle.transpose(x, [0, 2, 3, 1]), IMAGE)
family.function("flatten", paddle.flatten, X)
family.function("flatten_from1", lambda x: paddle.flatten(x, 1), IMAGE)
family.function("flatten_1_2", lambda x: paddle.flatten(x, 1, 2), IMAGE)
family.function("flatten_negative", lambda x: paddle.flatten(x, -3, -2), IMAGE)

family.function("squeeze_axis1", lambda x: paddle.squeeze(x, 1), ONES)
family.function("squeeze_negative", lambda x: paddle.squeeze(x, [-1]), ONES)
family.function("squeeze_two", lambda x: paddle.squeeze(x, [1, 3]), ONES)
family.function("squeeze_all", paddle.squeeze, [reals("x", [2, 1, 3, 1], dynamic=())])
family.function("squeeze_not_one", lambda x: paddle.squeeze(x, [2, 3]), ONES)
family.function("unsqueeze_axis0", lambda x: paddle.unsqueeze(x, 0), X)
family.function("unsqueeze_negative", lambda x: paddle.unsqueeze(x, -2), X)
family.function("unsqueeze_several", lambda x: paddle.unsqueeze(x, [1, 3, -1]), X)
family.function("unsqueeze_tensor", lambda x, axis: paddle.unsqueeze(x, axis), X + [exactly("axis", [1], "int64")])

for axis in [0, 1, -1]:
    family.function(f"concat_axis{axis}", lambda x, y, axis=axis: paddle.concat([x, y], axis=axis), PAIR)
family.function("concat_three", lambda x, y: paddle.concat([x, y, x], axis=1), PAIR)
family.function("concat_one", lambda x: paddle.concat([x], axis=1), X)
family.function("concat_axis_tensor", lambda x, y, axis: paddle.concat([x, y], axis=axis),
                PAIR + [exactly("axis", [1], "int32")])
family.function("concat_int64", lambda x, y: paddle.concat([x, y]),
                [integers("x", [2, 3], 0, 9), integers("y", [1, 3], 0, 9)])

for axis in [0, 1, -1]:
    family.function(f"stack_axis{axis}", lambda x, y, axis=axis: paddle.stack([x, y], axis=axis), PAIR)
family.function("unstack", lambda x: tuple(paddle.unstack(x, axis=1)), FIXED)
family.function("unbind", lambda x: tuple(paddle.unbind(x, axis=1)), FIXED)
family.function("split_num", lambda x: tuple(paddle.split(x, 2, axis=2)), X)
family.function("split_sections", lambda x: tuple(paddle.split(x, [1, 3], axis=-1)), X)
family.function("split_rest", lambda x: tuple(paddle.split(x, [1, -1, 1], axis=2)), X)
family.function("split_axis0", lambda x: tuple(paddle.split(x, 2)), [reals("x", [4, 3], dynamic=())])
family.function("split_axis_tensor", lambda x, axis: tuple(paddle.split(x, 2, axis)),
                [reals("x", [2, 2, 4], dynamic=()), exactly("axis", [2], "int32")])
family.function("split_open_axis", lambda x: tuple(paddle.split(x, [1, -1], axis=1)), X)
family.function("chunk", lambda x: tuple(paddle.chunk(x, 2, axis=1)), IMAGE)
family.function("expand", lambda x: paddle.expand(x, [5, 2, 3]), [reals("x", [2, 1], dynamic=())])
family.function("expand_keep", lambda x: paddle.expand(x, [-1, 3, -1]), [reals("x", [2, 1, 4])])
family.function("expand_from_shape_list", lambda x, y: paddle.expand(x, [paddle.shape(y)[0], 3, 4]),
                [reals("x", [1, 3, 1], dynamic=()), reals("y", [2, 5])])
family.function("expand_from_shape_tensor", lambda x, y: paddle.expand(x, paddle.shape(y)),
                [reals("x", [1, 3, 1], dynamic=()), reals("y", [2, 3, 4], dynamic=(0, 2))])
family.function("expand_as", paddle.expand_as, [reals("x", [2, 1, 4]), reals("y", [2, 3, 4], dynamic=(0, 1))])
family.function("broadcast_to", lambda x: paddle.broadcast_to(x, [2, 3, 4]), [reals("x", [3, 1], dynamic=())])
family.function("tile", lambda x: paddle.tile(x, [1, 2, 1]), X)
family.function("tile_more_dims", lambda x: paddle.tile(x, [2, 1, 1, 2]), X)
family.function("tile_fewer_dims", lambda x: paddle.tile(x, [3]), X)
family.function("tile_tensor", lambda x, times: paddle.tile(x, times), X + [exactly("times", [2, 1, 2], "int32")])
family.function("tile_list", lambda x, y: paddle.tile(x, [paddle.shape(y)[0], 1, 1]), X + [reals("y", [3])])
family.function("repeat_interleave", lambda x: paddle.repeat_interleave(x, 2, axis=1), FIXED)

family.function("flip", lambda x: paddle.flip(x, [1]), X)
family.function("flip_two", lambda x: paddle.flip(x, [0, -1]), X)
family.function("roll", lambda x: paddle.roll(x, 1, axis=1), X)
family.function("roll_two", lambda x: paddle.roll(x, [1, -2], axis=[0, 2]), X)
family.function("roll_flat", lambda x: paddle.roll(x, 5), FIXED)
family.function("shape", paddle.shape, X)
family.function("shape_slice", lambda x: paddle.shape(x)[1:], X)
family.function("numel", paddle.numel, X)
family.function("rank", lambda x: (x * 2.0, paddle.rank(x)), X)
family.function("identity_output", lambda x: (x * 2.0, x), X)
family.function("same_output_twice", lambda x: (lambda y: (y, y))(F.relu(x)), X)

family.function("reshape_v1", lambda x: legacy_operator("reshape", {"X": x}, {"shape": [0, -1]}), X,
                writers=LEGACY, why="reshape without XShape is gone")
family.function("transpose_v1", lambda x: legacy_operator("transpose", {"X": x}, {"axis": [0, 2, 1]}), X,
                writers=LEGACY, why="transpose without XShape is gone")
family.function("flatten_v2", lambda x: legacy_operator("flatten2", {"X": x}, {"axis": 2},
                                                        outputs=("Out", "XShape"))[0], IMAGE,
                writers=LEGACY, why="flatten to a matrix is gone")

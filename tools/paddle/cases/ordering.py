"""Largest, smallest and sorted values. Most inputs have no ties: Paddle does not say which of two comes first."""
import numpy as np
import paddle

from cases.case import Family, Input, exactly, reals

family = Family("ordering")
X = [reals("x", [3, 4, 5], -9, 9, dynamic=(0, 1))]


def permutation(name, sizes, dtype="int64"):
    return Input(name, [None] + sizes[1:], dtype,
                 lambda random: random.permutation(int(np.prod(sizes))).reshape(sizes) - 7)


for name in ["argmax", "argmin"]:
    find = getattr(paddle, name)
    family.function(f"{name}_flat", find, X)
    family.function(f"{name}_axis1", lambda x, find=find: find(x, axis=1), X)
    family.function(f"{name}_last_keepdim", lambda x, find=find: find(x, axis=-1, keepdim=True), X)
    family.function(f"{name}_int32", lambda x, find=find: find(x, axis=0, dtype="int32"), X)
family.function("argmax_flat_keepdim", lambda x: paddle.argmax(x, keepdim=True), X)
family.function("argmax_of_int64", lambda x: paddle.argmax(x, axis=1), [permutation("x", [3, 4])])
family.function("argmax_first_of_equals", lambda x: paddle.argmax(x, axis=1),
                [exactly("x", [[1, 3, 3], [2, 2, 0]], "float32")])

family.function("argsort", lambda x: paddle.argsort(x, axis=-1), X)
family.function("argsort_descending", lambda x: paddle.argsort(x, axis=1, descending=True), X)
family.function("sort", lambda x: paddle.sort(x, axis=1), X)
family.function("sort_descending", lambda x: paddle.sort(x, axis=-1, descending=True), X)
family.function("sort_int64", lambda x: paddle.sort(x, axis=0), [permutation("x", [3, 4])])

family.function("topk", lambda x: paddle.topk(x, 2), X)
family.function("topk_axis1", lambda x: paddle.topk(x, 2, axis=1), X)
family.function("topk_smallest", lambda x: paddle.topk(x, 3, largest=False), X)
family.function("topk_unsorted_one", lambda x: paddle.topk(x, 1, sorted=False), X)
family.function("topk_tensor", lambda x, k: paddle.topk(x, k, axis=-1), X + [exactly("k", [2], "int32")])
family.function("topk_int64", lambda x: paddle.topk(x, 2), [permutation("x", [3, 4])])

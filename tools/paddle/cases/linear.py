"""Products of matrices, attention and einsum."""
import paddle
import paddle.nn as nn
import paddle.nn.functional as F

from cases.case import LEGACY, Family, exactly, integers, reals
from cases.raw import either, legacy_operator

family = Family("linear")


def matrices(left, right, dynamic=(0,)):
    return [reals("x", left, dynamic=dynamic), reals("y", right, dynamic=())]


family.function("matmul", paddle.matmul, matrices([3, 4], [4, 5]))
family.function("matmul_transpose_x", lambda x, y: paddle.matmul(x, y, transpose_x=True),
                matrices([4, 3], [4, 5], (1,)))
family.function("matmul_transpose_y", lambda x, y: paddle.matmul(x, y, transpose_y=True), matrices([3, 4], [5, 4]))
family.function("matmul_transpose_both", lambda x, y: paddle.matmul(x, y, True, True),
                matrices([2, 4, 3], [2, 5, 4], (2,)))
family.function("matmul_batched", paddle.matmul, [reals("x", [2, 3, 4, 2], dynamic=(0, 2)), reals("y", [2, 3, 2, 5])])
family.function("matmul_broadcast", paddle.matmul, matrices([2, 3, 4, 2], [2, 5], (0, 2)))
family.function("matmul_batch_broadcast", paddle.matmul, [reals("x", [1, 3, 4, 2]), reals("y", [5, 1, 2, 3])])
family.function("matmul_vector_matrix", paddle.matmul, matrices([4], [4, 5], ()))
family.function("matmul_matrix_vector", paddle.matmul, matrices([2, 3, 4], [4]))
family.function("matmul_vector_vector", paddle.matmul, matrices([4], [4], ()))
family.function("matmul_vector_transposed", lambda x, y: paddle.matmul(x, y, transpose_y=True),
                matrices([4], [5, 4], ()))
family.function("matmul_float64", paddle.matmul,
                [reals("x", [3, 4], dtype="float64"), reals("y", [4, 2], dtype="float64")])
family.function("bmm", paddle.bmm, [reals("x", [2, 3, 4], dynamic=(0, 1)), reals("y", [2, 4, 5])])
family.function("dot", paddle.dot, [reals("x", [5], dynamic=(0,)), reals("y", [5])])
family.function("dot_rows", paddle.dot, [reals("x", [3, 5]), reals("y", [3, 5])])
family.function("addmm", lambda c, x, y: paddle.addmm(c, x, y, beta=0.5, alpha=2.0),
                [reals("c", [3, 5]), reals("x", [3, 4]), reals("y", [4, 5], dynamic=())])
family.function("transpose_matrix", paddle.t, [reals("x", [3, 4])])

family.layer("linear", lambda: nn.Linear(4, 3), [reals("x", [2, 4])])
family.layer("linear_rank3", lambda: nn.Linear(4, 3), [reals("x", [2, 5, 4], dynamic=(0, 1))])
family.layer("linear_no_bias", lambda: nn.Linear(4, 3, bias_attr=False), [reals("x", [2, 4])])


def flattened_product(name, columns_x, columns_y, left, right):
    """Both sides become matrices first: the dims up to `columns` are the rows."""
    attributes = {"x_num_col_dims": columns_x, "y_num_col_dims": columns_y}
    family.network(name,
                   either(lambda net, x: legacy_operator("mul", {"X": x, "Y": net.weight}, attributes),
                          lambda net, x: paddle._C_ops.matmul_with_flatten(x, net.weight, columns_x, columns_y)),
                   [reals("x", left)], {"weight": lambda net: net.create_parameter(right)})


flattened_product("mul", 1, 1, [2, 4], [4, 3])
flattened_product("mul_flattening", 1, 1, [2, 3, 2], [6, 4])
flattened_product("mul_columns2", 2, 1, [2, 3, 4], [4, 5])
flattened_product("mul_y_columns2", 1, 2, [2, 6], [2, 3, 4])
for name, settings in {"": {}, "_alpha": {"transpose_Y": True, "alpha": 0.5}}.items():
    family.function(f"matmul_v1{name}",
                    lambda x, y, settings=settings: legacy_operator("matmul", {"X": x, "Y": y}, settings),
                    [reals("x", [2, 3, 4]), reals("y", [2, 4, 4])], writers=LEGACY, why="matmul_v2 took its place")

IDS = [exactly("ids", [[0, 3, 1], [5, 2, 3]], "int64", dynamic=(0, 1))]
family.layer("embedding", lambda: nn.Embedding(6, 4), IDS)
family.layer("embedding_padding", lambda: nn.Embedding(6, 4, padding_idx=3), IDS)
family.layer("embedding_padding_last", lambda: nn.Embedding(6, 4, padding_idx=-1), IDS)
family.layer("embedding_int32", lambda: nn.Embedding(6, 4), [integers("ids", [2, 3], 0, 6, dtype="int32")])

for name, equation, left, right in [
        ("batched", "bij,bjk->bik", [2, 3, 4], [2, 4, 5]), ("transposed", "bij,bkj->bik", [2, 3, 4], [2, 5, 4]),
        ("heads", "bnhd,bmhd->bhnm", [2, 3, 2, 4], [2, 5, 2, 4]), ("outer", "i,j->ij", [3], [4]),
        ("contract_two", "bij,bij->b", [2, 3, 4], [2, 3, 4]), ("implicit", "ij,jk", [3, 4], [4, 2]),
        ("ellipsis", "...ij,...jk->...ik", [2, 3, 4], [2, 4, 5]), ("pointwise", "ij,ij->ij", [3, 4], [3, 4])]:
    family.function(f"einsum_{name}", lambda x, y, equation=equation: paddle.einsum(equation, x, y),
                    [reals("x", left, dynamic=()), reals("y", right, dynamic=())])
family.function("einsum_sum", lambda x: paddle.einsum("bij->bi", x), [reals("x", [2, 3, 4])])
family.function("einsum_permute", lambda x: paddle.einsum("bij->jbi", x), [reals("x", [2, 3, 4])])

HEADS = [2, 5, 2, 4]
QUERIES = [reals(name, HEADS, dynamic=(0, 1)) for name in ("q", "k", "v")]
family.function("attention", lambda q, k, v: F.scaled_dot_product_attention(q, k, v, training=False), QUERIES)
family.function("attention_causal",
                lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True, training=False), QUERIES)
family.function("attention_mask", lambda q, k, v, mask: F.scaled_dot_product_attention(q, k, v, mask, training=False),
                QUERIES + [reals("mask", [2, 1, 5, 5], dynamic=(0,))])

SEQUENCE = [reals("x", [2, 3, 4], dynamic=(0, 1))]
family.function("dropout_upscale", lambda x: F.dropout(x, 0.4, training=False), SEQUENCE)
family.function("dropout_downscale", lambda x: F.dropout(x, 0.4, training=False, mode="downscale_in_infer"), SEQUENCE)
family.function("dropout_axis", lambda x: F.dropout(x, 0.4, axis=1, training=False, mode="downscale_in_infer"),
                SEQUENCE)
family.layer("dropout2d", lambda: nn.Sequential(nn.Dropout2D(0.4), nn.ReLU()), [reals("x", [2, 3, 2, 2])])

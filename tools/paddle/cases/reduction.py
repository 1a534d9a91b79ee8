"""Reductions, norms, and scans."""
import paddle

from cases.case import Family, booleans, exactly, integers, reals
from cases.raw import either, legacy_operator

family = Family("reduction")
X = [reals("x", [2, 3, 4], dynamic=(0, 2))]
COUNTS = [integers("x", [2, 3, 4], -9, 10)]
FLAGS = [booleans("x", [2, 3, 4], dynamic=(0, 2))]

for name in ["sum", "mean", "max", "min", "prod", "logsumexp"]:
    reduce = getattr(paddle, name)
    family.function(f"{name}_all", reduce, X)
    family.function(f"{name}_axis1", lambda x, reduce=reduce: reduce(x, axis=1), X)
    family.function(f"{name}_keepdim", lambda x, reduce=reduce: reduce(x, axis=[0, -1], keepdim=True), X)
for name in ["amax", "amin"]:
    family.function(name, lambda x, reduce=getattr(paddle, name): reduce(x, axis=[0, -1], keepdim=True), X)
for name in ["sum", "max", "min", "prod"]:
    family.function(f"{name}_int64", lambda x, reduce=getattr(paddle, name): reduce(x, axis=-1), COUNTS)
for name in ["any", "all"]:
    reduce = getattr(paddle, name)
    family.function(f"{name}_all", reduce, FLAGS)
    family.function(f"{name}_axis1", lambda x, reduce=reduce: reduce(x, axis=1), FLAGS)
    family.function(f"{name}_keepdim", lambda x, reduce=reduce: reduce(x, axis=[1, 2], keepdim=True), FLAGS)
family.function("mean_all_keepdim", lambda x: paddle.mean(x, keepdim=True), X)
family.function("sum_bool", lambda x: paddle.sum(x, axis=1), FLAGS)
family.function("sum_int32", lambda x: paddle.sum(x, axis=1), [integers("x", [2, 3, 4], -9, 10, dtype="int32")])
family.function("sum_dtype", lambda x: paddle.sum(x, axis=1, dtype="float64"), X)
family.function("sum_every_axis", lambda x: paddle.sum(x, axis=[0, 1, 2]), X)
family.function("sum_axis_tensor", lambda x, axis: paddle.sum(x, axis=axis), X + [exactly("axis", [1], "int64")])
family.function("prod_axis_two", lambda x: paddle.prod(x, axis=[1, 2]), X)
family.function("mean_operator",
                either(lambda x: legacy_operator("mean", {"X": x}), lambda x: paddle._C_ops.mean_all(x)), X)
family.function("squared_l2_norm", either(lambda x: legacy_operator("squared_l2_norm", {"X": x}),
                                          lambda x: paddle._C_ops.squared_l2_norm(x)), X)
family.function("frobenius_norm", lambda x: paddle.linalg.norm(x, "fro", axis=[1, 2]), X)

for name, order in {"1": 1, "2": 2, "3": 3, "infinity": float("inf"), "negative_infinity": -float("inf"),
                    "0": 0}.items():
    family.function(f"p_norm_{name}", lambda x, order=order: paddle.linalg.norm(x, order, axis=1), X)
family.function("p_norm_vector", lambda x: paddle.linalg.norm(x, 2), X)
family.function("norm_default", paddle.linalg.norm, X)
family.function("cumsum", lambda x: paddle.cumsum(x, axis=1), X)
family.function("cumsum_last", lambda x: paddle.cumsum(x, axis=-1), X)
family.function("cumsum_flat", paddle.cumsum, X)
family.function("cumsum_int64", lambda x: paddle.cumsum(x, axis=0), COUNTS)
family.function("cumsum_dtype", lambda x: paddle.cumsum(x, axis=1, dtype="float64"), X)
for name, exclusive, reverse in [("reverse", False, True), ("exclusive", True, False),
                                 ("reverse_exclusive", True, True)]:
    attributes = {"axis": 1, "exclusive": exclusive, "reverse": reverse}
    family.function(f"cumsum_{name}",
                    either(lambda x, attributes=attributes: legacy_operator("cumsum", {"X": x}, attributes),
                           lambda x, e=exclusive, r=reverse: paddle._C_ops.cumsum(x, 1, False, e, r)), X)
family.function("cumprod", lambda x: paddle.cumprod(x, dim=1), X)
family.function("cumprod_last", lambda x: paddle.cumprod(x, dim=-1), X)
family.function("add_n", lambda x, y, z: paddle.add_n([x, y, z]), [reals(name, [2, 3]) for name in "xyz"])
family.function("add_n_one", lambda x: paddle.add_n([x]), X)
family.function("sum_of_list_int64", lambda x, y: paddle.add_n([x, y]),
                [integers(name, [2, 3], -9, 9) for name in "xy"])

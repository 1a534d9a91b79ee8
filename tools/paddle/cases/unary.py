"""Elementwise mathematics of one tensor, and casts."""
import paddle

from cases.case import Family, booleans, exactly, integers, reals

family = Family("unary")
SIZES = [2, 3, 4]
ANY = [reals("x", SIZES, -3, 3, dynamic=(0, 1))]
POSITIVE = [reals("x", SIZES, 0.1, 4, dynamic=(0, 1))]
INSIDE_ONE = [reals("x", SIZES, -0.9, 0.9, dynamic=(0, 1))]
COUNTS = [integers("x", SIZES, -9, 10)]
SPECIAL = [exactly("x", [float("nan"), float("inf"), -float("inf"), 0.0, 1.5, -2.0], "float32")]
TIES = [exactly("x", [-2.5, -1.5, -0.5, -0.4, 0.0, 0.4, 0.5, 1.5, 2.5, 3.5], "float32")]

for name in ["exp", "expm1", "square", "reciprocal", "abs", "floor", "ceil", "round", "sign", "sin", "cos", "tan",
             "sinh",
             "cosh", "erf", "trunc", "atan"]:
    family.function(name, getattr(paddle, name), ANY)
for name in ["log", "log2", "log10", "log1p", "sqrt", "rsqrt"]:
    family.function(name, getattr(paddle, name), POSITIVE)
for name in ["asin", "acos"]:
    family.function(name, getattr(paddle, name), INSIDE_ONE)
for name in ["isnan", "isinf", "isfinite"]:
    family.function(name, getattr(paddle, name), SPECIAL)

family.function("round_ties", paddle.round, TIES)
family.function("round_decimals", lambda x: paddle.round(x, 1), ANY)
family.function("abs_int64", paddle.abs, COUNTS)
family.function("exp_float64", paddle.exp, [reals("x", SIZES, dtype="float64")])
family.function("rsqrt_after_add", lambda x: paddle.rsqrt(x + 1e-5), POSITIVE)

family.function("pow_square", lambda x: x ** 2, ANY)
family.function("pow_cube", lambda x: paddle.pow(x, 3), ANY)
family.function("pow_fraction", lambda x: paddle.pow(x, 0.75), POSITIVE)
family.function("pow_negative", lambda x: x ** -1.5, POSITIVE)
family.function("pow_int64", lambda x: paddle.pow(x, 3), COUNTS)
family.function("pow_scalar_base", lambda x: 2 ** x, ANY)

family.function("scale", lambda x: paddle.scale(x, 2.5, 0.5), ANY)
family.function("scale_bias_first", lambda x: paddle.scale(x, 2.5, 0.5, bias_after_scale=False), ANY)
family.function("scale_tensor", lambda x, factor: paddle.scale(x, factor, 0.5),
                ANY + [reals("factor", [1], dynamic=())])
family.function("scale_tensor_bias_first", lambda x, factor: paddle.scale(x, factor, 0.5, bias_after_scale=False),
                ANY + [reals("factor", [1], dynamic=())])
family.function("scale_int64", lambda x: paddle.scale(x, 3, 2), COUNTS)
family.function("scale_activation", lambda x: paddle.scale(x, 0.5, 0.1, act="relu"), ANY)
family.function("scalar_arithmetic", lambda x: ((x + 1) * 2 - 3) / 4 + (1 - x) + 2 / (x * x + 1), ANY)
family.function("negate_operator", lambda x: -x, ANY)

family.function("clip", lambda x: paddle.clip(x, -1.0, 1.5), ANY)
family.function("clip_min", lambda x: paddle.clip(x, min=-0.5), ANY)
family.function("clip_max", lambda x: paddle.clip(x, max=0.5), ANY)
family.function("clip_int64", lambda x: paddle.clip(x, -3, 4), COUNTS)
family.function("clip_tensor", lambda x, low, high: paddle.clip(x, low, high),
                ANY + [exactly("low", [-1.0], "float32"), exactly("high", [0.7], "float32")])
family.function("clip_tensor_min", lambda x, low: paddle.clip(x, low, 1.0), ANY + [exactly("low", [-1.0], "float32")])


def cast_case(source, target, values):
    family.function(f"cast_{source}_{target}", lambda x: paddle.cast(x, target), [values])


for target in ["float16", "float64", "int32", "int64", "int8", "bool"]:
    cast_case("float32", target, reals("x", SIZES, -9, 9))
cast_case("float32", "uint8", reals("x", SIZES, 0, 250))
for target in ["float32", "int32", "bool"]:
    cast_case("int64", target, integers("x", SIZES, 0, 3))
for target in ["float32", "int64"]:
    cast_case("int32", target, integers("x", SIZES, -9, 10, dtype="int32"))
for target in ["float32", "int64", "int32"]:
    cast_case("bool", target, booleans("x", SIZES))
for source in ["float64", "float16"]:
    cast_case(source, "float32", reals("x", SIZES, dtype=source))
for source in ["uint8", "int8"]:
    cast_case(source, "float32", integers("x", SIZES, 0, 100, dtype=source))
family.function("cast_through_bfloat16", lambda x: paddle.cast(paddle.cast(x, "bfloat16"), "float32"), ANY)
family.function("cast_same", lambda x: paddle.cast(x, "float32"), ANY)

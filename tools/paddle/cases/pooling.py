"""Poolings. Averages count their padding or not (`exclusive`), and the last window may stand out (`ceil_mode`)."""
import paddle
import paddle.nn.functional as F

from cases.case import Family, reals
from cases.raw import either, legacy_operator

family = Family("pooling")
IMAGE = [reals("x", [2, 2, 7, 6], dynamic=(0, 2, 3))]
FIXED = [reals("x", [2, 2, 7, 6])]
CHANNELS_LAST = [reals("x", [2, 7, 6, 2], dynamic=(0, 1, 2))]
LINE = [reals("x", [2, 3, 9], dynamic=(0, 2))]
VOLUME = [reals("x", [1, 2, 4, 5, 4], dynamic=(0, 2, 3, 4))]

for name, pool in {"max": F.max_pool2d, "avg": F.avg_pool2d}.items():
    def add(variant, inputs=IMAGE, pool=pool, name=name, **settings):
        family.function(f"{name}_pool2d{variant}", lambda x: pool(x, **settings), inputs)

    add("", kernel_size=2)
    add("_stride1", kernel_size=(3, 2), stride=1)
    add("_padding1", kernel_size=3, stride=2, padding=1)
    add("_padding_four_sides", kernel_size=3, stride=2, padding=[0, 1, 1, 0])
    add("_ceil", kernel_size=2, stride=2, ceil_mode=True)
    add("_ceil_padding1", kernel_size=3, stride=2, padding=1, ceil_mode=True)
    add("_ceil_stride3", kernel_size=2, stride=3, ceil_mode=True)
    add("_same", kernel_size=3, stride=2, padding="SAME")
    add("_valid", kernel_size=3, stride=2, padding="VALID")
    add("_nhwc", CHANNELS_LAST, kernel_size=3, stride=2, padding=1, data_format="NHWC")

family.function("avg_pool2d_inclusive", lambda x: F.avg_pool2d(x, 3, 2, 1, exclusive=False), IMAGE)
family.function("avg_pool2d_inclusive_ceil", lambda x: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True, exclusive=False), IMAGE)
family.function("avg_pool2d_divisor", lambda x: F.avg_pool2d(x, 3, 2, 1, divisor_override=5), IMAGE)
family.function("avg_pool2d_global", lambda x: F.adaptive_avg_pool2d(x, 1), IMAGE)
family.function("adaptive_avg_pool2d_5x3", lambda x: F.adaptive_avg_pool2d(x, [5, 3]), FIXED)
family.function("adaptive_avg_pool2d_5x3_open", lambda x: F.adaptive_avg_pool2d(x, [5, 3]), IMAGE)
family.function("adaptive_avg_pool2d_none", lambda x: F.adaptive_avg_pool2d(x, [None, 2]), FIXED)
family.function("adaptive_avg_pool2d_divisible", lambda x: F.adaptive_avg_pool2d(x, [7, 3]), FIXED)
family.function("adaptive_avg_pool2d_nhwc", lambda x: F.adaptive_avg_pool2d(x, 1, data_format="NHWC"), CHANNELS_LAST)
family.function("adaptive_max_pool2d_1", lambda x: F.adaptive_max_pool2d(x, 1), IMAGE)
family.function("adaptive_max_pool2d_4x5", lambda x: F.adaptive_max_pool2d(x, [4, 5]), FIXED)
family.function("adaptive_max_pool2d_mask", lambda x: F.adaptive_max_pool2d(x, [3, 2], return_mask=True), FIXED)
for name, settings in {"": {}, "_padding1": {"padding": 1}, "_ceil": {"ceil_mode": True}}.items():
    family.function(f"max_pool2d_with_index{name}",
                    lambda x, settings=settings: F.max_pool2d(x, 3, 2, return_mask=True, **settings), IMAGE)

GLOBAL = {"ksize": [2, 2], "strides": [1, 1], "paddings": [0, 0], "global_pooling": True}
for kind in ["max", "avg"]:
    family.function(
        f"{kind}_pool2d_global_attribute",
        either(lambda x, kind=kind: legacy_operator("pool2d", {"X": x}, {"pooling_type": kind, **GLOBAL}),
               lambda x, kind=kind: paddle._C_ops.pool2d(x, [2, 2], [1, 1], [0, 0], False, True, "NCHW", kind, True,
                                                         False,
                                                         "EXPLICIT")), IMAGE)

family.function("max_pool1d", lambda x: F.max_pool1d(x, 3, 2, 1), LINE)
family.function("max_pool1d_ceil", lambda x: F.max_pool1d(x, 2, 2, ceil_mode=True), LINE)
family.function("avg_pool1d", lambda x: F.avg_pool1d(x, 2, 2), LINE)
family.function("avg_pool1d_inclusive", lambda x: F.avg_pool1d(x, 3, 2, 1, exclusive=False), LINE)
family.function("adaptive_avg_pool1d", lambda x: F.adaptive_avg_pool1d(x, 4), [reals("x", [2, 3, 9])])
family.function("adaptive_max_pool1d", lambda x: F.adaptive_max_pool1d(x, 4), [reals("x", [2, 3, 9])])

family.function("max_pool3d", lambda x: F.max_pool3d(x, 2, 2), VOLUME)
family.function("avg_pool3d", lambda x: F.avg_pool3d(x, 2, 2), VOLUME)
family.function("avg_pool3d_padding_inclusive", lambda x: F.avg_pool3d(x, 3, 2, 1, exclusive=False), VOLUME)
family.function("max_pool3d_ceil", lambda x: F.max_pool3d(x, (1, 2, 3), 2, ceil_mode=True), VOLUME)
family.function("adaptive_avg_pool3d", lambda x: F.adaptive_avg_pool3d(x, [2, 3, 1]), [reals("x", [1, 2, 4, 5, 4])])

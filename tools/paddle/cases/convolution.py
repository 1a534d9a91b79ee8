"""Convolutions and their transposes."""
import paddle.nn as nn
import paddle.nn.functional as F

from cases.case import Family, reals

family = Family("convolution")
IMAGE = [reals("x", [2, 4, 7, 6], dynamic=(0, 2, 3))]
CHANNELS_LAST = [reals("x", [2, 7, 6, 4], dynamic=(0, 1, 2))]
LINE = [reals("x", [2, 4, 9], dynamic=(0, 2))]
VOLUME = [reals("x", [1, 2, 4, 5, 4], dynamic=(0, 2, 3, 4))]


def conv2d(name, inputs=IMAGE, outputs=3, kernel=3, bias_attr=False, **settings):
    family.layer(f"conv2d{name}", lambda: nn.Conv2D(4, outputs, kernel, bias_attr=bias_attr, **settings), inputs)


def transpose2d(name, inputs=IMAGE, outputs=2, kernel=3, bias_attr=False, **settings):
    family.layer(f"conv2d_transpose{name}",
                 lambda: nn.Conv2DTranspose(4, outputs, kernel, bias_attr=bias_attr, **settings),
                 inputs)


conv2d("")
conv2d("_bias", bias_attr=None)
conv2d("_1x1_bias", kernel=1, bias_attr=None)
conv2d("_kernel_1x3", kernel=(1, 3))
conv2d("_padding1_stride2", padding=1, stride=2)
conv2d("_padding_2x1", padding=(2, 1))
conv2d("_padding_four_sides", padding=[1, 2, 0, 1])
conv2d("_padding_all_axes", padding=[[0, 0], [0, 0], [1, 2], [0, 1]])
conv2d("_same", padding="SAME")
conv2d("_same_stride2", stride=2, padding="SAME")
conv2d("_same_even_kernel", kernel=(2, 4), padding="SAME")
conv2d("_same_dilation2", padding="SAME", dilation=2)
conv2d("_valid", padding="VALID", stride=(1, 2))
conv2d("_dilation2", dilation=2, padding=1)
conv2d("_groups2", outputs=6, groups=2)
conv2d("_groups2_bias", outputs=6, groups=2, bias_attr=None)
conv2d("_nhwc", CHANNELS_LAST, data_format="NHWC")
conv2d("_nhwc_bias_same", CHANNELS_LAST, data_format="NHWC", bias_attr=None, padding="SAME", stride=2)
conv2d("_reflect_padding", padding=1, padding_mode="reflect")
conv2d("_circular_padding", padding=1, padding_mode="circular")
conv2d("_depthwise", outputs=4, groups=4)
conv2d("_depthwise_bias_padding1", outputs=4, groups=4, padding=1, bias_attr=None)
conv2d("_depthwise_same_stride2", outputs=4, groups=4, padding="SAME", stride=2)
conv2d("_depthwise_multiplier2", outputs=8, groups=4, dilation=2)
conv2d("_depthwise_nhwc", CHANNELS_LAST, outputs=4, groups=4, data_format="NHWC")
family.function("conv2d_weight_input", lambda x, w: F.conv2d(x, w, padding=1),
                IMAGE + [reals("w", [2, 4, 3, 3], -0.5, 0.5, dynamic=())])

transpose2d("")
transpose2d("_bias", bias_attr=None)
transpose2d("_stride2_padding1", stride=2, padding=1)
transpose2d("_output_padding", stride=2, padding=1, output_padding=1)
transpose2d("_kernel2_stride2", kernel=2, stride=2, bias_attr=None)
transpose2d("_padding_four_sides", padding=[0, 1, 1, 0])
transpose2d("_same", padding="SAME")
transpose2d("_same_stride2", padding="SAME", stride=2)
transpose2d("_valid", padding="VALID", stride=2)
transpose2d("_dilation2", dilation=2)
transpose2d("_groups2", groups=2, outputs=6)
transpose2d("_depthwise", groups=4, outputs=4, stride=2, kernel=4, padding=1)
transpose2d("_nhwc", CHANNELS_LAST, data_format="NHWC")
FIXED = [reals("x", [2, 4, 5, 6])]
family.network("conv2d_transpose_output_size", lambda net, x: net.conv(x, output_size=[12, 13]), FIXED,
               {"conv": lambda net: nn.Conv2DTranspose(4, 2, 3, stride=2, bias_attr=False)})
family.network("conv2d_transpose_output_size_open", lambda net, x: net.conv(x, output_size=[16, 13]), IMAGE,
               {"conv": lambda net: nn.Conv2DTranspose(4, 2, 3, stride=2, bias_attr=False)})

for name, settings in {"": {}, "_bias": {"bias_attr": None}, "_padding2_stride2": {"padding": 2, "stride": 2},
                       "_same": {"padding": "SAME"}, "_groups4": {"groups": 4}, "_dilation2": {"dilation": 2}}.items():
    family.layer(f"conv1d{name}", lambda settings=settings: nn.Conv1D(4, 4, 3, **{"bias_attr": False, **settings}),
                 LINE)
family.layer("conv1d_nlc", lambda: nn.Conv1D(4, 3, 3, data_format="NLC"), [reals("x", [2, 9, 4], dynamic=(0, 1))])
family.layer("conv1d_transpose", lambda: nn.Conv1DTranspose(4, 3, 3, stride=2, padding=1, output_padding=1), LINE)

for name, settings in {"": {}, "_bias": {"bias_attr": None},
                       "_padding_stride": {"padding": (1, 0, 1), "stride": (1, 2, 1)},
                       "_groups2": {"groups": 2}, "_same": {"padding": "SAME"},
                       "_padding_six_sides": {"padding": [0, 1, 1, 0, 1, 1]}}.items():
    family.layer(f"conv3d{name}", lambda settings=settings: nn.Conv3D(2, 2, 2, **{"bias_attr": False, **settings}),
                 VOLUME)
family.layer("conv3d_transpose", lambda: nn.Conv3DTranspose(2, 2, 2, stride=2), VOLUME)

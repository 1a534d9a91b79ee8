"""Operators on images: resizing, padding, and the rearrangement of pixels."""
import paddle
import paddle.nn as nn
import paddle.nn.functional as F

from cases.case import LEGACY, Family, exactly, reals
from cases.raw import legacy_operator

family = Family("vision")
LINE = [reals("x", [2, 3, 5], dynamic=(0, 2))]
IMAGE = [reals("x", [1, 2, 4, 5], dynamic=(0, 2, 3))]
CHANNELS_LAST = [reals("x", [1, 4, 5, 2], dynamic=(0, 1, 2))]
VOLUME = [reals("x", [1, 2, 3, 4, 3], dynamic=(0, 2, 3, 4))]


def resize(name, inputs=IMAGE, **settings):
    family.function(f"interpolate_{name}", lambda x: F.interpolate(x, **settings), inputs)


for mode in ["nearest", "bilinear", "bicubic"]:
    resize(f"{mode}_size", size=[7, 9], mode=mode)
    resize(f"{mode}_scale2", scale_factor=2, mode=mode)
    resize(f"{mode}_scale_fraction", scale_factor=[1.5, 2.3], mode=mode)
    resize(f"{mode}_down", size=[3, 2], mode=mode)
for mode in ["bilinear", "bicubic"]:
    resize(f"{mode}_corners", size=[7, 9], mode=mode, align_corners=True)
    resize(f"{mode}_corners_down", size=[2, 3], mode=mode, align_corners=True)
    resize(f"{mode}_corners_to_one", size=[1, 1], mode=mode, align_corners=True)
resize("bilinear_align_mode1", size=[7, 9], mode="bilinear", align_mode=1)
resize("bilinear_align_mode1_scale", scale_factor=[1.6, 2.0], mode="bilinear", align_mode=1)
resize("nearest_down_scale", scale_factor=0.5, mode="nearest")
resize("bilinear_down_scale", scale_factor=0.5, mode="bilinear")
resize("nearest_nhwc", CHANNELS_LAST, size=[7, 9], mode="nearest", data_format="NHWC")
resize("bilinear_nhwc", CHANNELS_LAST, scale_factor=2, mode="bilinear", data_format="NHWC")
resize("linear_size", LINE, size=[8], mode="linear", data_format="NCW")
resize("linear_corners", LINE, size=[8], mode="linear", align_corners=True, data_format="NCW")
resize("linear_align_mode1", LINE, scale_factor=[2.0], mode="linear", align_mode=1, data_format="NCW")
resize("trilinear_size", VOLUME, size=[5, 6, 4], mode="trilinear", data_format="NCDHW")
resize("trilinear_corners", VOLUME, size=[5, 6, 4], mode="trilinear", align_corners=True, data_format="NCDHW")
resize("trilinear_align_mode1", VOLUME, scale_factor=2, mode="trilinear", align_mode=1, data_format="NCDHW")
resize("nearest_3d", VOLUME, size=[5, 6, 4], mode="nearest", data_format="NCDHW")
resize("area", [reals("x", [1, 2, 4, 5])], size=[2, 3], mode="area")
SIZE = exactly("size", [6, 7], "int32")
SCALE = exactly("scale", [1.5], "float32")
for mode in ["nearest", "bilinear"]:
    family.function(f"interpolate_{mode}_size_tensor",
                    lambda x, size, mode=mode: F.interpolate(x, size=size, mode=mode), IMAGE + [SIZE])
    family.function(f"interpolate_{mode}_size_list",
                    lambda x, size, mode=mode: F.interpolate(x, size=[size[0], 7], mode=mode), IMAGE + [SIZE])
    family.function(f"interpolate_{mode}_scale_tensor",
                    lambda x, scale, mode=mode: F.interpolate(x, scale_factor=scale, mode=mode), IMAGE + [SCALE])
    family.function(f"interpolate_{mode}_like",
                    lambda x, y, mode=mode: F.interpolate(x, size=paddle.shape(y)[2:], mode=mode),
                    IMAGE + [reals("y", [1, 1, 6, 7], dynamic=(0, 2, 3))])
family.layer("upsample", lambda: nn.Upsample(scale_factor=2, mode="nearest"), IMAGE)

for mode in ["constant", "reflect", "replicate", "circular"]:
    family.function(f"pad2d_{mode}", lambda x, mode=mode: F.pad(x, [1, 2, 3, 1], mode=mode), IMAGE)
    family.function(f"pad1d_{mode}", lambda x, mode=mode: F.pad(x, [2, 1], mode=mode, data_format="NCL"), LINE)
    family.function(f"pad3d_{mode}", lambda x, mode=mode: F.pad(x, [1, 0, 2, 1, 0, 1], mode=mode, data_format="NCDHW"),
                    VOLUME)
family.function("pad2d_value", lambda x: F.pad(x, [1, 0, 0, 2], value=-1.5), IMAGE)
family.function("pad2d_nhwc", lambda x: F.pad(x, [1, 2, 0, 1], value=0.5, data_format="NHWC"), CHANNELS_LAST)
family.function("pad_all_axes", lambda x: F.pad(x, [0, 1, 1, 0, 2, 1, 0, 1], value=0.5), IMAGE)
family.function("pad_rank2", lambda x: F.pad(x, [1, 0, 0, 2]), [reals("x", [2, 3])])
family.function("pad_tensor", lambda x, pads: F.pad(x, pads, value=0.5),
                IMAGE + [exactly("pads", [1, 2, 0, 1], "int32")])
family.layer("zero_pad2d", lambda: nn.ZeroPad2D([1, 0, 2, 1]), IMAGE)

family.function("pixel_shuffle", lambda x: F.pixel_shuffle(x, 2), [reals("x", [1, 8, 2, 3], dynamic=(0, 2, 3))])
family.function("pixel_shuffle_nhwc", lambda x: F.pixel_shuffle(x, 2, "NHWC"),
                [reals("x", [1, 2, 3, 8], dynamic=(0, 1, 2))])
family.function("pixel_unshuffle", lambda x: F.pixel_unshuffle(x, 2), [reals("x", [1, 2, 4, 6])])
family.function("channel_shuffle", lambda x: F.channel_shuffle(x, 3), [reals("x", [1, 6, 2, 3], dynamic=(0, 2, 3))])
family.function("unfold", lambda x: F.unfold(x, 2), [reals("x", [1, 2, 4, 5])])
family.function("unfold_settings", lambda x: F.unfold(x, [2, 3], strides=2, paddings=1, dilations=1),
                [reals("x", [1, 2, 4, 5])])
family.function("fold", lambda x: F.fold(x, [4, 5], 2), [reals("x", [1, 8, 12], dynamic=())])

for mode in ["bilinear", "nearest"]:
    for padding in ["zeros", "border", "reflection"]:
        for corners in [True, False]:
            family.function(
                f"grid_sample_{mode}_{padding}{'_corners' if corners else ''}",
                lambda x, grid, settings=(mode, padding, corners): F.grid_sample(x, grid, *settings),
                [reals("x", [1, 2, 4, 5], dynamic=(0,)), reals("grid", [1, 3, 3, 2], -1.7, 1.7, dynamic=(0,))])
THETA = reals("theta", [2, 2, 3], -1, 1)
family.function("affine_grid", lambda theta: F.affine_grid(theta, [2, 3, 4, 5]),
                [reals("theta", [2, 2, 3], -1, 1, dynamic=())])
family.function("affine_grid_no_corners", lambda theta: F.affine_grid(theta, [2, 3, 4, 5], align_corners=False),
                [reals("theta", [2, 2, 3], -1, 1, dynamic=())])
family.function("affine_grid_tensor", lambda theta, x: F.affine_grid(theta, paddle.shape(x)),
                [THETA, reals("x", [2, 3, 4, 5], dynamic=(0, 2, 3))])

# By a factor of 7, where rounded arithmetic takes the pixel beside the right one.
resize("nearest_seventh", [reals("x", [1, 1, 28, 14], dynamic=(0,))], size=[4, 2], mode="nearest")
resize("nearest_seventh_open", [reals("x", [1, 1, 28, 14], dynamic=(0, 2, 3))], size=[4, 2], mode="nearest")
family.function("shuffle_channel", lambda x: legacy_operator("shuffle_channel", {"X": x}, {"group": 3}),
                [reals("x", [1, 6, 2, 3], dynamic=(0, 2, 3))], writers=LEGACY, why="the operator is gone")

"""Convolutions."""
import paddle.nn as nn

from cases.case import Family, reals

family = Family("convolution")
IMAGE = [reals("x", [2, 4, 7, 6], dynamic=(0, 2, 3))]

family.layer("conv2d", lambda: nn.Conv2D(4, 3, 3, bias_attr=False), IMAGE)
family.layer("conv2d_bias", lambda: nn.Conv2D(4, 3, 3), IMAGE)
family.layer("conv2d_same_stride2", lambda: nn.Conv2D(4, 3, 3, stride=2, padding="SAME", bias_attr=False), IMAGE)

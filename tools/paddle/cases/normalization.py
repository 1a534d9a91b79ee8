"""Normalisations. Running statistics are parameters, so that evaluation uses values of our own."""
import paddle.nn as nn
import paddle.nn.functional as F

from cases.case import Family, reals

family = Family("normalization")
ROWS = [reals("x", [3, 4])]
LINE = [reals("x", [2, 4, 5], dynamic=(0, 2))]
IMAGE = [reals("x", [2, 4, 3, 5], dynamic=(0, 2))]
FIXED_IMAGE = [reals("x", [2, 4, 3, 5])]
CHANNELS_LAST = [reals("x", [2, 3, 5, 4], dynamic=(0, 1))]
VOLUME = [reals("x", [1, 4, 2, 3, 2], dynamic=(0, 2))]

family.layer("batch_norm_1d", lambda: nn.BatchNorm1D(4), ROWS)
family.layer("batch_norm_1d_line", lambda: nn.BatchNorm1D(4), LINE)
family.layer("batch_norm_1d_nlc", lambda: nn.BatchNorm1D(4, data_format="NLC"), [reals("x", [2, 5, 4])])
family.layer("batch_norm_2d", lambda: nn.BatchNorm2D(4), IMAGE)
family.layer("batch_norm_2d_nhwc", lambda: nn.BatchNorm2D(4, data_format="NHWC"), CHANNELS_LAST)
family.layer("batch_norm_2d_epsilon", lambda: nn.BatchNorm2D(4, momentum=0.7, epsilon=0.001), IMAGE)
family.layer("batch_norm_2d_no_affine", lambda: nn.BatchNorm2D(4, weight_attr=False, bias_attr=False), IMAGE)
family.layer("batch_norm_2d_global_stats", lambda: nn.BatchNorm2D(4, use_global_stats=True), IMAGE)
family.layer("batch_norm_2d_batch_stats", lambda: nn.BatchNorm2D(4, use_global_stats=False), IMAGE)
family.layer("batch_norm_3d", lambda: nn.BatchNorm3D(4), VOLUME)
family.layer("batch_norm_activation", lambda: nn.BatchNorm(4, act="relu"), IMAGE)

family.layer("layer_norm", lambda: nn.LayerNorm(5), [reals("x", [2, 4, 5], dynamic=(0, 1))])
family.layer("layer_norm_two_dims", lambda: nn.LayerNorm([3, 5]), FIXED_IMAGE)
family.layer("layer_norm_epsilon", lambda: nn.LayerNorm(5, epsilon=0.001), FIXED_IMAGE)
family.layer("layer_norm_no_affine", lambda: nn.LayerNorm(5, weight_attr=False, bias_attr=False), FIXED_IMAGE)
family.layer("layer_norm_no_bias", lambda: nn.LayerNorm(5, bias_attr=False), FIXED_IMAGE)
family.layer("layer_norm_no_scale", lambda: nn.LayerNorm([3, 5], weight_attr=False), FIXED_IMAGE)

family.layer("group_norm", lambda: nn.GroupNorm(2, 4), IMAGE)
family.layer("group_norm_epsilon", lambda: nn.GroupNorm(2, 4, epsilon=0.05), IMAGE)
family.layer("group_norm_one_group", lambda: nn.GroupNorm(1, 4), IMAGE)
family.layer("group_norm_no_affine", lambda: nn.GroupNorm(2, 4, weight_attr=False, bias_attr=False), IMAGE)
family.layer("group_norm_line", lambda: nn.GroupNorm(4, 4), LINE)
family.layer("group_norm_nhwc", lambda: nn.GroupNorm(2, 4, data_format="NHWC"), CHANNELS_LAST)

family.layer("instance_norm_1d", lambda: nn.InstanceNorm1D(4), LINE)
family.layer("instance_norm_2d", lambda: nn.InstanceNorm2D(4), IMAGE)
family.layer("instance_norm_2d_epsilon", lambda: nn.InstanceNorm2D(4, epsilon=0.1), IMAGE)
family.layer("instance_norm_2d_no_affine", lambda: nn.InstanceNorm2D(4, weight_attr=False, bias_attr=False), IMAGE)
family.layer("instance_norm_3d", lambda: nn.InstanceNorm3D(4), VOLUME)

family.layer("local_response_norm_settings", lambda: nn.LocalResponseNorm(3, alpha=0.2, beta=0.6, k=1.5), FIXED_IMAGE)
family.function("normalize_axis1", lambda x: F.normalize(x, axis=1), IMAGE)
family.function("normalize_p1", lambda x: F.normalize(x, p=1, axis=-1, epsilon=0.1), IMAGE)
family.function("normalize_rows", F.normalize, ROWS)

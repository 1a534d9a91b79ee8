"""A detection head, and networks whose dims or control flow depend on their inputs."""
import paddle
import paddle.nn as nn
import paddle.nn.functional as F

from cases.case import exactly, reals
from networks.blocks import ConvNorm


class YoloHead(nn.Layer):
    """Two levels, joined upwards; boxes are decoded, the best of them chosen, and nothing is suppressed."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(ConvNorm(3, 8, stride=2, activation="silu"),
                                  ConvNorm(8, 12, stride=2, activation="silu"))
        self.down = ConvNorm(12, 16, stride=2, activation="silu")
        self.lateral = nn.Conv2D(16, 8, 1)
        self.up = nn.Conv2DTranspose(8, 8, 2, stride=2)
        self.fine = nn.Conv2D(20, 12, 1)
        self.coarse = nn.Conv2D(16, 12, 1)

    def forward(self, x):
        fine = self.stem(x)
        coarse = self.down(fine)
        lateral = self.lateral(coarse)
        raised = F.interpolate(lateral, scale_factor=2, mode="nearest") + self.up(lateral)
        levels = [self.fine(paddle.concat([fine, raised], axis=1)), self.coarse(coarse)]
        boxes = paddle.concat([self.decode(level) for level in levels], axis=1)
        scores, best = paddle.topk(boxes[:, :, 4], 5, axis=1)
        return boxes, scores, best, paddle.argmax(boxes[:, :, 4:], axis=-1)

    def decode(self, level):
        level = level.flatten(2).reshape([0, 2, 6, -1]).transpose([0, 1, 3, 2])
        centre, size, confidence = paddle.split(level, [2, 2, 2], axis=-1)
        return paddle.concat([F.sigmoid(centre) * 2 - 0.5, paddle.exp(paddle.clip(size, -4, 4)), F.sigmoid(confidence)],
                             axis=-1).reshape([0, -1, 6])


class DynamicShape(nn.Layer):
    """Dims that come from the input's own: reshape, expand, gather, pad, tile, slice."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 8)
        self.norm = nn.GroupNorm(2, 4)
        self.activation = nn.PReLU(4)

    def forward(self, x, index):
        sizes = paddle.shape(x)
        flat = paddle.reshape(self.activation(self.norm(self.linear(x))), [sizes[0], -1, sizes[3]])
        left, right = paddle.chunk(flat, 2, axis=2)
        picked = paddle.gather(paddle.stack([left, right], axis=1).flatten(1, 2), index, axis=1)
        picked = paddle.where(picked > 0, picked, picked * 0.1)
        spread = paddle.expand(paddle.mean(picked, axis=[1], keepdim=True), [sizes[0], 3, 4])
        padded = F.pad(x, [1, 1, 2, 2], mode="constant", value=0.5)
        largest = paddle.max(padded[:, 1:3, ::2, -3:], axis=[2, 3])
        summed = paddle.cumsum(paddle.tile(largest, [1, 2]), axis=1)
        shaped = [F.leaky_relu(largest), F.elu(largest), paddle.rsqrt(paddle.abs(largest) + 1), largest ** 2,
                  largest.astype("int64").astype("float32")]
        return spread, summed, paddle.concat(shaped, axis=1), paddle.arange(0, sizes[2], dtype="int64")


class Branch(nn.Layer):
    def __init__(self):
        super().__init__()
        self.positive = nn.Linear(4, 4)
        self.negative = nn.Linear(4, 4)

    def forward(self, x):
        if paddle.mean(x) > 0:
            y = self.positive(x)
        else:
            y = self.negative(x) - 1.0
        return y


class Loop(nn.Layer):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x, steps):
        i = paddle.zeros([1], "int64")
        while i < steps:
            x = F.relu(self.linear(x)) + 0.1
            i = i + 1
        return F.softmax(x)


def add(family):
    family.add("yolo_head", YoloHead, [reals("image", [1, 3, 32, 32])])
    family.add("dynamic_shape", DynamicShape, [reals("x", [2, 4, 5, 8], dynamic=(0, 2)),
                                               exactly("index", [3, 0, 7], "int64", dynamic=(0,))])
    family.add("branch", Branch, [reals("x", [3, 4])])
    family.add("loop", Loop, [reals("x", [3, 4]), exactly("steps", [3], "int64")])

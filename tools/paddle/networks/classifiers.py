"""Image classifiers: the block types of the known networks, a few of each, with few channels."""
import paddle.nn as nn
import paddle.nn.functional as F

from cases.case import Input, reals
from networks.blocks import Classifier, ConvNorm, SqueezeExcite


class LeNet(nn.Layer):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2D(1, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2D(2, 2), nn.Conv2D(6, 8, 5),
                                      nn.ReLU(),
                                      nn.AvgPool2D(2, 2))
        self.head = nn.Sequential(nn.Linear(200, 24), nn.Tanh(), nn.Dropout(0.2), nn.Linear(24, 10))

    def forward(self, x):
        return F.softmax(self.head(self.features(x).flatten(1)))


class Mlp(nn.Layer):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 4))

    def forward(self, x):
        return self.layers(x)


def separable(inputs, outputs, stride=1, activation="relu"):
    return nn.Sequential(ConvNorm(inputs, inputs, 3, stride, groups=inputs, activation=activation),
                         ConvNorm(inputs, outputs, 1, activation=activation))


def mobilenet_v1():
    return Classifier([ConvNorm(3, 8, stride=2), separable(8, 16), separable(16, 24, 2), separable(24, 24),
                       separable(24, 48, 2)],
                      48)


class Inverted(nn.Layer):
    """Expand, filter each channel, project; a shortcut where the dims allow."""

    def __init__(self, inputs, hidden, outputs, kernel=3, stride=1, activation="relu6", excite=False):
        super().__init__()
        self.shortcut = stride == 1 and inputs == outputs
        self.expand = ConvNorm(inputs, hidden, 1, activation=activation)
        self.filter = ConvNorm(hidden, hidden, kernel, stride, hidden, activation)
        self.excite = SqueezeExcite(hidden) if excite else None
        self.project = ConvNorm(hidden, outputs, 1, activation=None)

    def forward(self, x):
        y = self.filter(self.expand(x))
        if self.excite is not None:
            y = self.excite(y)
        y = self.project(y)
        return x + y if self.shortcut else y


def mobilenet_v2():
    return Classifier([ConvNorm(3, 8, stride=2, activation="relu6"), Inverted(8, 24, 12, stride=2),
                       Inverted(12, 36, 12),
                       Inverted(12, 36, 16, stride=2), ConvNorm(16, 48, 1, activation="relu6")], 48)


def mobilenet_v3_small():
    return Classifier([ConvNorm(3, 8, stride=2, activation="hardswish"), Inverted(8, 8, 8, 3, 2, "relu", True),
                       Inverted(8, 24, 12, 3, 2, "relu"), Inverted(12, 36, 12, 5, 1, "hardswish", True),
                       ConvNorm(12, 48, 1, activation="hardswish")], 48)


def mobilenet_v3_large():
    return Classifier([ConvNorm(3, 8, stride=2, activation="hardswish"), Inverted(8, 8, 8, 3, 1, "relu"),
                       Inverted(8, 24, 12, 3, 2, "relu"), Inverted(12, 36, 16, 5, 2, "relu", True),
                       Inverted(16, 40, 16, 3, 1, "hardswish"), ConvNorm(16, 48, 1, activation="hardswish")], 48)


class Residual(nn.Layer):
    """A shortcut around `path`; a 1x1 convolution on it where the dims change."""

    def __init__(self, path, inputs, outputs, stride):
        super().__init__()
        self.path = path
        same = stride == 1 and inputs == outputs
        self.shortcut = None if same else ConvNorm(inputs, outputs, 1, stride, activation=None)

    def forward(self, x):
        shortcut = x if self.shortcut is None else self.shortcut(x)
        return F.relu(self.path(x) + shortcut)


def basic(inputs, outputs, stride=1):
    return Residual(nn.Sequential(ConvNorm(inputs, outputs, 3, stride), ConvNorm(outputs, outputs, 3, activation=None)),
                    inputs,
                    outputs, stride)


def bottleneck(inputs, hidden, stride=1):
    outputs = hidden * 4
    return Residual(nn.Sequential(ConvNorm(inputs, hidden, 1), ConvNorm(hidden, hidden, 3, stride),
                                  ConvNorm(hidden, outputs, 1, activation=None)), inputs, outputs, stride)


def stem(channels):
    return [ConvNorm(3, channels, 7, 2), nn.MaxPool2D(3, 2, 1)]


def resnet18():
    return Classifier(stem(8) + [basic(8, 8), basic(8, 12, 2), basic(12, 12), basic(12, 16, 2)], 16)


def resnet50():
    return Classifier(stem(8) + [bottleneck(8, 4), bottleneck(16, 4), bottleneck(16, 8, 2), bottleneck(32, 8)], 32)


def pp_lcnet():
    def block(inputs, outputs, kernel=3, stride=1, excite=False):
        return nn.Sequential(ConvNorm(inputs, inputs, kernel, stride, inputs, "hardswish"),
                             *([SqueezeExcite(inputs)] if excite else []),
                             ConvNorm(inputs, outputs, 1, activation="hardswish"))
    return Classifier([ConvNorm(3, 8, stride=2, activation="hardswish"), block(8, 16), block(16, 24, stride=2),
                       block(24, 24, 5),
                       block(24, 40, 5, 2, True)], 40)


def image_values(random):
    """Noise on a colour of each image's own: the mean of noise alone would be the same for all."""
    return random.uniform(-2, 2, [2, 3, 1, 1]) + random.uniform(-1, 1, [2, 3, 24, 24])


def add(family):
    image = [Input("x", [None, 3, None, None], "float32", image_values)]
    family.add("mlp", Mlp, [reals("x", [2, 16])])
    family.add("lenet", LeNet, [reals("image", [2, 1, 28, 28])])
    for make in [mobilenet_v1, mobilenet_v2, mobilenet_v3_small, mobilenet_v3_large, resnet18, resnet50, pp_lcnet]:
        family.add(make.__name__, make, image)

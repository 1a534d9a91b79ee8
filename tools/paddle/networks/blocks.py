"""The blocks that image networks share."""
import paddle.nn as nn
import paddle.nn.functional as F


class ConvNorm(nn.Layer):
    """Convolution without bias, batch norm, activation: `activation` is the name of a function, or None."""

    def __init__(self, inputs, outputs, kernel=3, stride=1, groups=1, activation="relu"):
        super().__init__()
        self.conv = nn.Conv2D(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups, bias_attr=False)
        self.norm = nn.BatchNorm2D(outputs)
        self.activation = getattr(F, activation) if activation else lambda x: x

    def forward(self, x):
        return self.activation(self.norm(self.conv(x)))


class SqueezeExcite(nn.Layer):
    """Scales each channel by what two 1x1 convolutions make of the channels' means."""

    def __init__(self, channels):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2D(1)
        self.squeeze = nn.Conv2D(channels, channels // 4, 1)
        self.excite = nn.Conv2D(channels // 4, channels, 1)

    def forward(self, x):
        weight = F.relu(self.squeeze(self.pool(x)))
        return x * F.hardsigmoid(self.excite(weight), slope=0.2, offset=0.5)


class Classifier(nn.Layer):
    """Blocks, then global average, dropout and one linear layer."""

    def __init__(self, blocks, channels, classes=10):
        super().__init__()
        self.blocks = nn.Sequential(*blocks)
        self.pool = nn.AdaptiveAvgPool2D(1)
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(channels, classes)

    def forward(self, x):
        x = self.pool(self.blocks(x)).flatten(1)
        return F.softmax(self.head(self.dropout(x)))

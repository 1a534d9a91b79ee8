"""ResNet-50 (He et al. 2015, stride in the 3x3 convolution) as an ONNX graph: 53 convolutions with batch normalisation
folded into them, one matrix product, 25.5 million parameters. The weights are random: scaled by He's rule, and smaller
where a block ends, so that the numbers stay of a size through 16 additions."""
import numpy as np
from onnx import TensorProto, helper, numpy_helper

SEED = 50
STAGES = [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)]  # width, blocks, stride of the first
EXPANSION = 4


class Builder:
    def __init__(self):
        self.random = np.random.default_rng(SEED)
        self.nodes = []
        self.weights = []

    def weight(self, name, shape, deviation):
        values = self.random.standard_normal(shape, dtype=np.float32) * np.float32(deviation)
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def node(self, kind, inputs, name, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def convolution(self, x, name, channels, size, stride, scale=1.0):
        """`channels`: in, out. With the bias that a folded batch normalisation leaves."""
        fan_in = channels[0] * size * size
        weight = self.weight(f"{name}.weight", (channels[1], channels[0], size, size), scale * (2 / fan_in) ** 0.5)
        bias = self.weight(f"{name}.bias", (channels[1],), 0.01)
        return self.node("Conv", [x, weight, bias], name, kernel_shape=[size, size], strides=[stride, stride],
                         pads=[size // 2] * 4)

    def relu(self, x):
        return self.node("Relu", [x], f"{x}.relu")

    def block(self, x, name, width, stride, channels_in):
        channels_out = EXPANSION * width
        y = self.relu(self.convolution(x, f"{name}.conv1", (channels_in, width), 1, 1))
        y = self.relu(self.convolution(y, f"{name}.conv2", (width, width), 3, stride))
        y = self.convolution(y, f"{name}.conv3", (width, channels_out), 1, 1, scale=0.3)
        if channels_in != channels_out:
            x = self.convolution(x, f"{name}.shortcut", (channels_in, channels_out), 1, stride, scale=0.7)
        return self.relu(self.node("Add", [x, y], f"{name}.sum"))


def graph():
    build = Builder()
    x = build.relu(build.convolution("image", "stem", (3, 64), 7, 2))
    x = build.node("MaxPool", [x], "stem.pool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    channels = 64
    for number, (width, blocks, stride) in enumerate(STAGES, start=1):
        for index in range(blocks):
            x = build.block(x, f"stage{number}.{index}", width, stride if index == 0 else 1, channels)
            channels = EXPANSION * width
    x = build.node("Flatten", [build.node("GlobalAveragePool", [x], "pool")], "features")
    inputs = [x, build.weight("classes.weight", (channels, 1000), channels ** -0.5),
              build.weight("classes.bias", (1000,), 0.01)]
    build.node("Gemm", inputs, "scores")
    return helper.make_graph(
        build.nodes, "resnet50", [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 224, 224])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 1000])], build.weights)

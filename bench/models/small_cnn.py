"""A small convolutional network for pictures of 32x32: four convolutions, each of half the size and twice the channels of
the one before, and a matrix product. Any number of pictures at once; about 4 million multiplications each. The weights
are random, by He's rule."""
import numpy as np
from onnx import TensorProto, helper, numpy_helper

CHANNELS = (16, 32, 64, 128)
CLASSES = 100


def graph(name="small_cnn", seed=32):
    random = np.random.default_rng(seed)
    nodes, weights = [], []

    def weight(label, shape, deviation):
        values = random.standard_normal(shape, dtype=np.float32) * np.float32(deviation)
        weights.append(numpy_helper.from_array(values, label))
        return label

    x, channels_in = "image", 3
    for index, channels in enumerate(CHANNELS):
        conv = f"conv{index}"
        inputs = [x, weight(f"{conv}.weight", (channels, channels_in, 3, 3), (2 / (channels_in * 9)) ** 0.5),
                  weight(f"{conv}.bias", (channels,), 0.01)]
        stride = 1 if index == 0 else 2
        nodes.append(helper.make_node("Conv", inputs, [conv], name=conv, kernel_shape=[3, 3], strides=[stride, stride],
                                      pads=[1] * 4))
        x, channels_in = f"{conv}.relu", channels
        nodes.append(helper.make_node("Relu", [conv], [x], name=x))
    nodes.append(helper.make_node("GlobalAveragePool", [x], ["pool"], name="pool"))
    nodes.append(helper.make_node("Flatten", ["pool"], ["features"], name="features"))
    inputs = ["features", weight("classes.weight", (channels_in, CLASSES), channels_in ** -0.5),
              weight("classes.bias", (CLASSES,), 0.01)]
    nodes.append(helper.make_node("Gemm", inputs, ["scores"], name="scores"))
    return helper.make_graph(nodes, name, [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["rows", 3, 32, 32])],
                             [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["rows", CLASSES])], weights)

"""Two small convolutional networks for any number of pictures of 32x32; their weights are random, by He's rule.

graph   four convolutions, each of half the size and twice the channels of the one before, their mean, and a matrix
        product: about 4 million multiplications, nearly all in convolutions, which are as fast for one picture as for more
dense   three convolutions and, as in LeNet and AlexNet, two matrix products over all that they leave: 2.1 million
        weights, which are read once for all pictures of a batch
"""
import numpy as np
from onnx import TensorProto, helper, numpy_helper

CHANNELS = (16, 32, 64, 128)
DENSE_CHANNELS = (8, 16, 32)
CLASSES = 100
HIDDEN = 1024


def graph(name="small_cnn", seed=32):
    return _graph(name, seed, CHANNELS, ["GlobalAveragePool", "Flatten"], CHANNELS[-1], [])


def dense(name="dense_cnn", seed=33):
    return _graph(name, seed, DENSE_CHANNELS, ["Flatten"], DENSE_CHANNELS[-1] * 8 * 8, [HIDDEN])


def _graph(name, seed, channels_of, ends, features, hidden):
    """Convolutions to `channels_of`, the operators `ends`, and matrix products to `hidden` and the classes."""
    random = np.random.default_rng(seed)
    nodes, weights = [], []

    def weight(label, shape, deviation):
        values = random.standard_normal(shape, dtype=np.float32) * np.float32(deviation)
        weights.append(numpy_helper.from_array(values, label))
        return label

    x, channels_in = "image", 3
    for index, channels in enumerate(channels_of):
        conv = f"conv{index}"
        inputs = [x, weight(f"{conv}.weight", (channels, channels_in, 3, 3), (2 / (channels_in * 9)) ** 0.5),
                  weight(f"{conv}.bias", (channels,), 0.01)]
        stride = 1 if index == 0 else 2
        nodes.append(helper.make_node("Conv", inputs, [conv], name=conv, kernel_shape=[3, 3], strides=[stride, stride],
                                      pads=[1] * 4))
        x, channels_in = f"{conv}.relu", channels
        nodes.append(helper.make_node("Relu", [conv], [x], name=x))
    for kind in ends:
        nodes.append(helper.make_node(kind, [x], [kind], name=kind))
        x = kind
    for index, size in enumerate([*hidden, CLASSES]):
        label = "scores" if size == CLASSES else f"dense{index}"
        inputs = [x, weight(f"{label}.weight", (features, size), features ** -0.5), weight(f"{label}.bias", (size,), 0.01)]
        nodes.append(helper.make_node("Gemm", inputs, [label], name=label))
        x, features = label, size
        if size != CLASSES:
            x = f"{label}.relu"
            nodes.append(helper.make_node("Relu", [label], [x], name=x))
    return helper.make_graph(nodes, name, [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["rows", 3, 32, 32])],
                             [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["rows", CLASSES])], weights)

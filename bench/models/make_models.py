"""Writes the models that scripts/bench measures with:  make_models.py DIRECTORY

  relu_1x16    FP32 [1,16] -> the same: a call that computes next to nothing
  relu_16      FP32 [16] -> the same: as JSON, what a small request over HTTP looks like
  relu_rows    FP32 [rows,16] -> the same: what can be batched, and computes next to nothing
  image_602k   FP32 [1,3,224,224], 602,112 bytes -> [1,1024], 4,096 bytes: a picture in, a vector out, little computed
  corner_602k  FP32 [1,3,224,224], 602,112 bytes -> [1,3,1,1], 12 bytes: a picture in, its first pixel out, nothing computed
  resnet50     the topology of ResNet-50 (resnet50.py): what a real model costs
  small_cnn    FP32 [rows,3,32,32] -> [rows,100] (small_cnn.py): convolutions and little else
  dense_cnn    the same with two large matrix products at its end, which batching makes cheaper
  many/NN      a hundred of its kind, each with weights of its own
  sleep_10ms   for the engine of the tests: FP32 [rows,4] -> the same, after 10 ms in which it takes no core

Each is DIRECTORY/NAME.onnx, the last NAME.fake; weights are random and seeded, so that every machine gets the same bytes.
"""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper

import resnet50
import small_cnn

OPSET = 17
IR_VERSION = 8  # of that time, so that every engine reads it
MANY = 100
SLEEPER = "input x FP32 -1,4\noutput y FP32 -1,4\ndelay_us 10000\n"


def model_of(graph):
    model = helper.make_model(graph, ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", OPSET)],
                              producer_name="oarlock-bench")
    onnx.checker.check_model(model, full_check=True)
    return model


def port(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def relu(name, shape):
    return helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], name, [port("x", shape)], [port("y", shape)])


def image_602k():
    """The mean of each 7x7 square over the three colours: 32 x 32 numbers."""
    nodes = [helper.make_node("AveragePool", ["x"], ["squares"], kernel_shape=[7, 7], strides=[7, 7]),
             helper.make_node("ReduceMean", ["squares"], ["grey"], axes=[1], keepdims=0),
             helper.make_node("Reshape", ["grey", "flat"], ["y"])]
    flat = helper.make_tensor("flat", TensorProto.INT64, [2], np.array([1, 1024], np.int64))
    return helper.make_graph(nodes, "image_602k", [port("x", [1, 3, 224, 224])], [port("y", [1, 1024])], [flat])


def corner_602k():
    """The first pixel: what is left of a call's time is what it costs to hand a picture over."""
    flat = [helper.make_tensor(name, TensorProto.INT64, [2], np.array(values, np.int64))
            for name, values in (("starts", [0, 0]), ("ends", [1, 1]), ("axes", [2, 3]))]
    node = helper.make_node("Slice", ["x", "starts", "ends", "axes"], ["y"])
    return helper.make_graph([node], "corner_602k", [port("x", [1, 3, 224, 224])], [port("y", [1, 3, 1, 1])], flat)


def main():
    if len(sys.argv) != 2:
        sys.exit("make_models.py DIRECTORY")
    directory = pathlib.Path(sys.argv[1])
    (directory / "many").mkdir(parents=True, exist_ok=True)
    graphs = [relu("relu_1x16", [1, 16]), relu("relu_16", [16]), relu("relu_rows", ["rows", 16]), image_602k(),
              corner_602k(), resnet50.graph(), small_cnn.graph(), small_cnn.dense()]
    graphs += [small_cnn.graph(f"many/{index:02}", seed=index) for index in range(MANY)]
    for graph in graphs:
        path = directory / f"{graph.name}.onnx"
        path.write_bytes(model_of(graph).SerializeToString(deterministic=True))
        print(f"{path}: {path.stat().st_size:,} bytes")
    (directory / "sleep_10ms.fake").write_text(SLEEPER, encoding="utf-8")


if __name__ == "__main__":
    main()

"""Writes the models that scripts/bench measures with:  make_models.py DIRECTORY

  relu_1x16    FP32 [1,16] -> the same: a call that computes next to nothing
  relu_16      FP32 [16] -> the same: as JSON, what a small request over HTTP looks like
  image_602k   FP32 [1,3,224,224], 602,112 bytes -> [1,1024], 4,096 bytes: a picture in, a vector out, little computed
  resnet50     the topology of ResNet-50 (resnet50.py): what a real model costs

Each is DIRECTORY/NAME.onnx; weights are random and seeded, so that every machine gets the same bytes.
"""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper

import resnet50

OPSET = 17
IR_VERSION = 8  # of that time, so that every engine reads it


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


def main():
    if len(sys.argv) != 2:
        sys.exit("make_models.py DIRECTORY")
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    graphs = [relu("relu_1x16", [1, 16]), relu("relu_16", [16]), image_602k(), resnet50.graph()]
    for graph in graphs:
        path = directory / f"{graph.name}.onnx"
        path.write_bytes(model_of(graph).SerializeToString(deterministic=True))
        print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

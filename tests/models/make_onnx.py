#!/usr/bin/env python3
"""Writes the small models in tests/models/onnx and tests/models/openvino. Needs the PyPI packages onnx and numpy.

For whoever adds a model: the files are committed, and no build or test runs this script.
"""
import pathlib

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h

HERE = pathlib.Path(__file__).parent


def value(name, dtype, dims):
    return h.make_tensor_value_info(name, dtype, dims)


def write(name, nodes, inputs, outputs, constants=(), domains=()):
    graph = h.make_graph(nodes, name, inputs, outputs, initializer=list(constants))
    opsets = [h.make_opsetid("", 17)] + [h.make_opsetid(domain, 1) for domain in domains]
    model = h.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="oarlock")
    if not domains:
        onnx.checker.check_model(model)
    path = HERE / "onnx" / f"{name}.onnx"
    path.write_bytes(model.SerializeToString(deterministic=True))
    return model


def constant(name, values):
    return onnx.numpy_helper.from_array(values, name)


ONE = constant("one", np.float32([1]))
ONE_I64 = constant("one_i64", np.int64([1]))

for dims in ([1, 16], [1, 3, 224, 224]):
    write("relu_" + "x".join(map(str, dims)), [h.make_node("Relu", ["x"], ["y"])], [value("x", T.FLOAT, dims)],
          [value("y", T.FLOAT, dims)])
write("add_static", [h.make_node("Add", ["x", "one"], ["y"])], [value("x", T.FLOAT, [1, 16])],
      [value("y", T.FLOAT, [1, 16])], [ONE])
write("add_dynamic", [h.make_node("Add", ["x", "one"], ["y"])], [value("x", T.FLOAT, ["rows", 4])],
      [value("y", T.FLOAT, ["rows", 4])], [ONE])
# Two ports of two types, in an order that is not that of the alphabet.
write("add_two", [h.make_node("Add", ["b", "one"], ["z"]), h.make_node("Add", ["a", "one_i64"], ["y"])],
      [value("b", T.FLOAT, [1, 4]), value("a", T.INT64, [3])], [value("z", T.FLOAT, [1, 4]), value("y", T.INT64, [3])],
      [ONE, ONE_I64])
# Dims that go together only sometimes.
write("sum_dynamic", [h.make_node("Add", ["a", "b"], ["y"])],
      [value("a", T.FLOAT, ["rows", "n"]), value("b", T.FLOAT, ["rows", "n"])], [value("y", T.FLOAT, ["rows", "n"])])
# As many columns out as there are values above 0: known only after the run.
write("nonzero_dynamic", [h.make_node("Relu", ["x"], ["r"]), h.make_node("NonZero", ["r"], ["y"])],
      [value("x", T.FLOAT, [1, 16])], [value("y", T.INT64, [2, "n"])])
# The output's tensor has a second name behind the Identity: the graph's own must be the one seen.
write("identity_named", [h.make_node("Relu", ["x"], ["aaa"]), h.make_node("Identity", ["aaa"], ["out"])],
      [value("x", T.FLOAT, [1, 4])], [value("out", T.FLOAT, [1, 4])])
write("unknown_operator", [
    h.make_node("Frobnicate", ["x"], ["a"], domain="test.oarlock"),
    h.make_node("Relu", ["a"], ["b"]),
    h.make_node("Frobnicate", ["b"], ["c"], domain="test.oarlock"),
    h.make_node("Twiddle", ["c"], ["y"], domain="test.oarlock"),
], [value("x", T.FLOAT, [1, 4])], [value("y", T.FLOAT, [1, 4])], domains=["test.oarlock"])
write("string_input", [h.make_node("Identity", ["text"], ["y"])], [value("text", T.STRING, [1])],
      [value("y", T.STRING, [1])])

write("strings_dynamic", [h.make_node("Identity", ["text"], ["y"])], [value("text", T.STRING, ["n"])],
      [value("y", T.STRING, ["n"])])
# A program that says other dims than it computes: the shape to reshape to is an input of the graph with a default.
write("wrong_dims", [h.make_node("Transpose", ["x"], ["t"]), h.make_node("Identity", ["t"], ["y"])],
      [value("x", T.FLOAT, ["a", "b"])], [value("y", T.FLOAT, ["a", "b"])])

# A bit of everything that networks for pictures are made of.
random = np.random.default_rng(7)
weight = lambda *dims: random.normal(0, 1 / np.sqrt(np.prod(dims[1:])), dims).astype(np.float32)
write("small_net", [
    h.make_node("Conv", ["x", "w1", "b1"], ["c1"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
    h.make_node("BatchNormalization", ["c1", "scale", "shift", "mean", "var"], ["n1"]),
    h.make_node("Relu", ["n1"], ["r1"]),
    h.make_node("MaxPool", ["r1"], ["p1"], kernel_shape=[2, 2], strides=[2, 2]),
    h.make_node("Conv", ["p1", "w2"], ["c2"], kernel_shape=[3, 3], group=2, pads=[1, 1, 1, 1]),
    h.make_node("Sigmoid", ["c2"], ["s2"]),
    h.make_node("Mul", ["c2", "s2"], ["m2"]),
    h.make_node("GlobalAveragePool", ["m2"], ["g"]),
    h.make_node("Flatten", ["g"], ["f"]),
    h.make_node("Gemm", ["f", "w3", "b3"], ["logits"], transB=1),
    h.make_node("Softmax", ["logits"], ["y"], axis=1),
], [value("x", T.FLOAT, ["n", 3, 16, 16])], [value("y", T.FLOAT, ["n", 10])], [
    constant("w1", weight(8, 3, 3, 3)), constant("b1", weight(8)), constant("scale", np.ones(8, np.float32)),
    constant("shift", np.zeros(8, np.float32)), constant("mean", weight(8)), constant("var", np.ones(8, np.float32)),
    constant("w2", weight(8, 4, 3, 3)), constant("w3", weight(10, 8)), constant("b3", weight(10)),
])

# Sums of products in other types than float32.
for name, dtype, kind in (("product_half", T.FLOAT16, np.float16), ("product_double", T.DOUBLE, np.float64)):
    write(name, [h.make_node("MatMul", ["x", "w"], ["p"]), h.make_node("Relu", ["p"], ["y"])],
          [value("x", dtype, ["n", 8])], [value("y", dtype, ["n", 5])], [constant("w", weight(8, 5).astype(kind))])
write("flags", [h.make_node("Less", ["a", "b"], ["y"])], [value("a", T.INT32, ["n"]), value("b", T.INT32, ["n"])],
      [value("y", T.BOOL, ["n"])])

# Long enough to be stopped: 96 products of n x n, each brought back to sums of 1.
chain, last = [], "x"
for step in range(96):
    chain += [h.make_node("MatMul", [last, "x"], [f"p{step}"]), h.make_node("Softmax", [f"p{step}"], [f"s{step}"])]
    last = f"s{step}"
write("matmul_chain", chain + [h.make_node("Identity", [last], ["y"])], [value("x", T.FLOAT, ["n", "n"])],
      [value("y", T.FLOAT, ["n", "n"])])

# Weights in a file beside the model; onnx appends to one that is there.
for path in (HERE / "onnx").glob("*.weights"):
    path.unlink()
model = write("external", [h.make_node("Add", ["x", "w"], ["y"])], [value("x", T.FLOAT, [1, 16])],
              [value("y", T.FLOAT, [1, 16])], [constant("w", np.arange(16, dtype=np.float32).reshape(1, 16))])
onnx.save_model(model, HERE / "onnx" / "external.onnx", save_as_external_data=True, all_tensors_to_one_file=True,
                location="external.weights", size_threshold=0)

# Enough of them that an engine may think of leaving them where they lie.
model = write("external_large", [h.make_node("Gemm", ["x", "w"], ["y"])], [value("x", T.FLOAT, ["n", 64])],
              [value("y", T.FLOAT, ["n", 64])], [constant("w", np.eye(64, dtype=np.float32))])
onnx.save_model(model, HERE / "onnx" / "external_large.onnx", save_as_external_data=True, all_tensors_to_one_file=True,
                location="external_large.weights", size_threshold=0)

# OpenVINO's own form, by hand: y = x + w.
(HERE / "openvino" / "add.bin").write_bytes(np.arange(16, dtype=np.float32).tobytes())
(HERE / "openvino" / "add.xml").write_text("""<?xml version="1.0"?>
<net name="add" version="11">
  <layers>
    <layer id="0" name="x" type="Parameter" version="opset1">
      <data shape="1,16" element_type="f32"/>
      <output><port id="0" precision="FP32" names="x"><dim>1</dim><dim>16</dim></port></output>
    </layer>
    <layer id="1" name="w" type="Const" version="opset1">
      <data element_type="f32" shape="1, 16" offset="0" size="64"/>
      <output><port id="0" precision="FP32" names="w"><dim>1</dim><dim>16</dim></port></output>
    </layer>
    <layer id="2" name="sum" type="Add" version="opset1">
      <data auto_broadcast="numpy"/>
      <input>
        <port id="0" precision="FP32"><dim>1</dim><dim>16</dim></port>
        <port id="1" precision="FP32"><dim>1</dim><dim>16</dim></port>
      </input>
      <output><port id="2" precision="FP32" names="y"><dim>1</dim><dim>16</dim></port></output>
    </layer>
    <layer id="3" name="result" type="Result" version="opset1">
      <input><port id="0" precision="FP32"><dim>1</dim><dim>16</dim></port></input>
    </layer>
  </layers>
  <edges>
    <edge from-layer="0" from-port="0" to-layer="2" to-port="0"/>
    <edge from-layer="1" from-port="0" to-layer="2" to-port="1"/>
    <edge from-layer="2" from-port="2" to-layer="3" to-port="0"/>
  </edges>
</net>
""")

"""The model that both Python peers serve: one ONNX Runtime session on one thread, as `oarlock serve` has it by default."""
import os
import pathlib

import numpy
import onnxruntime


class Model:
    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(os.fspath(path), options, providers=["CPUExecutionProvider"])
        self.name = pathlib.Path(path).stem
        self.input, = self.session.get_inputs()
        self.output, = self.session.get_outputs()
        self.session.run(None, {self.input.name: numpy.zeros(self.input.shape, numpy.float32)})  # warm

    def metadata(self):
        def port(each):
            return {"name": each.name, "datatype": "FP32", "shape": each.shape}
        return {"name": self.name, "versions": ["1"], "platform": "onnxruntime_onnx",
                "inputs": [port(self.input)], "outputs": [port(self.output)]}

    def run(self, x):
        return self.session.run(None, {self.input.name: x})[0]

    def answer(self, y, **more):
        """The JSON of an answer; `more` is the output's data, or what says where it lies."""
        output = {"name": self.output.name, "datatype": "FP32", "shape": y.shape, **more}
        return {"model_name": self.name, "model_version": "1", "outputs": [output]}

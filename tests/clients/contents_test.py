"""Tensors as numbers in the message (`contents`), which tritonclient has no call for: its messages, made by hand."""
import unittest

import grpc
import numpy as np
from tritonclient.grpc import service_pb2 as pb
from tritonclient.grpc import service_pb2_grpc

from clients import GrpcTest
from program import WAIT_S
from served import DTYPES

FIELDS = {"BOOL": "bool_contents", "INT8": "int_contents", "INT16": "int_contents", "INT32": "int_contents",
          "INT64": "int64_contents", "UINT8": "uint_contents", "UINT16": "uint_contents", "UINT32": "uint_contents",
          "UINT64": "uint64_contents", "FP32": "fp32_contents", "FP64": "fp64_contents", "BYTES": "bytes_contents"}


class Contents(GrpcTest):
    def setUp(self):
        channel = grpc.insecure_channel(self.server.address)
        self.addCleanup(channel.close)
        self.stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)

    def tensor(self, name, datatype, shape, field=None, values=()):
        tensor = pb.ModelInferRequest.InferInputTensor(name=name, datatype=datatype, shape=shape)
        if field is not None:
            getattr(tensor.contents, field).extend(values)
        return tensor

    def ask(self, model, *inputs, raw=(), **more):
        return self.stub.ModelInfer(pb.ModelInferRequest(model_name=model, inputs=inputs, raw_input_contents=raw, **more), timeout=WAIT_S)

    def assert_refused(self, code, text, *arguments, **options):
        with self.assertRaises(grpc.RpcError) as caught:
            self.ask(*arguments, **options)
        self.assertEqual(caught.exception.code(), code)
        self.assertIn(text, caught.exception.details())

    def test_datatypes(self):
        for datatype, field in FIELDS.items():
            if datatype == "BYTES":
                continue
            with self.subTest(datatype):
                dtype = DTYPES[datatype]
                if datatype == "BOOL":
                    values = [True, False, True]
                elif datatype.startswith("FP"):
                    values = [-0.5, 0.0, 1.5]
                else:
                    values = [int(np.iinfo(dtype).min), 0, int(np.iinfo(dtype).max)]
                response = self.ask(f"same_{datatype}", self.tensor("x", datatype, [3], field, values))
                self.assertEqual(list(np.frombuffer(response.raw_output_contents[0], dtype)), values)

    def test_strings(self):
        response = self.ask("strings", self.tensor("text", "BYTES", [3], "bytes_contents", [b"a", b"", b"\0\xff"]))
        self.assertEqual(response.raw_output_contents[0], b"\1\0\0\0a" b"\0\0\0\0" b"\2\0\0\0\0\xff")

    def test_what_contents_cannot_say(self):
        invalid = grpc.StatusCode.INVALID_ARGUMENT
        x = lambda datatype, shape, field, values: self.tensor("x", datatype, shape, field, values)
        self.assert_refused(invalid, "another number of elements than the shape's 3", "same_FP32", x("FP32", [3], "fp32_contents", [1, 2]))
        self.assert_refused(invalid, "another number of elements than the shape's 1", "same_FP32", x("FP32", [1], "fp32_contents", [1, 2]))
        self.assert_refused(invalid, "FP32 is in field 6", "same_FP32", x("FP32", [2], "fp64_contents", [1, 2]))
        self.assert_refused(invalid, "element 1 of 'contents' is 128, which is no INT8", "same_INT8", x("INT8", [2], "int_contents", [0, 128]))
        self.assert_refused(invalid, "element 0 of 'contents' is 256, which is no UINT8", "same_UINT8", x("UINT8", [1], "uint_contents", [256]))
        self.assert_refused(invalid, "FP16 has no field in 'contents'; send it raw", "same_FP16", x("FP16", [1], "fp32_contents", [1]))

    def test_raw_is_for_all_or_none(self):
        invalid = grpc.StatusCode.INVALID_ARGUMENT
        a = self.tensor("a", "INT64", [3], "int64_contents", [1, 2, 3])
        b, b_raw = self.tensor("b", "FP32", [1, 4]), np.zeros(4, np.float32).tobytes()
        self.assert_refused(invalid, "raw_input_contents", "two", a, b, raw=[b_raw])
        self.assert_refused(invalid, "raw_input_contents", "two", a, b, raw=[np.zeros(3, np.int64).tobytes(), b_raw])
        self.assert_refused(invalid, "raw_input_contents", "same_FP32", self.tensor("x", "FP32", [1]), raw=[b"1234", b"1234"])
        self.assert_refused(invalid, "'x'", "same_FP32", self.tensor("x", "FP32", [1]))

    def test_parameters_of_every_kind(self):
        parameters = {"flag": pb.InferParameter(bool_param=True), "count": pb.InferParameter(int64_param=-3),
                      "word": pb.InferParameter(string_param="blue"), "share": pb.InferParameter(double_param=0.5),
                      "large": pb.InferParameter(uint64_param=2 ** 63), "priority": pb.InferParameter(uint64_param=1),
                      "timeout": pb.InferParameter(int64_param=10_000_000)}
        response = self.ask("same_FP32", self.tensor("x", "FP32", [1], "fp32_contents", [2.5]), parameters=parameters, id="p")
        self.assertEqual((response.id, np.frombuffer(response.raw_output_contents[0], np.float32)[0]), ("p", 2.5))


if __name__ == "__main__":
    unittest.main()

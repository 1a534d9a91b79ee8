"""tritonclient over HTTP and over gRPC, as tests use it: one interface, and a word of its own for each code.

A test of both is a class of its own, made into one for each:
  class Inference: ...
  class OverHttp(Inference, HttpTest): pass
  class OverGrpc(Inference, GrpcTest): pass
"""
import contextlib
import functools

import numpy as np
import tritonclient.grpc
import tritonclient.http
from google.protobuf import json_format
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

import served
from program import ServerTest

HTTP_STATUS = {"INVALID_ARGUMENT": "400", "NOT_FOUND": "404", "RESOURCE_EXHAUSTED": "429", "UNAVAILABLE": "503",
               "UNIMPLEMENTED": "501", "DEADLINE_EXCEEDED": "504", "ALREADY_EXISTS": "400", "INTERNAL": "500"}


class ClientTest(ServerTest):
    """Tests that share a server with all models. `triton` is the module of the client."""
    triton = None

    @classmethod
    def start(cls, directory):
        return served.start(directory)

    def new_client(self, **options):
        client = self.triton.InferenceServerClient(self.server.address, **options)
        self.addCleanup(client.close)
        return client

    @functools.cached_property
    def client(self):
        return self.new_client()

    def input(self, name, values, datatype=None, **how):
        tensor = self.triton.InferInput(name, list(values.shape), datatype or np_to_triton_dtype(values.dtype))
        tensor.set_data_from_numpy(values, **how)
        return tensor

    def infer(self, model, tensors, client=None, **options):
        """`tensors` by name; the answer as the client has it."""
        inputs = [self.input(name, values) for name, values in tensors.items()]
        return (client or self.client).infer(model, inputs, **options)

    def said(self, result):
        """What an answer says besides its tensors."""
        raise NotImplementedError

    def asked(self, method, *arguments, **options):
        """What a method of the client answers, as plain values with the names of the protocol."""
        raise NotImplementedError

    def code(self, name):
        raise NotImplementedError

    @contextlib.contextmanager
    def refused(self, code, *parts):
        with self.assertRaises(InferenceServerException) as caught:
            yield
        self.assertEqual(caught.exception.status(), self.code(code), caught.exception)
        for part in parts:
            self.assertIn(part, caught.exception.message())

    def wait_until_slow_runs(self):
        """Until another request keeps the model `slow` busy: a row that may not wait is then refused."""
        for _ in range(1000):
            try:
                self.infer("slow", {"x": ramp(1, 1)}, timeout=1000)
            except InferenceServerException as error:
                self.assertEqual(error.status(), self.code("DEADLINE_EXCEEDED"), error)
                return
        self.fail("no other request came to the model")

    def assert_tensor(self, got, wanted):
        self.assertEqual(got.dtype, wanted.dtype)
        np.testing.assert_array_equal(got, wanted)


class HttpTest(ClientTest):
    triton = tritonclient.http

    def said(self, result):
        return {name: value for name, value in result.get_response().items() if name != "outputs"}

    def asked(self, method, *arguments, **options):
        return getattr(self.client, method)(*arguments, **options)

    def code(self, name):
        return HTTP_STATUS[name]


class GrpcTest(ClientTest):
    triton = tritonclient.grpc

    def said(self, result):
        response = result.get_response()
        return {field.name: value for field, value in response.ListFields()
                if field.name not in ("outputs", "raw_output_contents")}

    def asked(self, method, *arguments, **options):
        answer = getattr(self.client, method)(*arguments, **options)
        return json_format.MessageToDict(answer, preserving_proto_field_name=True)

    def code(self, name):
        return f"StatusCode.{name}"


def ramp(*dims, dtype=np.float32):
    """From -1 in steps of 1/8: numbers that every type of floating point has."""
    return (np.arange(np.prod(dims)).reshape(dims) / 8 - 1).astype(dtype)

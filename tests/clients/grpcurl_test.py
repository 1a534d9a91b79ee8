"""grpcurl, which knows no protobuf of ours but what reflection tells it; and that this is what Triton's client was made from."""
import base64
import json
import os
import pathlib
import struct
import subprocess
import unittest

from google.protobuf import descriptor_pb2
from tritonclient.grpc import model_config_pb2, service_pb2

import served
from program import WAIT_S, ServerTest

GRPCURL = pathlib.Path(os.environ["OARLOCK_GRPCURL"])
SERVICE = "inference.GRPCInferenceService"
NOT_FOUND = 64 + 5  # grpcurl ends with 64 and the code


class Grpcurl(ServerTest):
    @classmethod
    def start(cls, directory):
        return served.start(directory)

    def grpcurl(self, *arguments, options=(), data=None):
        """(exit code, standard output, standard error)"""
        command = [str(GRPCURL), "-plaintext", "-max-time", str(WAIT_S), *options]
        if data is not None:
            command += ["-d", json.dumps(data)]
        done = subprocess.run([*command, self.server.address, *arguments], capture_output=True, text=True, timeout=WAIT_S, check=False)
        return done.returncode, done.stdout, done.stderr

    def call(self, method, data=None, options=()):
        code, out, err = self.grpcurl(method, data=data or {}, options=options)
        self.assertEqual((code, err), (0, ""), out)
        return json.loads(out)

    def test_lists_services_and_methods(self):
        code, out, err = self.grpcurl("list")
        self.assertEqual((code, err), (0, ""))
        self.assertLessEqual({SERVICE, "grpc.health.v1.Health"}, set(out.split()))
        _, out, _ = self.grpcurl("list", SERVICE)
        methods = {line.rsplit(".", 1)[1] for line in out.split()}
        self.assertEqual(methods, set(service_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"].methods_by_name))

    def test_describes(self):
        _, out, _ = self.grpcurl("describe", f"{SERVICE}.ModelInfer")
        self.assertIn("rpc ModelInfer ( .inference.ModelInferRequest ) returns ( .inference.ModelInferResponse );", out)
        _, out, _ = self.grpcurl("describe", "inference.ModelInferRequest")
        self.assertIn("  repeated bytes raw_input_contents = 7;\n", out)
        code, _, err = self.grpcurl("describe", "inference.Nothing")
        self.assertNotEqual(code, 0)
        self.assertIn("Symbol not found: inference.Nothing", err)

    def test_calls(self):
        self.assertEqual(self.call("grpc.health.v1.Health/Check"), {"status": "SERVING"})
        self.assertEqual(self.call(f"{SERVICE}/ServerReady"), {"ready": True})
        metadata = self.call(f"{SERVICE}/ModelMetadata", {"name": "versioned"})
        self.assertEqual(metadata, {"name": "versioned", "versions": ["1", "2"], "platform": "fake_fake",
                                    "inputs": [{"name": "x", "datatype": "FP32", "shape": ["4"]}],
                                    "outputs": [{"name": "y", "datatype": "FP32", "shape": ["4"]}]})
        x = {"name": "x", "datatype": "FP32", "shape": [4], "contents": {"fp32Contents": [1, -2, 0.5, 0]}}
        answer = self.call(f"{SERVICE}/ModelInfer", {"model_name": "versioned", "model_version": "1", "id": "g", "inputs": [x]})
        self.assertEqual((answer["modelName"], answer["modelVersion"], answer["id"]), ("versioned", "1", "g"))
        self.assertEqual(struct.unpack("<4f", base64.b64decode(answer["rawOutputContents"][0])), (2, -1, 1.5, 1))

    def test_stream_of_two(self):
        x = {"name": "x", "datatype": "FP32", "shape": [1], "contents": {"fp32Contents": [7]}}
        messages = "".join(json.dumps({"model_name": model, "inputs": [x]}) for model in ("same_FP32", "nothing"))
        done = subprocess.run([str(GRPCURL), "-plaintext", "-d", "@", self.server.address, f"{SERVICE}/ModelStreamInfer"],
                              input=messages, capture_output=True, text=True, timeout=WAIT_S, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        first, rest = json.JSONDecoder().raw_decode(done.stdout)
        self.assertEqual(struct.unpack("<f", base64.b64decode(first["inferResponse"]["rawOutputContents"][0])), (7,))
        self.assertIn("no model 'nothing'", json.loads(done.stdout[rest:])["errorMessage"])

    def test_failures(self):
        code, out, err = self.grpcurl(f"{SERVICE}/ModelMetadata", data={"name": "rely"})
        self.assertEqual((code, out), (NOT_FOUND, ""))
        self.assertIn("Message: no model 'rely' is served; did you mean 'relu'?", err)
        code, _, err = self.grpcurl("grpc.health.v1.Health/Check", data={"service": "nothing"})
        self.assertEqual(code, NOT_FOUND)
        self.assertIn("no such service: 'nothing'", err)

    def test_fields_are_those_of_tritons_client(self):
        path = self.shared / "described"
        code, out, err = self.grpcurl("describe", SERVICE, options=["-protoset-out", str(path)])
        self.assertEqual((code, err), (0, ""), out)
        theirs = {}
        for module in (service_pb2, model_config_pb2):
            for message in module.DESCRIPTOR.message_types_by_name.values():
                self.collect(message, theirs)
        ours = descriptor_pb2.FileDescriptorSet.FromString(path.read_bytes())
        compared = 0
        for file in ours.file:
            for message in file.message_type:
                compared += self.compare(f"{file.package}.{message.name}", message, theirs)
        self.assertGreater(compared, 100)

    def collect(self, message, to):
        to[message.full_name] = {field.number: (field.name, field.type, field.is_repeated) for field in message.fields}
        for nested in message.nested_types:
            self.collect(nested, to)

    def compare(self, name, message, theirs):
        """Every field of ours is one of theirs. How many there are."""
        self.assertIn(name, theirs)
        for field in message.field:
            repeated = field.label == descriptor_pb2.FieldDescriptorProto.LABEL_REPEATED
            self.assertEqual((field.name, field.type, repeated), theirs[name].get(field.number), f"{name}, field {field.number}")
        return len(message.field) + sum(self.compare(f"{name}.{nested.name}", nested, theirs) for nested in message.nested_type)


if __name__ == "__main__":
    unittest.main()

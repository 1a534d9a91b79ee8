"""System shared memory by tritonclient, the same over HTTP and over gRPC."""
import os
import struct
import unittest

import numpy as np
import tritonclient.utils.shared_memory as shm

import served
from clients import GrpcTest, HttpTest, ramp

PAGE = 4096


class SharedMemory:
    @classmethod
    def start(cls, directory):
        return served.start(directory, "--allow-client-shm")

    def setUp(self):
        self.addCleanup(self.client.unregister_system_shared_memory)

    def region(self, name, size=PAGE, register=True):
        """An object of that name, registered, and gone after the test."""
        key = f"/clients_test_{os.getpid()}_{name}"
        region = shm.create_shared_memory_region(name, key, size, create_only=True)
        self.addCleanup(shm.destroy_shared_memory_region, region)
        if register:
            self.client.register_system_shared_memory(name, key, size)
        return region

    def status(self, name=""):
        """{name: (key, offset, size)}"""
        answer = self.asked("get_system_shared_memory_status", name)
        rows = answer if isinstance(answer, list) else answer.get("regions", {}).values()
        return {row["name"]: (row["key"], int(row.get("offset", 0)), int(row["byte_size"])) for row in rows}

    def shared_input(self, name, shape, datatype, region, size, offset=0):
        tensor = self.triton.InferInput(name, shape, datatype)
        tensor.set_shared_memory(region, size, offset)
        return tensor

    def shared_output(self, name, region, size, offset=0):
        output = self.triton.InferRequestedOutput(name)
        output.set_shared_memory(region, size, offset)
        return output

    def test_extension_is_listed(self):
        self.assertIn("system_shared_memory", self.asked("get_server_metadata")["extensions"])

    def test_in_and_out(self):
        source, target = self.region("in"), self.region("out")
        for step in range(3):
            x = ramp(1, 16) + np.float32(step)
            shm.set_shared_memory_region(source, [x], offset=64 * step)
            result = self.client.infer("relu", [self.shared_input("x", [1, 16], "FP32", "in", 64, 64 * step)],
                                       outputs=[self.shared_output("y", "out", 64, 128)])
            self.assert_tensor(shm.get_contents_as_numpy(target, np.float32, [1, 16], offset=128).copy(), np.maximum(x, 0))
            self.assertEqual(self.described(result, "y"), ("y", "FP32", [1, 16]))

    def test_one_side_only(self):
        source, target = self.region("in"), self.region("out")
        x = ramp(1, 16)
        shm.set_shared_memory_region(source, [x])
        result = self.client.infer("relu", [self.shared_input("x", [1, 16], "FP32", "in", 64)])
        self.assert_tensor(result.as_numpy("y"), np.maximum(x, 0))
        self.client.infer("relu", [self.input("x", -x)], outputs=[self.shared_output("y", "out", 64)])
        self.assert_tensor(shm.get_contents_as_numpy(target, np.float32, [1, 16]).copy(), np.maximum(-x, 0))

    def test_beside_a_tensor_of_the_message(self):
        source = self.region("in")
        a = np.array([1, 2, 3], np.int64)
        shm.set_shared_memory_region(source, [a])
        target = self.region("out")
        result = self.client.infer("two", [self.shared_input("a", [3], "INT64", "in", 24), self.input("b", ramp(1, 4))],
                                   outputs=[self.shared_output("z", "out", 16), self.triton.InferRequestedOutput("y")])
        self.assert_tensor(result.as_numpy("y"), a + 1)
        self.assert_tensor(shm.get_contents_as_numpy(target, np.float32, [1, 4]).copy(), ramp(1, 4) + 1)

    def test_strings(self):
        source, target = self.region("in"), self.region("out")
        packed = b"".join(struct.pack("<I", len(word)) + word for word in (b"a", b"", b"\0\xff"))
        shm.set_shared_memory_region(source, [np.frombuffer(packed, np.uint8)])
        self.client.infer("strings", [self.shared_input("text", [3], "BYTES", "in", len(packed))],
                          outputs=[self.shared_output("y", "out", PAGE)])
        self.assertEqual(list(shm.get_contents_as_numpy(target, np.object_, [3])), [b"a", b"", b"\0\xff"])

    def test_large(self):
        size = 4 * 3 * 224 * 224
        source, target = self.region("in", size), self.region("out", size)
        x = np.random.default_rng(2).standard_normal((1, 3, 224, 224), np.float32)
        shm.set_shared_memory_region(source, [x])
        self.client.infer("image", [self.shared_input("x", list(x.shape), "FP32", "in", size)], outputs=[self.shared_output("y", "out", size)])
        self.assert_tensor(shm.get_contents_as_numpy(target, np.float32, x.shape).copy(), np.maximum(x, 0))

    def test_registered_and_told(self):
        self.assertEqual(self.status(), {})
        first, second = self.region("one"), self.region("two", 2 * PAGE, register=False)
        self.client.register_system_shared_memory("two", second._shm_key, PAGE, offset=16)
        self.assertEqual(self.status(), {"one": (first._shm_key, 0, PAGE), "two": (second._shm_key, 16, PAGE)})
        self.assertEqual(self.status("two"), {"two": (second._shm_key, 16, PAGE)})
        with self.refused("NOT_FOUND", "'three'"):
            self.status("three")
        self.client.unregister_system_shared_memory("one")
        self.assertEqual(set(self.status()), {"two"})
        self.client.unregister_system_shared_memory("one")
        self.client.unregister_system_shared_memory()
        self.assertEqual(self.status(), {})

    def test_refusals(self):
        region = self.region("in")
        key, x = region._shm_key, ramp(1, 16)
        ask = lambda **part: self.client.infer("relu", [self.shared_input("x", [1, 16], "FP32", **part)])
        for code, text, what in (
                ("ALREADY_EXISTS", "'in'", lambda: self.client.register_system_shared_memory("in", key, PAGE)),
                ("NOT_FOUND", "'/clients_test_nothing'",
                 lambda: self.client.register_system_shared_memory("no", "/clients_test_nothing", PAGE)),
                ("INVALID_ARGUMENT", "", lambda: self.client.register_system_shared_memory("no", key, PAGE + 1)),
                ("INVALID_ARGUMENT", "", lambda: self.client.register_system_shared_memory("no", key, PAGE, offset=1)),
                ("INVALID_ARGUMENT", "", lambda: self.client.register_system_shared_memory("no", "/../etc/passwd", PAGE)),
                ("INVALID_ARGUMENT", "reserved",
                 lambda: self.client.register_system_shared_memory("no", "/triton_python_backend_shm_region_1", PAGE)),
                ("NOT_FOUND", "'out'", lambda: ask(region="out", size=64)),
                ("INVALID_ARGUMENT", "", lambda: ask(region="in", size=60)),
                ("INVALID_ARGUMENT", "", lambda: ask(region="in", size=64, offset=PAGE - 60)),
                ("INVALID_ARGUMENT", "", lambda: ask(region="in", size=64, offset=2 ** 63 - 64)),
                ("INVALID_ARGUMENT", "'y'", lambda: self.infer("relu", {"x": x}, outputs=[self.shared_output("y", "in", 60)])),
                ("NOT_FOUND", "'out'", lambda: self.infer("relu", {"x": x}, outputs=[self.shared_output("y", "out", 64)]))):
            with self.subTest(text), self.refused(code, text):
                what()
        self.assertEqual(set(self.status()), {"in"})

    def test_object_that_its_client_shrinks(self):
        region = self.region("in")
        os.truncate(f"/dev/shm{region._shm_key}", 0)
        with self.refused("INVALID_ARGUMENT", "'in'"):
            self.client.infer("relu", [self.shared_input("x", [1, 16], "FP32", "in", 64)])

    def test_cuda_has_nothing_to_tell_and_takes_nothing(self):
        self.client.unregister_cuda_shared_memory()
        answer = self.asked("get_cuda_shared_memory_status")
        self.assertIn(answer, ([], {}))
        with self.refused("UNIMPLEMENTED"):
            self.client.register_cuda_shared_memory("gpu", b"A" * 64, 0, PAGE)


class OverHttp(SharedMemory, HttpTest):
    def described(self, result, name):
        output = result.get_output(name)
        self.assertEqual(set(output), {"name", "datatype", "shape"})  # what clients find no data behind
        return output["name"], output["datatype"], output["shape"]


class OverGrpc(SharedMemory, GrpcTest):
    def described(self, result, name):
        output, response = result.get_output(name), result.get_response()
        self.assertEqual(list(response.raw_output_contents), [b""])  # one entry for each output, also for this
        return output.name, output.datatype, list(output.shape)


class Disabled:
    """As a server is started without more ado."""

    def test_everything_says_so(self):
        tensor = self.triton.InferInput("x", [1, 16], "FP32")
        tensor.set_shared_memory("in", 64)
        output = self.triton.InferRequestedOutput("y")
        output.set_shared_memory("out", 64)
        for what in (lambda: self.client.register_system_shared_memory("in", "/clients_test", PAGE),
                     self.client.get_system_shared_memory_status, self.client.unregister_system_shared_memory,
                     lambda: self.client.infer("relu", [tensor]),
                     lambda: self.infer("relu", {"x": ramp(1, 16)}, outputs=[output])):
            with self.refused("UNIMPLEMENTED", "Client shared memory is disabled"):
                what()
        self.assertNotIn("system_shared_memory", self.asked("get_server_metadata")["extensions"])


class DisabledOverHttp(Disabled, HttpTest):
    pass


class DisabledOverGrpc(Disabled, GrpcTest):
    pass


if __name__ == "__main__":
    unittest.main()

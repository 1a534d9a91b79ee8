"""The extensions system_shared_memory and cuda_shared_memory: tensors in objects that a client has made, and clients that
lie about them.

After the last test the server's descriptors must be what they were.
"""
import itertools
import json
import os
import pathlib
import struct
import threading
import unittest

from program import WAIT_S, Server, ServerTest, request_bytes, write_fake
from samples import floats, unpack_floats

SYSTEM, CUDA = "/v2/systemsharedmemory", "/v2/cudasharedmemory"
numbers = itertools.count()


class SharedObject:
    """As a client makes it: shm_open() is a file in /dev/shm."""

    def __init__(self, content):
        self.key = f"/oar-test-{os.getpid()}-{next(numbers)}"
        self.path = pathlib.Path("/dev/shm" + self.key)
        self.path.touch(mode=0o600, exist_ok=False)
        self.path.write_bytes(content)

    def read(self):
        return self.path.read_bytes()


class SharedMemoryTest(ServerTest):
    @classmethod
    def start(cls, directory):
        write_fake(directory, "add", "input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\n")
        write_fake(directory, "echo", "input x BYTES -1\noutput y BYTES -1\n")
        write_fake(directory, "two", "input a FP32 4\ninput b FP32 4\noutput p FP32 4\noutput q FP32 4\nop add 1\n")
        return Server(directory, *cls.flags())

    @classmethod
    def flags(cls):
        return ["--allow-client-shm"]

    def post(self, target, value=None):
        return self.server.ask("POST", target, b"" if value is None else json.dumps(value).encode())

    def register(self, name, key, byte_size, **more):
        return self.post(f"{SYSTEM}/region/{name}/register", {"key": key, "byte_size": byte_size, **more})

    def must(self, answer):
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    def status(self, region=None):
        return self.must(self.server.ask("GET", f"{SYSTEM}{f'/region/{region}' if region else ''}/status"))

    def part(self, region, byte_size, offset=None):
        return {"shared_memory_region": region, "shared_memory_byte_size": byte_size,
                **({} if offset is None else {"shared_memory_offset": offset})}

    def input(self, parameters, shape=(1, 4), name="x", datatype="FP32", **more):
        return {"name": name, "datatype": datatype, "shape": list(shape), "parameters": parameters, **more}

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.process.pid}/fd"))

    def make_object(self, content):
        shared = SharedObject(content)
        self.addCleanup(shared.path.unlink)
        return shared


class Off(SharedMemoryTest):
    @classmethod
    def flags(cls):
        return []

    def test_everything_says_so(self):
        disabled = "Client shared memory is disabled", "--allow-client-shm"
        shared = self.make_object(bytes(64))
        for body in (None, {}, {"key": shared.key, "byte_size": 64}, {"key": "../x", "byte_size": 2**64}, 7):
            self.assert_error(self.post(f"{SYSTEM}/region/r/register", body), 501, *disabled)
        for target in (f"{SYSTEM}/unregister", f"{SYSTEM}/region/r/unregister"):
            self.assert_error(self.post(target), 501, *disabled)
        for target in (f"{SYSTEM}/status", f"{SYSTEM}/region/r/status"):
            self.assert_error(self.server.ask("GET", target), 501, *disabled)
        self.assert_error(self.server.infer("add", {"inputs": [self.input(self.part("r", 16))]}), 501, *disabled)
        x = {"name": "x", "datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}
        outputs = [{"name": "y", "parameters": self.part("r", 16)}]
        self.assert_error(self.server.infer("add", {"inputs": [x], "outputs": outputs}), 501, *disabled)
        self.assertNotIn("system_shared_memory", self.server.ask("GET", "/v2").json()["extensions"])


class Cuda(SharedMemoryTest):
    def test_there_is_none(self):
        self.assertEqual(self.must(self.server.ask("GET", f"{CUDA}/status")), [])
        self.assert_error(self.server.ask("GET", f"{CUDA}/region/r/status"), 501, "CUDA")
        body = {"raw_handle": {"b64": "AAAA"}, "device_id": 0, "byte_size": 64}
        self.assert_error(self.post(f"{CUDA}/region/r/register", body), 501, "CUDA")
        self.assertEqual(self.must(self.post(f"{CUDA}/unregister")), {})
        self.assertEqual(self.must(self.post(f"{CUDA}/region/r/unregister")), {})
        extensions = self.server.ask("GET", "/v2").json()["extensions"]
        self.assertIn("system_shared_memory", extensions)
        self.assertNotIn("cuda_shared_memory", extensions)


class On(SharedMemoryTest):
    def setUp(self):
        self.assertEqual(self.status(), [])
        self.addCleanup(lambda: self.must(self.post(f"{SYSTEM}/unregister")))

    def test_regions_come_and_go(self):
        shared = self.make_object(bytes(64))
        self.assertEqual(self.must(self.register("b", shared.key, 32, offset=16)), {})
        self.must(self.register("a%20%C3%A4", shared.key, 64))
        wanted = [{"name": "a ä", "key": shared.key, "offset": 0, "byte_size": 64},
                  {"name": "b", "key": shared.key, "offset": 16, "byte_size": 32}]
        self.assertEqual(self.status(), wanted)
        self.assertEqual(self.status("b"), wanted[1:])
        self.assert_error(self.server.ask("GET", f"{SYSTEM}/region/c/status"), 404, "'c'")
        self.assert_error(self.register("b", shared.key, 8), 400, "'b' is registered already")
        self.assertEqual(self.must(self.post(f"{SYSTEM}/region/none/unregister")), {})
        self.assertEqual(self.must(self.post(f"{SYSTEM}/region/b/unregister")), {})
        self.assertEqual(self.status(), wanted[:1])
        self.must(self.register("b", shared.key, 8))
        self.assertEqual(self.must(self.post(f"{SYSTEM}/unregister")), {})
        self.assertEqual(self.status(), [])

    def test_inputs_and_outputs(self):
        shared = self.make_object(bytes(16) + floats(1, 2, 3, 4, 5, 6, 7, 8) + bytes(48))
        self.must(self.register("r", shared.key, 80, offset=16))
        outputs = [{"name": "y", "parameters": {**self.part("r", 40, 36), "binary_data": False}}]
        answer = self.server.infer("add", {"inputs": [self.input(self.part("r", 32), (2, 4))], "outputs": outputs})
        self.assertEqual(answer.headers["content-type"], "application/json")
        self.assertEqual(self.must(answer), {"model_name": "add", "model_version": "1", "outputs": [
            {"name": "y", "datatype": "FP32", "shape": [2, 4]}]})
        self.assertEqual(shared.read(), bytes(16) + floats(1, 2, 3, 4, 5, 6, 7, 8) + bytes(4) + floats(*range(2, 10)) + bytes(12))

    def test_beside_json_and_binary_tensors(self):
        shared = self.make_object(floats(1, 2, 3, 4) + bytes(16))
        self.must(self.register("r", shared.key, 32))
        inputs = [self.input(self.part("r", 16), (4,), "a"), self.input({"binary_data_size": 16}, (4,), "b")]
        outputs = [{"name": "p", "parameters": {"binary_data": True}}, {"name": "q", "parameters": self.part("r", 16, 16)}]
        answer = self.server.infer("two", {"inputs": inputs, "outputs": outputs}, floats(5, 6, 7, 8))
        self.assertEqual([sorted(each) for each in answer.json()["outputs"]],
                         [["datatype", "name", "parameters", "shape"], ["datatype", "name", "shape"]])
        self.assertEqual(unpack_floats(answer.binary()), [2, 3, 4, 5])
        self.assertEqual(unpack_floats(shared.read()[16:]), [6, 7, 8, 9])
        outputs = [{"name": "p", "parameters": self.part("r", 16, 16)}, {"name": "q"}]
        answer = self.must(self.server.infer("two", {"inputs": inputs, "outputs": outputs}, floats(5, 6, 7, 8)))
        self.assertEqual(answer["outputs"][1]["data"], [6, 7, 8, 9])
        self.assertEqual(unpack_floats(shared.read()[16:]), [2, 3, 4, 5])

    def test_texts(self):
        packed = struct.pack("<I3sI1s", 3, "aä".encode(), 1, b"b")
        shared = self.make_object(packed + bytes(20))
        self.must(self.register("r", shared.key, len(packed) + 20))

        def ask(size, count):
            return self.server.infer("echo", {"inputs": [self.input(self.part("r", size), (count,), datatype="BYTES")]})
        self.assertEqual(self.must(ask(12, 2))["outputs"][0]["data"], ["aä", "b"])
        for size, count in ((12, 1), (12, 3), (11, 2), (16, 2)):
            self.assert_error(ask(size, count), 400, "input 'x': the tensor: BYTES")
        shared.path.write_bytes(struct.pack("<I", 2**32 - 1) + bytes(28))
        self.assert_error(ask(32, 1), 400, "says 4294967295 bytes; 28 are left")

    def test_numbers_that_lie(self):
        shared = self.make_object(bytes(64))
        wrong = (-1, 2**63, 2**64 - 32, 2**64 - 1, 2**64, 1.5, 1e400, "1", None, [1])
        beyond = (65, 2**31, 2**32, 2**62, 2**63 - 1)
        for size in wrong:
            self.assert_error(self.register("r", shared.key, size), 400)
            self.assert_error(self.register("r", shared.key, 1, offset=size), 400)
        for size in (0, *beyond):
            self.assert_error(self.register("r", shared.key, size), 429 if size > 2**33 else 400, "'r'")
        for offset in (64, *beyond):
            self.assert_error(self.register("r", shared.key, 1, offset=offset), 400, "'r'")
        for body in ({"byte_size": 64}, {"key": shared.key}, {"key": 1, "byte_size": 64}, {}, None):
            self.assert_error(self.post(f"{SYSTEM}/region/r/register", body), 400)
        self.assertEqual(self.status(), [])
        self.must(self.register("r", shared.key, 64))
        x = {"name": "x", "datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}
        for size in wrong:
            for part in (self.part("r", size), self.part("r", 16, size) if size is not None else self.part("r", None)):
                self.assert_error(self.server.infer("add", {"inputs": [self.input(part)]}), 400)
                outputs = [{"name": "y", "parameters": part}]
                self.assert_error(self.server.infer("add", {"inputs": [x], "outputs": outputs}), 400)
        for offset in (49, 64, *beyond):
            part = self.part("r", 16, offset)
            self.assert_error(self.server.infer("add", {"inputs": [self.input(part)]}), 400, f"16 bytes from {offset} on")
            outputs = [{"name": "y", "parameters": part}]
            self.assert_error(self.server.infer("add", {"inputs": [x], "outputs": outputs}), 400, f"16 bytes from {offset} on")
        for size in (0, 15, 17, *beyond):
            self.assert_error(self.server.infer("add", {"inputs": [self.input(self.part("r", size))]}), 400)
        for size in (0, 15):
            outputs = [{"name": "y", "parameters": self.part("r", size)}]
            self.assert_error(self.server.infer("add", {"inputs": [x], "outputs": outputs}), 400, "takes 16 bytes")
        self.assertEqual(shared.read(), bytes(64))

    def test_one_source_for_each_input(self):
        shared = self.make_object(bytes(64))
        self.must(self.register("r", shared.key, 64))
        for parameters, more in (({**self.part("r", 16), "binary_data_size": 16}, {}), (self.part("r", 16), {"data": [1, 2, 3, 4]})):
            self.assert_error(self.server.infer("add", {"inputs": [self.input(parameters, **more)]}), 400, "exactly one")
        for parameters, part in (({"shared_memory_region": "r"}, "'shared_memory_byte_size' is missing"),
                                 ({"shared_memory_byte_size": 16}, "'shared_memory_region' is missing"),
                                 ({**self.part("r", 16), "shared_memory_x": 1}, "no parameter 'shared_memory_x'"),
                                 (self.part(7, 16), "'shared_memory_region' is 7"), (self.part("n" * 600, 16), "at most 512")):
            self.assert_error(self.server.infer("add", {"inputs": [self.input(parameters)]}), 400, part)

    def test_keys_and_names(self):
        shared = self.make_object(bytes(64))
        for key in ("", "/", "//", shared.key[1:], "/" + shared.key, "/../etc/passwd", "/..", "/.", "/a/b", "/dev/shm" + shared.key,
                    "/a\nb", shared.key + "\0x", "/" + 300 * "k", "/etc/passwd"):
            self.assert_error(self.register("r", key, 64), 400, "must be '/' and a name")
        for name in ("triton_python_backend_shm_region_0", "sem.x"):
            for slashes in range(5):
                self.assert_error(self.register("r", slashes * "/" + name, 64), 400, "is reserved")
        self.assert_error(self.register("r", "/oar-test-none", 64), 404, "there is no shared memory object '/oar-test-none'")
        self.must(self.register("secret", shared.key, 64))
        for answer in (self.server.ask("GET", f"{SYSTEM}/region/secre/status"),
                       self.server.infer("add", {"inputs": [self.input(self.part("secre", 16))]})):
            self.assert_error(answer, 404, "'secre'")
            self.assertNotIn(b"secret", answer.body)
            self.assertNotIn(shared.key.encode(), answer.body)
        for name in ("..", ".", "%2f", "a%0Ab", "%00", "%ff", 3000 * "n"):
            self.assert_error(self.register(name, shared.key, 64), 400, "region name")
            self.assertEqual(self.must(self.post(f"{SYSTEM}/region/{name}/unregister")), {})
        for name in (";id", "$(id)", "%20r%20", "%252f"):
            self.must(self.register(name, shared.key, 64))

    def test_a_client_that_shrinks_its_object(self):
        shared = self.make_object(floats(1, 2, 3, 4) * 1024)
        self.must(self.register("r", shared.key, 16384))
        part = self.part("r", 16384)
        x = {"name": "x", "datatype": "FP32", "shape": [1024, 4], "data": 4096 * [1]}
        os.truncate(shared.path, 100)
        self.assert_error(self.server.infer("add", {"inputs": [self.input(part, (1024, 4))]}), 400, "'r' is smaller than")
        answer = self.server.infer("add", {"inputs": [x], "outputs": [{"name": "y", "parameters": part}]})
        self.assert_error(answer, 400, "'r' is smaller than")
        self.assertEqual(len(shared.read()), 100)
        os.truncate(shared.path, 0)
        self.assert_error(self.server.infer("add", {"inputs": [self.input(self.part("r", 16))]}), 400, "is smaller than")

    def test_a_client_that_shrinks_and_unregisters_while_others_infer(self):
        shared = self.make_object(floats(1, 2, 3, 4) * 4096)
        stop = threading.Event()

        def disturb():
            with self.server.connect() as connection:
                body = json.dumps({"key": shared.key, "byte_size": 65536}).encode()
                while not stop.is_set():
                    os.truncate(shared.path, 0)
                    os.truncate(shared.path, 65536)
                    for said in (request_bytes("POST", f"{SYSTEM}/region/r/register", body),
                                 request_bytes("POST", f"{SYSTEM}/region/r/unregister")):
                        connection.send(said)
                        connection.read_answer()
        thread = threading.Thread(target=disturb)
        thread.start()
        statuses = set()
        try:
            outputs = [{"name": "y", "parameters": self.part("r", 65536)}]
            body = json.dumps({"inputs": [self.input(self.part("r", 65536), (4096, 4))], "outputs": outputs}).encode()
            with self.server.connect() as connection:
                for _ in range(400):
                    connection.send(request_bytes("POST", "/v2/models/add/infer", body))
                    statuses.add(connection.read_answer().status)
        finally:
            stop.set()
            thread.join(WAIT_S)
        self.assertLessEqual(statuses, {200, 400, 404})
        self.must(self.post(f"{SYSTEM}/unregister"))

    def test_ten_thousand_that_fail_leave_nothing_open(self):
        shared = self.make_object(bytes(64))
        with self.server.connect() as connection:
            before = self.descriptors()
            said = b"".join(request_bytes("POST", f"{SYSTEM}/region/r/register", json.dumps(body).encode()) for body in (
                {"key": shared.key, "byte_size": 65}, {"key": shared.key, "byte_size": 64, "offset": 2**62},
                {"key": shared.key + "x", "byte_size": 64}, {"key": "/..", "byte_size": 64})) * 50
            for _ in range(50):
                connection.send(said)
                for _ in range(200):
                    self.assertIn(connection.read_answer().status, (400, 404))
            self.assertEqual(self.descriptors(), before)
            for _ in range(10):
                self.must(self.register("r", shared.key, 64))
                self.must(self.post(f"{SYSTEM}/region/r/unregister"))
        self.assertEqual(self.status(), [])


class Limits(SharedMemoryTest):
    @classmethod
    def flags(cls):
        return ["--allow-client-shm", "--limit", "shm_regions_max=2", "--limit", "shm_bytes_max=100", "--limit",
                "shm_request_bytes_max=40"]

    def test_limits(self):
        shared = self.make_object(bytes(200))
        self.assert_error(self.register("a", shared.key, 101), 429, "shm_bytes_max")
        self.must(self.register("a", shared.key, 64))
        self.assert_error(self.register("b", shared.key, 37), 429, "shm_bytes_max")
        self.must(self.register("b", shared.key, 16))
        self.assert_error(self.register("c", shared.key, 1), 429, "shm_regions_max")
        self.assert_error(self.server.infer("add", {"inputs": [self.input(self.part("a", 48), (3, 4))]}), 400,
                          "shm_request_bytes_max")
        self.must(self.server.infer("add", {"inputs": [self.input(self.part("a", 32), (2, 4))]}))


if __name__ == "__main__":
    unittest.main()

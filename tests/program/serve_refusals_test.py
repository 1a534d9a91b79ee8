"""What a server must refuse without harm: requests that are malformed, that lie, or that ask for the moon.

After each test the server must still answer, and after the last its memory, descriptors and threads must be what they
were.
"""
import json
import os
import socket
import struct
import time
import unittest

from program import WAIT_S, Server, ServerTest, request_bytes, write_fake
from samples import floats

INFER = "/v2/models/add/infer"
LENGTH = "Inference-Header-Content-Length"
GOOD = {"name": "x", "datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}
LIMITS = ["http_body_bytes_max=2000000", "http_header_bytes_max=4096"]


def binary(size, shape=(1, 4)):
    return {"name": "x", "datatype": "FP32", "shape": list(shape), "parameters": {"binary_data_size": size}}


def write_models(directory):
    write_fake(directory, "add", "input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\n")
    write_fake(directory, "ids", "input ids INT64 -1\noutput same INT64 -1\n")


class RefusalTest(ServerTest):
    # The C library keeps freed memory for a while; what leaks, leaks with every request.
    growth_bytes_max = 64 << 20

    @classmethod
    def start(cls, directory):
        write_models(directory)
        return Server(directory, limits=LIMITS)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.infer("add", {"inputs": [GOOD]})
        before = cls.held()
        cls.addClassCleanup(lambda: cls.check_held(before))

    @classmethod
    def held(cls):
        """Bytes of memory, and numbers of descriptors and threads."""
        process = f"/proc/{cls.server.process.pid}"
        return cls.server.rss_bytes(), len(os.listdir(f"{process}/fd")), len(os.listdir(f"{process}/task"))

    @classmethod
    def check_held(cls, before):
        until = time.monotonic() + WAIT_S
        while (now := cls.held())[1] > before[1]:  # the last connections may not have been seen to be closed
            assert time.monotonic() < until, f"{before[1]} descriptors became {now[1]}"
            time.sleep(0.05)
        assert now[0] - before[0] < cls.growth_bytes_max, f"{before[0]} bytes of memory became {now[0]}"
        assert now[2] == before[2], f"{before[2]} threads became {now[2]}"

    def refuse(self, inputs, status, *parts, model="add", **more):
        self.assert_error(self.server.infer(model, {"inputs": inputs, **more}), status, *parts)

    def post(self, body, status, *parts, headers=None, target=INFER):
        self.assert_error(self.server.ask("POST", target, body, headers), status, *parts)

    def tearDown(self):
        answer = self.server.infer("add", {"inputs": [GOOD]})
        self.assertEqual((answer.status, answer.json()["outputs"][0]["data"]), (200, [2, 3, 4, 5]))


class Json(RefusalTest):
    def test_malformed(self):
        for body, part in ((b"", "a JSON object is needed"), (b"{", "not closed"), (b"[]", "not an object"),
                           (b"null", "not an object"), (b'{"inputs":[{]}', "malformed JSON"),
                           (b'{"inputs":[1]}', "inputs[0]"), (b'{"inputs":{}}', "'inputs' is an object"),
                           (b"\xff\xfe", "UTF-8"), (b'{"id":1,"inputs":[]}', "'id' is 1"), (b"{}", "'inputs' is missing"),
                           (json.dumps({"inputs": [GOOD]}).encode() + b"x", "malformed JSON"),
                           (json.dumps({"inputs": [GOOD]}).encode()[:-1], "not closed"),
                           (b'{"inputs":[],"inputs":[]}', "'inputs' stands twice")):
            with self.subTest(body):
                self.post(body, 400, part)

    def test_nesting(self):
        deep = 250_000 * b"["
        for body in (deep, b'{"a":' + deep, b'{"inputs":' + deep, b'{"a":' + deep + 250_000 * b"]" + b"}",
                     b'{"inputs":[{"name":"x","datatype":"FP32","shape":' + deep + b"}]}",
                     b'{"inputs":[{"name":"x","datatype":"FP32","shape":[1,4],"data":' + deep + b"}]}",
                     b'{"inputs":[{"name":"x","datatype":"FP32","shape":[1,4],"data":' + deep + 250_000 * b"]" + b"}]}",
                     b'{"parameters":' + 250_000 * b'{"a":' + b"1" + 250_000 * b"}" + b"}"):
            self.post(body, 400)

    def test_many_tensors(self):
        self.refuse([{**GOOD, "name": f"x{i}"} for i in range(10_000)], 400, "more than 256 inputs", "request_tensors_max")
        outputs = [{"name": f"y{i}"} for i in range(50_000)]
        self.refuse([GOOD], 400, "more than 256 outputs", outputs=outputs)


class Tensors(RefusalTest):
    def test_shapes(self):
        for shape in ([2**63 - 1], [2**62], [2**32, 2**32], [2**31, 2**31, 2**31], [2**62, 4], [-1, 4], [1, 4.0], ["1", "4"],
                      [1, 4, 1], [4], [], [1, 5], [2, 4], [1] * 300, [1e400, 4], 4, None, [[1, 4]], [2**63, 1], [0, 4]):
            text = json.dumps({"inputs": [{**GOOD, "shape": shape}]}).replace("Infinity", "1e400").encode()
            with self.subTest(shape):
                self.post(text, 400)
                self.post(text.replace(b'"data": [1, 2, 3, 4]', b'"parameters": {"binary_data_size": 16}'), 400)
        self.refuse([{**GOOD, "shape": [2**62]}], 400, "'x'", str(2**62), "request_elements_max")

    def test_dtype_names_and_counts(self):
        self.refuse([{**GOOD, "datatype": "INT32"}], 400, "'x' is INT32; model 'add' takes FP32")
        self.refuse([{**GOOD, "datatype": "float"}], 400, "'float'; it must be one of BOOL, UINT8")
        self.refuse([{**GOOD, "shape": [1, 5], "data": [1, 2, 3, 4, 5]}], 400, "[1,5]", "takes [-1,4]")
        self.refuse([{**GOOD, "name": "xx"}], 400, "model 'add' has no input 'xx'; known: x")
        self.refuse([GOOD, GOOD], 400, "input 'x' is given twice")
        self.refuse([GOOD, {**GOOD, "name": "z"}], 400, "has no input 'z'")
        self.refuse([], 400, "'inputs' is missing or empty")
        self.refuse([GOOD], 400, "has no output 'z'", outputs=[{"name": "z"}])
        self.refuse([GOOD], 400, "output 'y' is asked for twice", outputs=[{"name": "y"}, {"name": "y"}])

    def test_data_that_does_not_fit(self):
        for data, part in (([1, 2, 3], "asks for 4 elements"), ([1, 2, 3, 4, 5], "more"), ([1, 2, 3, "4"], "element 3"),
                           ([1, 2, 3, None], "element 3 is null"), ([1, 2, 3, True], "element 3 is true"),
                           ([1, 2, 3, 1e39], "beyond FP32"), ("1234", "'data' is"), ([], "4 elements")):
            self.refuse([{**GOOD, "data": data}], 400, part)
        ids = {"name": "ids", "datatype": "INT64", "shape": [1]}
        for value in (2**63, -2**63 - 1, 1.5, 1e3, "1"):
            self.refuse([{**ids, "data": [value]}], 400, "element 0 is", "INT64 takes integers", model="ids")
        self.refuse([{key: GOOD[key] for key in ("name", "datatype", "shape")}], 400, "exactly one is needed")
        self.refuse([{**GOOD, **binary(16)}], 400, "exactly one is needed")
        self.refuse([{"name": "x", "datatype": "FP16", "shape": [1, 4], "data": [1, 2, 3, 4]}], 400, "FP16", "binary")

    def test_shared_memory_and_sequences_are_not_there(self):
        x = {key: GOOD[key] for key in ("name", "datatype", "shape")}
        for size, status, part in ((16, 501, "shared memory"), (2**64 - 32, 400, "shared_memory_byte_size")):
            region = {"shared_memory_region": "../../etc/passwd", "shared_memory_byte_size": size}
            self.refuse([{**x, "parameters": region}], status, part)
            self.refuse([GOOD], status, part, outputs=[{"name": "y", "parameters": region}])
        self.refuse([GOOD], 501, "sequences", parameters={"sequence_id": 7})
        self.refuse([GOOD], 400, "'timeout' is -1", parameters={"timeout": -1})

    def test_binary_sizes_that_lie(self):
        for size, data, part in ((16, b"", "0 are left"), (17, floats(1, 2, 3, 4), "16 are left"), (2**62, b"", "0 are left"),
                                 (12, floats(1, 2, 3), "12"), (16, floats(1, 2, 3, 4, 5), "4 bytes are left"),
                                 (-1, floats(1, 2, 3, 4), "'binary_data_size' is -1"), (2**64, b"", "binary_data_size"),
                                 ("16", floats(1, 2, 3, 4), "binary_data_size"), (0, b"", "0")):
            with self.subTest(size):
                answer = self.server.infer("add", {"inputs": [binary(size)]}, data)
                self.assert_error(answer, 400, part)

    def test_length_of_the_json_that_lies(self):
        body = json.dumps({"inputs": [GOOD]}).encode()
        for value in ("-1", "abc", str(2**64), str(len(body) + 1), "", "1e2", "0x10", "1 1", "99999999999999999999999999"):
            self.post(body, 400, f"{LENGTH} is '{value}'", f"from 0 to the body's {len(body)} bytes", headers={LENGTH: value})
        self.post(body, 400, headers={LENGTH: str(len(body) - 1)})
        self.post(b"123", 400, "raw body", headers={LENGTH: "0"})


class Names(RefusalTest):
    def test_hostile_names_are_only_text(self):
        for name, shown in ((";id", ";id"), ("$(id)", "$(id)"), ("..%2f..", "../.."), ("..", ".."), (".", "."), ("%2f", "/"),
                            ("%2e%2e%2fetc%2fpasswd", "../etc/passwd"), ("a%0Ab", "a?b"), ("%20add%20", " add "),
                            ("%C3%A4dd", "ädd"), ("%ff", "\N{REPLACEMENT CHARACTER}"), ("%00", "?"), ("add%00", "add?")):
            with self.subTest(name):
                self.assert_error(self.server.ask("GET", f"/v2/models/{name}"), 404, f"no model '{shown}' is served")
                self.post(json.dumps({"inputs": [GOOD]}).encode(), 404, f"'{shown}'", target=f"/v2/models/{name}/infer")
                self.assert_error(self.server.ask("GET", f"/v2/models/{name}/ready"), 400, f"'{shown}'")
        for name in ("%", "%2", "%zz", "a%"):
            self.assert_error(self.server.ask("GET", f"/v2/models/{name}"), 400, "two hexadecimal digits")

    def test_long_names(self):
        answer = self.server.ask("GET", f"/v2/models/{'n' * 3900}")
        self.assert_error(answer, 404, "nnn...")
        self.assertLess(len(answer.body), 500)
        self.refuse([{**GOOD, "name": "n" * 4096}], 400, "4096 bytes; at most 512", "name_bytes_max")
        self.refuse([GOOD], 400, "'id' has 4096 bytes", id="n" * 4096)
        self.refuse([GOOD], 400, "4096", outputs=[{"name": "n" * 4096}])

    def test_request_id_cannot_add_headers(self):
        self.assert_error(self.server.ask("GET", "/none", headers={"x-request-id": "a\rSet-Cookie: b"}), 400)
        self.assertNotIn("x-request-id", self.server.ask("GET", "/v2", headers={"x-request-id": "n" * 600}).headers)


class Http(RefusalTest):
    def test_body_over_the_limit(self):
        with self.server.connect() as connection:  # refused before a byte of it is sent
            connection.send(request_bytes("POST", INFER, b"", {"Content-Length": 2_000_001}))
            self.assert_error(connection.read_answer(), 413, "2000001 bytes; the limit is 2000000")
        with self.server.connect() as connection:  # and not asked for
            connection.send(request_bytes("POST", INFER, b"", {"Content-Length": 2_000_001, "Expect": "100-continue"}))
            self.assert_error(connection.read_answer(), 413, "2000001 bytes")
        for length in (2**63, 2**64 - 1):
            self.post(b"", 413, str(length), headers={"Content-Length": length})
        chunk = b"10000\r\n" + 65536 * b"x" + b"\r\n"
        with self.server.connect() as connection:
            connection.send(request_bytes("POST", INFER, b"", {"Transfer-Encoding": "chunked"}))
            connection.send(40 * chunk)
            self.assert_error(connection.read_answer(), 413, "more than 2000000 bytes")

    def test_chunks_of_one_byte(self):
        for target in (INFER, "/v2/repository/index"):
            with self.server.connect() as connection:
                connection.send(request_bytes("POST", target, b"", {"Transfer-Encoding": "chunked"}))
                connection.send(1_000_000 * b"1\r\n[\r\n" + b"0\r\n\r\n")
                self.assert_error(connection.read_answer(), 400)

    def test_malformed_chunks(self):
        for chunk in (b"zz\r\n", b"-1\r\n", b"ffffffffffffffffff\r\n", b"4\r\nabcdef\r\n"):
            with self.server.connect() as connection:
                connection.send(request_bytes("POST", INFER, b"", {"Transfer-Encoding": "chunked"}) + chunk + b"\r\n\r\n")
                self.assert_error(connection.read_answer(), 400)

    def test_header_over_the_limit(self):
        for head in (b"GET /v2 HTTP/1.1\r\nX: " + 5000 * b"x" + b"\r\n\r\n", b"GET /" + 5000 * b"x" + b" HTTP/1.1\r\n\r\n",
                     b"GET /v2 HTTP/1.1\r\n" + 2000 * b"A: b\r\n" + b"\r\n", 200_000 * b"x"):
            with self.server.connect() as connection:
                connection.send(head)
                self.assert_error(connection.read_answer(), 431, "larger than 4096 bytes")

    def test_no_http(self):
        for data in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
                     b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n", b"GET /v2 HTTP/1.1\r\nno colon\r\n\r\n", b"GET /v2 HTTP/9.9\r\n\r\n",
                     b"GET /v2 FTP/1.1\r\n\r\n", b" \r\n\r\n"):
            with self.subTest(data), self.server.connect() as connection:
                connection.send(data)
                connection.socket.shutdown(socket.SHUT_WR)
                answer = connection.read_answer()
                if answer is not None:  # what has not even a line may go without an answer
                    self.assert_error(answer, 400, "not an HTTP/1.1 request")
                    self.assertEqual(answer.headers["connection"], "close")
                self.assertTrue(connection.is_closed_by_peer())

    def test_two_lengths(self):
        body = json.dumps({"inputs": [GOOD]}).encode()
        smuggled = b"GET /v2/health/live HTTP/1.1\r\n\r\n"
        for headers in (f"Content-Length: {len(body)}\r\nTransfer-Encoding: chunked\r\n",
                        f"Transfer-Encoding: chunked\r\nContent-Length: {len(body)}\r\n",
                        f"Content-Length: {len(body)}\r\nContent-Length: 0\r\n", "Content-Length: -1\r\n",
                        "Content-Length: 1,2\r\n", "Content-Length: 0x10\r\n"):
            with self.subTest(headers), self.server.connect() as connection:
                connection.send(f"POST {INFER} HTTP/1.1\r\n{headers}\r\n".encode() + body + smuggled)
                self.assert_error(connection.read_answer(), 400)
                self.assertIsNone(connection.read_answer(), "a second request was seen in the first one's body")

    def test_client_that_leaves(self):
        whole = request_bytes("POST", INFER, json.dumps({"inputs": [GOOD]}).encode())
        for size in (1, 20, len(whole) - 5, len(whole)):
            for reset in (False, True):
                with self.server.connect() as connection:
                    connection.send(whole[:size])
                    if reset:  # no time to linger: the kernel sends a reset
                        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


if __name__ == "__main__":
    unittest.main()

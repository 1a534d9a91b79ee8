"""Every route with a body or a name, with all of the extensions switched on: what is malformed, lies or is too much is
refused, and leaves nothing behind (serve_refusals_test.py has the same of inference)."""
import json
import unittest

from program import Server, request_bytes, write_fake
from serve_refusals_test import GOOD, INFER, LENGTH, RefusalTest

# Those that read their body, and those that need none.
READING = (INFER, "/v2/models/add/versions/1/infer", "/v2/repository/index", "/v2/repository/models/add/load",
           "/v2/repository/models/add/unload", "/v2/models/add/route", "/v2/systemsharedmemory/region/r/register",
           "/v2/trace/setting", "/v2/models/add/trace/setting", "/v2/logging")
OTHERS = ("/v2/systemsharedmemory/region/r/unregister", "/v2/systemsharedmemory/unregister", "/v2/cudasharedmemory/unregister",
          "/v2/cudasharedmemory/region/r/register", "/v2/cudasharedmemory/region/r/unregister", "/v2/models/add/generate")
NAMES = (";id", "$(id)", "a%0Ab", "%20add%20", "add%20", "%C3%A4dd", "..", ".", "%2e%2e", "%2f", "..%2f..%2fetc%2fpasswd", "%252f", "%00",
         "add%00", "%ff", 3500 * "n")
DEEP = 250_000 * b"["


class HostileRoutes(RefusalTest):
    @classmethod
    def start(cls, directory):
        write_fake(directory, "add", "input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\n")
        write_fake(directory, "ids", "input ids INT64 -1\noutput same INT64 -1\n")
        return Server(directory, "--model-control-mode", "explicit", "--allow-client-shm", "--watch-ms", 0,
                      limits=["http_body_bytes_max=2000000", "http_header_bytes_max=4096"])

    def assert_answered(self, answer, target):
        """Any answer will do but one that speaks of a failure of the server's, and none."""
        self.assertIsNotNone(answer, target)
        self.assertIn(answer.status, (200, 400, 404, 501), f"{target}: {answer}")


class Bodies(HostileRoutes):
    def test_nesting(self):
        for target in READING:
            for body in (DEEP, b'{"a":' + DEEP, b'{"parameters":' + DEEP, b'{"a":' + DEEP + 250_000 * b"]" + b"}",
                         250_000 * b'{"a":' + b"1" + 250_000 * b"}", b'{"weights":' + DEEP, b'{"trace_level":' + DEEP):
                self.post(body, 400, target=target)
        for target in OTHERS:
            self.assert_answered(self.server.ask("POST", target, DEEP), target)

    def test_a_million_chunks_of_one_byte(self):
        before = self.server.rss_bytes()
        for target in READING + OTHERS:
            with self.server.connect() as connection:
                connection.send(request_bytes("POST", target, b"", {"Transfer-Encoding": "chunked"}))
                connection.send(1_000_000 * b"1\r\n[\r\n" + b"0\r\n\r\n")
                answer = connection.read_answer()
                if target in READING:
                    self.assert_error(answer, 400)
                else:
                    self.assert_answered(answer, target)
            self.assertLess(self.server.rss_bytes() - before, 64 << 20)

    def test_lengths_of_json_that_lie(self):
        for value in ("-1", "abc", str(2**64), "99999", ""):
            for target in READING:
                if target.endswith("infer"):
                    self.post(b"{}", 400, f"{LENGTH} is '{value}'", headers={LENGTH: value}, target=target)
                else:  # it says nothing there
                    self.post(b"[]", 400, "not an object", headers={LENGTH: value}, target=target)
            for target in OTHERS:
                self.assert_answered(self.server.ask("POST", target, b"{}", {LENGTH: value}), target)

    def test_bodies_over_the_limit(self):
        for target in READING + OTHERS:
            with self.server.connect() as connection:
                connection.send(request_bytes("POST", target, b"", {"Content-Length": 2_000_001}))
                self.assert_error(connection.read_answer(), 413, "2000001 bytes; the limit is 2000000")

    def test_a_million_keys_and_keys_that_stand_twice(self):
        many = ("{" + ",".join(f'"{n}":1' for n in range(150_000)) + "}").encode()
        twice = b'{"%s":{},"%s":{}}'
        for target, key in (("/v2/models/add/route", b"weights"), ("/v2/repository/models/add/load", b"parameters"),
                            ("/v2/repository/models/add/unload", b"parameters")):
            self.post(b'{"%s":%s}' % (key, many), 400, target=target)
            self.post(twice % (key, key), 400, "stands twice", target=target)
        self.post(b'{"trace_level":[' + b'"OFF",' * 200_000 + b'"OFF"]}', 400, "more than", target="/v2/trace/setting")
        self.post(many, 400, target="/v2/logging")
        self.post(b'{"key":"/a","key":"/b","byte_size":1}', 400, "stands twice", target="/v2/systemsharedmemory/region/r/register")


class Tensors(HostileRoutes):
    def test_shapes_of_tensors_in_shared_memory(self):
        for shape in ([2**63 - 1], [2**62], [2**32, 2**32], [2**31, 2**31, 2**31], [2**62, 4], [-1, 4], [-1], [1, 4.0], ["3", 4],
                      [3.5, 4], [1] * 300, [1e400, 4], 4, None, [[1, 4]], [2**63, 1]):
            x = {"name": "x", "datatype": "FP32", "shape": shape,
                 "parameters": {"shared_memory_region": "r", "shared_memory_byte_size": 16}}
            text = json.dumps({"inputs": [x]}).replace("Infinity", "1e400").encode()
            with self.subTest(shape):
                self.post(text, 400)
            x["parameters"]["classification"] = 2**31  # of an input it says nothing
            self.post(json.dumps({"inputs": [x]}).replace("Infinity", "1e400").encode(), 400)

    def test_many_outputs_and_outputs_given_twice(self):
        for parameters in ({"classification": 2**31}, {"shared_memory_region": "r", "shared_memory_byte_size": 16}):
            outputs = [{"name": "y", "parameters": parameters}] * 2
            self.refuse([GOOD], 400, "output 'y' is asked for twice", outputs=outputs)
            self.refuse([GOOD], 400, "more than 256 outputs", outputs=outputs * 8000)
        body = b'{"outputs":[' + b'{"name":"y"},' * 140_000 + b'{"name":"y"}]}'
        self.post(body, 400, "more than 256 outputs")


class Names(HostileRoutes):
    def test_names_are_only_text(self):
        for name in NAMES:
            for method, target in (("GET", f"/v2/models/{name}/config"), ("GET", f"/v2/models/{name}/route"),
                                   ("POST", f"/v2/models/{name}/route"), ("GET", f"/v2/models/{name}/trace/setting"),
                                   ("POST", f"/v2/models/{name}/trace/setting"), ("POST", f"/v2/repository/models/{name}/load"),
                                   ("POST", f"/v2/repository/models/{name}/unload"), ("POST", f"/v2/repository/{name}/index"),
                                   ("GET", f"/v2/systemsharedmemory/region/{name}/status"),
                                   ("POST", f"/v2/systemsharedmemory/region/{name}/register"),
                                   ("GET", f"/v2/cudasharedmemory/region/{name}/status"),
                                   ("POST", f"/v2/cudasharedmemory/region/{name}/register"), ("GET", f"/v2/models/{name}/stats"),
                                   ("POST", f"/v2/models/{name}/infer")):
                with self.subTest(f"{method} {target[:80]}"):
                    body = json.dumps({"inputs": [GOOD]} if target.endswith("infer") else {}).encode()
                    answer = self.server.ask(method, target, body if method == "POST" else b"")
                    self.assertIn(answer.status, (400, 404, 501))
                    self.assert_error(answer, answer.status)
                    self.assertLess(len(answer.body), 500)
                    self.assertNotIn("\n", answer.error())
            for target in (f"/v2/systemsharedmemory/region/{name}/unregister", f"/v2/cudasharedmemory/region/{name}/unregister"):
                self.assertEqual(self.server.ask("POST", target).status, 200)  # there is none

    def test_names_that_are_no_text(self):
        for name in ("%", "%2", "%zz", "a%"):
            for method, target in (("GET", f"/v2/models/{name}/config"), ("POST", f"/v2/repository/models/{name}/load"),
                                   ("POST", f"/v2/repository/{name}/index"), ("POST", f"/v2/models/{name}/route"),
                                   ("POST", f"/v2/systemsharedmemory/region/{name}/register"),
                                   ("POST", f"/v2/systemsharedmemory/region/{name}/unregister")):
                self.assert_error(self.server.ask(method, target), 400, "two hexadecimal digits")


if __name__ == "__main__":
    unittest.main()

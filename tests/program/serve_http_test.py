"""KServe v2 over HTTP, with values: routes, JSON and binary tensors, and the ways that HTTP lets a client speak.

The fake engine computes, so that every build can run this; golden answers of real models are in waybill_test.py.
"""
import array
import concurrent.futures
import json
import re
import struct
import unittest

from program import SOURCE, Server, ServerTest, request_bytes, write_fake
from samples import floats, unpack_floats

JSON = "application/json"
BINARY = "application/octet-stream"
ROW = [1.5, -2, 3, 0.25]
DOUBLED = [3, -4, 6, 0.5]


def tensor(data, shape=None, name="x", datatype="FP32", **more):
    return {"name": name, "datatype": datatype, "shape": shape or [1, len(data)], "data": data, **more}


def binary_tensor(size_bytes, shape, name="x", datatype="FP32"):
    return {"name": name, "datatype": datatype, "shape": shape, "parameters": {"binary_data_size": size_bytes}}


class HttpTest(ServerTest):
    @classmethod
    def start(cls, directory):
        write_fake(directory, "double", "input x FP32 -1,4\noutput y FP32 -1,4\nop double\n")
        write_fake(directory, "echo", "input x FP32 -1\noutput y FP32 -1\n")
        write_fake(directory, "two", "input a INT64 3\ninput b FP32 1,2\noutput p INT64 3\noutput q FP32 1,2\nop add 1\n")
        return Server(directory, "--http-threads", 2)


class Routes(HttpTest):
    def test_server_metadata(self):
        version = re.search(r"project\(oarlock VERSION ([\d.]+)", (SOURCE / "CMakeLists.txt").read_text(encoding="utf-8"))
        answer = self.server.ask("GET", "/v2")
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, JSON))
        self.assertEqual(answer.json(), {"name": "oarlock", "version": version[1], "extensions": [
            "binary_tensor_data", "classification", "model_configuration", "schedule_policy", "statistics"]})

    def test_health(self):
        for path, body in (("live", {"live": True}), ("ready", {"ready": True})):
            answer = self.server.ask("GET", f"/v2/health/{path}")
            self.assertEqual((answer.status, answer.json()), (200, body))

    def test_models_are_listed_in_the_ready_line_and_under_their_route(self):
        self.assertEqual(self.server.ready_line["models"], ["double", "echo", "two"])
        self.assertEqual(self.server.ask("GET", "/v2/models").json(), {"models": ["double", "echo", "two"]})

    def test_model_metadata_with_and_without_version(self):
        wanted = {"name": "two", "versions": ["1"], "platform": "fake_fake",
                  "inputs": [{"name": "a", "datatype": "INT64", "shape": [3]},
                             {"name": "b", "datatype": "FP32", "shape": [1, 2]}],
                  "outputs": [{"name": "p", "datatype": "INT64", "shape": [3]},
                              {"name": "q", "datatype": "FP32", "shape": [1, 2]}]}
        for path in ("/v2/models/two", "/v2/models/two/versions/1", "/v2/models/%74wo", "/v2/models/two?a=b"):
            answer = self.server.ask("GET", path)
            self.assertEqual((answer.status, answer.json()), (200, wanted), path)
        self.assertEqual(self.server.ask("GET", "/v2/models/double").json()["inputs"][0]["shape"], [-1, 4])

    def test_unknown_model_and_version(self):
        for path in ("", "/versions/1"):
            self.assert_error(self.server.ask("GET", f"/v2/models/duble{path}"), 404, "'duble'", "did you mean 'double'?")
        self.assert_error(self.server.ask("GET", "/v2/models/double/versions/2"), 404, "no version 2; it has 1")
        for version in ("0", "-1", "1.0", "x", "18446744073709551616"):
            self.assert_error(self.server.ask("GET", f"/v2/models/double/versions/{version}"), 400, f"'{version}'")

    def test_model_ready(self):
        for path in ("double", "double/versions/1"):
            answer = self.server.ask("GET", f"/v2/models/{path}/ready")
            self.assertEqual((answer.status, answer.json()), (200, {"name": "double", "ready": True}))
        self.assert_error(self.server.ask("GET", "/v2/models/none/ready"), 400, "'none'")
        self.assert_error(self.server.ask("GET", "/v2/models/double/versions/2/ready"), 400, "no version 2")

    def test_no_such_path(self):
        for path in ("/", "/v3", "/v2/", "/v2//models", "/v2/models/", "/v2/models/double/", "/v2/models/double/infer/x",
                     "/v2/health", "/favicon.ico", "/v2/models/double/versions/1/versions/1"):
            self.assert_error(self.server.ask("GET", path), 404, f"'{path}'")

    def test_wrong_method_names_the_right_ones(self):
        for method, path, allow in (("POST", "/v2", "GET, HEAD, OPTIONS"), ("GET", "/v2/models/double/infer", "POST, OPTIONS"),
                                    ("DELETE", "/v2/models/double", "GET, HEAD, OPTIONS"),
                                    ("PUT", "/v2/logging", "GET, HEAD, POST, OPTIONS")):
            answer = self.server.ask(method, path)
            self.assert_error(answer, 405, path, f"takes {allow}, not {method}")
            self.assertEqual(answer.headers["allow"], allow)

    def test_extension_that_is_not_served(self):
        for method, path, extension in (
                ("POST", "/v2/models/double/generate", "generate"),
                ("POST", "/v2/models/double/versions/1/generate_stream", "generate")):
            self.assert_error(self.server.ask(method, path, b"{}"), 501, f"'{extension}'")


class Tensors(HttpTest):
    def test_json_flat_and_nested(self):
        for data in (ROW + ROW, [ROW, ROW], [[*ROW], *ROW]):
            answer = self.server.infer("double", {"inputs": [tensor(data, [2, 4])]})
            self.assertEqual((answer.status, answer.headers["content-type"]), (200, JSON), answer)
            self.assertEqual(answer.json(), {"model_name": "double", "model_version": "1", "outputs": [
                {"name": "y", "datatype": "FP32", "shape": [2, 4], "data": DOUBLED + DOUBLED}]})

    def test_floats_survive_json(self):
        values = [0.1, 1 / 3, 16777216.0, 1.1754944e-38, 3.4028235e38, 1e-45, -0.0, 123456.789]
        exact = unpack_floats(floats(*values))
        answer = self.server.infer("echo", {"inputs": [tensor(values, [8])]})
        # "-0" is a float's text that Python would take for the integer 0, which has no sign.
        got = json.loads(answer.body, parse_int=float)["outputs"][0]["data"]
        self.assertEqual(floats(*got), floats(*exact))

    def test_binary_in_and_out(self):
        request = {"inputs": [binary_tensor(16, [1, 4])], "outputs": [{"name": "y", "parameters": {"binary_data": True}}]}
        answer = self.server.infer("double", request, floats(*ROW))
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, BINARY), answer)
        self.assertEqual(answer.json(), {"model_name": "double", "model_version": "1", "outputs": [
            {"name": "y", "datatype": "FP32", "shape": [1, 4], "parameters": {"binary_data_size": 16}}]})
        self.assertEqual(unpack_floats(answer.binary()), DOUBLED)

    def test_binary_wish_of_an_output_goes_before_that_of_the_request(self):
        inputs = [tensor([1, 2, 3], [3], "a", "INT64"), tensor([0.5, 1.5], [1, 2], "b")]
        for general, own, binary in ((None, None, []), (True, None, ["p", "q"]), (True, False, ["p"]), (False, True, ["q"])):
            outputs = [{"name": "p"}, {"name": "q", **({} if own is None else {"parameters": {"binary_data": own}})}]
            parameters = {} if general is None else {"parameters": {"binary_data_output": general}}
            answer = self.server.infer("two", {"inputs": inputs, "outputs": outputs, **parameters})
            described = answer.json()["outputs"]
            self.assertEqual([each["name"] for each in described if "data" not in each], binary)
            rest = answer.binary() if binary else b""
            for each, code, wanted in zip(described, ("3q", "2f"), ([2, 3, 4], [1.5, 2.5])):
                got = each.get("data")
                if got is None:
                    size = each["parameters"]["binary_data_size"]
                    got, rest = list(struct.unpack("<" + code, rest[:size])), rest[size:]
                self.assertEqual(got, wanted)
            self.assertEqual(rest, b"")

    def test_json_and_binary_inputs_in_one_request(self):
        request = {"inputs": [tensor([1, 2, 2**53 + 1], [3], "a", "INT64"), binary_tensor(8, [1, 2], "b")]}
        outputs = self.server.infer("two", request, floats(0.5, 1.5)).json()["outputs"]
        self.assertEqual([each["data"] for each in outputs], [[2, 3, 2**53 + 2], [1.5, 2.5]])

    def test_raw_request(self):
        answer = self.server.ask("POST", "/v2/models/echo/infer", floats(*ROW), {"Inference-Header-Content-Length": "0"})
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, BINARY), answer)
        self.assertEqual(answer.json()["outputs"][0]["shape"], [4])
        self.assertEqual(unpack_floats(answer.binary()), ROW)
        refused = self.server.ask("POST", "/v2/models/two/infer", floats(*ROW), {"Inference-Header-Content-Length": "0"})
        self.assert_error(refused, 400, "a raw request is for models of one input; model 'two' has 2")

    def test_outputs_asked_for_come_in_the_order_asked(self):
        inputs = [tensor([1, 2, 3], [3], "a", "INT64"), tensor([0, 1], [1, 2], "b")]
        for names in (["q"], ["q", "p"], ["p"]):
            answer = self.server.infer("two", {"inputs": inputs, "outputs": [{"name": name} for name in names]})
            self.assertEqual([each["name"] for each in answer.json()["outputs"]], names)

    def test_empty_tensor(self):
        answer = self.server.infer("double", {"inputs": [tensor([], [0, 4])]})
        self.assertEqual(answer.json()["outputs"], [{"name": "y", "datatype": "FP32", "shape": [0, 4], "data": []}])

    def test_ids_are_echoed(self):
        request = {"id": "küche \"7\"\n", "inputs": [tensor(ROW)]}
        answer = self.server.infer("double", request, headers={"x-request-id": "trace-17"})
        self.assertEqual(answer.json()["id"], request["id"])
        self.assertEqual(answer.headers["x-request-id"], "trace-17")
        self.assertEqual(self.server.ask("GET", "/none", headers={"x-request-id": "t2"}).headers["x-request-id"], "t2")
        self.assertNotIn("x-request-id", self.server.infer("double", {"inputs": [tensor(ROW)]}).headers)

    def test_version_by_header_and_by_path(self):
        request = {"inputs": [tensor(ROW)]}
        for headers, version in (({}, None), ({"x-model-version": "1"}, None), ({}, 1), ({"x-model-version": "1"}, 1)):
            answer = self.server.infer("double", request, headers=headers, version=version)
            self.assertEqual((answer.status, answer.headers["x-model-version"]), (200, "1"))
        pinned = {"x-model-version": "2"}
        self.assert_error(self.server.infer("double", request, headers=pinned), 404, "no version 2")
        self.assert_error(self.server.infer("double", request, version=2), 404, "no version 2")
        self.assert_error(self.server.infer("double", request, headers=pinned, version=1), 400, "x-model-version is '2'")
        self.assert_error(self.server.infer("double", request, headers={"x-model-version": "one"}), 400, "'one'")


class Wire(HttpTest):
    def body(self, value):
        return json.dumps({"inputs": [tensor([value, value + 0.5, 0, 1])]}).encode()

    def assert_doubled(self, answer, value):
        self.assertIsNotNone(answer)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json()["outputs"][0]["data"], [2 * value, 2 * value + 1, 0, 2])

    def test_a_hundred_requests_on_one_connection(self):
        with self.server.http_client() as client:
            for value in range(100):
                client.request("POST", "/v2/models/double/infer", self.body(value))
                if value == 0:
                    first = client.sock
                response = client.getresponse()
                self.assertEqual(json.load(response)["outputs"][0]["data"][0], 2 * value)
                self.assertIs(client.sock, first)

    def test_pipelined_requests_are_answered_in_order(self):
        with self.server.connect() as connection:
            connection.send(b"".join(request_bytes("POST", "/v2/models/double/infer", self.body(i)) for i in range(50)))
            for value in range(50):
                self.assert_doubled(connection.read_answer(), value)

    def test_request_in_pieces_of_one_byte(self):
        with self.server.connect() as connection:
            for byte in request_bytes("POST", "/v2/models/double/infer", self.body(5)):
                connection.send(bytes([byte]))
            self.assert_doubled(connection.read_answer(), 5)

    def test_http_1_0_closes_after_the_answer(self):
        body = self.body(3)
        with self.server.connect() as connection:
            connection.send(b"POST /v2/models/double/infer HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            answer = connection.read_answer()
            self.assert_doubled(answer, 3)
            self.assertEqual(answer.headers["connection"], "close")
            self.assertIsNone(connection.read_answer())

    def test_http_1_0_is_kept_open_if_it_asks(self):
        asked = b"GET /v2/health/live HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        with self.server.connect() as connection:
            for _ in range(2):
                connection.send(asked)
                answer = connection.read_answer()
                self.assertEqual((answer.status, answer.headers["connection"]), (200, "keep-alive"))

    def test_a_refusal_names_its_request(self):
        headers = {"x-request-id": "r-9", "Content-Encoding": "br"}
        answer = self.server.ask("POST", "/v2/models/double/infer", b"x", headers=headers)
        self.assertEqual((answer.status, answer.headers["x-request-id"]), (415, "r-9"))

    def test_connection_close_is_obeyed(self):
        with self.server.connect() as connection:
            connection.send(request_bytes("GET", "/v2/health/live", headers={"Connection": "close"}))
            self.assertEqual(connection.read_answer().headers["connection"], "close")
            self.assertIsNone(connection.read_answer())

    def test_chunked_body(self):
        body = self.body(7)
        for size in (1, 7, len(body)):
            with self.server.connect() as connection:
                head = request_bytes("POST", "/v2/models/double/infer", b"", {"Transfer-Encoding": "chunked"})
                chunks = [b"%x\r\n%s\r\n" % (len(body[at:at + size]), body[at:at + size]) for at in range(0, len(body), size)]
                connection.send(head + b"".join(chunks) + b"0\r\n\r\n")
                self.assert_doubled(connection.read_answer(), 7)
                connection.send(request_bytes("GET", "/v2/health/live"))
                self.assertEqual(connection.read_answer().json(), {"live": True})

    def test_expect_100_continue(self):
        body = self.body(9)
        with self.server.connect() as connection:
            connection.send(request_bytes("POST", "/v2/models/double/infer", b"",
                                          {"Expect": "100-continue", "Content-Length": len(body)}))
            self.assertEqual(connection.read_answer().status, 100)
            connection.send(body)
            self.assert_doubled(connection.read_answer(), 9)

    def test_large_tensor_comes_back_exact(self):
        values = array.array("f", (index % 8191 * 0.25 for index in range(5 * 1024 * 1024)))
        data = values.tobytes()  # 20 MiB
        request = {"inputs": [binary_tensor(len(data), [len(values)])], "parameters": {"binary_data_output": True}}
        answer = self.server.infer("echo", request, data)
        self.assertEqual(answer.json()["outputs"][0]["shape"], [len(values)])
        self.assertTrue(answer.binary() == data)  # not assertEqual: it would print them

    def test_clients_at_once_each_get_their_own_answers(self):
        def client(number):
            with self.server.connect() as connection:
                for step in range(30):
                    connection.send(request_bytes("POST", "/v2/models/double/infer", self.body(100 * number + step)))
                    self.assert_doubled(connection.read_answer(), 100 * number + step)
            return number
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            self.assertEqual(list(pool.map(client, range(8))), list(range(8)))


if __name__ == "__main__":
    unittest.main()

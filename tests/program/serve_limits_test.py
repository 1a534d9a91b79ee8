"""Limits of a server, each made small enough to be met: time-outs, connections, the queue, deadlines, tensors."""
import contextlib
import json
import unittest

from program import ProgramTest, request_bytes, run

ADD = "input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\n"
REQUEST = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}]}
INFER = request_bytes("POST", "/v2/models/add/infer", json.dumps(REQUEST).encode())


class LimitsTest(ProgramTest):
    def limited(self, *limits, script=ADD, executions=1):
        return self.serve(self.fake(script, "add"), "--executions", executions, limits=limits)

    def assert_error(self, answer, status, *parts):
        self.assertIsNotNone(answer, "the server closed without an answer")
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["content-type"], "application/json")
        for part in parts:
            self.assertIn(part, answer.error())

    def assert_serves(self, server):
        answer = server.infer("add", REQUEST)
        self.assertEqual((answer.status, answer.json()["outputs"][0]["data"]), (200, [2, 3, 4, 5]))


class Times(LimitsTest):
    def test_half_a_header(self):
        server = self.limited("http_header_timeout_ms=200")
        for start in (b"G", INFER[:30], INFER + INFER[:30]):
            with server.connect() as connection:
                connection.send(start)
                if start.startswith(INFER):
                    self.assertEqual(connection.read_answer().status, 200)
                self.assert_error(connection.read_answer(), 408, "the header did not arrive within 200 ms")
                self.assertTrue(connection.is_closed_by_peer())
        self.assert_serves(server)

    def test_header_that_drips_has_no_more_time_than_one_that_stops(self):
        server = self.limited("http_header_timeout_ms=300")
        with server.connect() as connection:
            connection.socket.settimeout(0.05)
            said = b""
            for byte in INFER[:60] * 20:  # a minute of dripping, were it not cut off
                with contextlib.suppress(ConnectionError):
                    connection.send(bytes([byte]))
                try:
                    said = connection.socket.recv(4096)
                    break
                except TimeoutError:
                    pass
            self.assertTrue(said.startswith(b"HTTP/1.1 408 "), said)

    def test_half_a_body(self):
        server = self.limited("http_body_timeout_ms=200")
        chunked = request_bytes("POST", "/v2/models/add/infer", b"", {"Transfer-Encoding": "chunked"})
        for start in (INFER[:-3], chunked, chunked + b"5\r\n{\"in", chunked + b"5"):
            with server.connect() as connection:
                connection.send(start)
                self.assert_error(connection.read_answer(), 408, "the body did not arrive within 200 ms")
                self.assertTrue(connection.is_closed_by_peer())
        self.assert_serves(server)

    def test_idle_connection_is_closed_without_a_word(self):
        server = self.limited("http_idle_timeout_ms=200")
        with server.connect() as fresh, server.connect() as used:
            used.send(INFER)
            self.assertEqual(used.read_answer().status, 200)
            self.assertIsNone(used.read_answer())
            self.assertIsNone(fresh.read_answer())

    def test_slow_model_is_not_an_idle_client(self):
        server = self.limited("http_idle_timeout_ms=50", "http_header_timeout_ms=50", "http_body_timeout_ms=50",
                              script=ADD + "delay_us 500000\n")
        self.assert_serves(server)

    def test_client_that_does_not_read_is_cut_off(self):
        script = "input x FP32 -1\noutput y FP32 -1\n"
        server = self.limited("http_write_timeout_ms=200", "drain_timeout_ms=3600000", script=script)
        count = 4 * 1024 * 1024
        head = json.dumps({"inputs": [{"name": "x", "datatype": "FP32", "shape": [count],
                                       "parameters": {"binary_data_size": 4 * count}}],
                           "parameters": {"binary_data_output": True}}).encode()
        headers = {"Inference-Header-Content-Length": len(head)}
        with server.connect() as connection:
            connection.send(request_bytes("POST", "/v2/models/add/infer", head + bytes(4 * count), headers))
            server.stop()  # waits for requests in flight: the one that nobody reads must not hold it
            with self.assertRaises((AssertionError, ConnectionError)):
                self.assertEqual(len(connection.read_answer().body), 4 * count)

    def test_deadline_of_a_request(self):
        server = self.limited(script=ADD + "delay_us 1500000\n")
        with server.connect() as first:
            first.send(INFER)
            late = server.infer("add", {**REQUEST, "parameters": {"timeout": 20_000}})
            self.assert_error(late, 504, "deadline")
            self.assertEqual(first.read_answer().status, 200)
        self.assertEqual(server.infer("add", {**REQUEST, "parameters": {"timeout": 60_000_000}}).status, 200)


class Counts(LimitsTest):
    def test_connections(self):
        server = self.limited("http_connections_max=3")
        with contextlib.ExitStack() as stack:
            open_ones = [stack.enter_context(server.connect()) for _ in range(3)]
            for connection in open_ones:
                connection.send(INFER)
                self.assertEqual(connection.read_answer().status, 200)
            for _ in range(5):
                with server.connect() as refused:
                    answer = refused.read_answer()
                    self.assert_error(answer, 503, "too many connections")
                    self.assertEqual((answer.headers["retry-after"], answer.headers["connection"]), ("1", "close"))
            for connection in open_ones:
                connection.send(INFER)
                self.assertEqual(connection.read_answer().status, 200)
        while (answer := server.ask("GET", "/v2/health/live")).status == 503:
            pass  # until the server has seen that the others are gone; read_answer() has its own bound
        self.assertEqual(answer.json(), {"live": True})

    def test_full_queue(self):
        server = self.limited("queue_requests_max=1", script=ADD + "delay_us 1000000\n")
        with contextlib.ExitStack() as stack:
            waiting = [stack.enter_context(server.connect()) for _ in range(6)]
            for connection in waiting:
                connection.send(INFER)
            answers = [connection.read_answer() for connection in waiting]
        refused = [answer for answer in answers if answer.status != 200]
        self.assertIn(len(refused), (4, 5), "one runs and one waits, if the first began before the second came")
        for answer in refused:
            self.assert_error(answer, 503, "1 requests wait already, which is the limit")
            self.assertEqual(answer.headers["retry-after"], "1")
        self.assert_serves(server)

    def test_tensors_and_names(self):
        server = self.limited("request_elements_max=8", "request_tensors_max=2", "name_bytes_max=16", "json_depth_max=4")
        self.assert_serves(server)
        x, = REQUEST["inputs"]
        self.assert_error(server.infer("add", {"inputs": [{**x, "shape": [3, 4], "data": [0] * 12}]}), 400, "has 12 elements",
                          "at most 8 are accepted (request_elements_max)")
        self.assert_error(server.infer("add", {"inputs": [x, x, x]}), 400, "more than 2 inputs", "request_tensors_max")
        self.assert_error(server.infer("add", {**REQUEST, "id": "i" * 17}), 400, "17 bytes; at most 16", "name_bytes_max")
        self.assert_error(server.infer("add", {"inputs": [{**x, "data": [[1, 2, 3, 4]]}]}), 400, "json_depth_max")

    def test_limits_of_the_model(self):
        model = self.fake(ADD, "add")
        self.path("add/model.yaml", "schema: 1\n# " + 100 * "x" + "\n")
        for limit, name in (("model_file_bytes_max=10", "add.fake"), ("manifest_bytes_max=100", "model.yaml")):
            refused = run("serve", model, "--http", "127.0.0.1:0", "--limit", limit)
            self.assert_fails(refused, name, f"the limit is {limit.split('=')[1]}")

    def test_more_executions_than_the_limit_are_cut_to_it(self):
        server = self.limited("executions_max=2", script=ADD + "delay_us 100000\n", executions=16)
        statistics = server.ask("GET", "/v2/models/add/stats").json()
        self.assertEqual(statistics["model_stats"][0]["oarlock"]["executions"], 2)


if __name__ == "__main__":
    unittest.main()

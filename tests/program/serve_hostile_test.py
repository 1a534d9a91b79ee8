"""Clients that are slow, that leave, or that flood: the server must hold little for them, and serve the others."""
import contextlib
import json
import os
import socket
import struct
import threading
import time
import unittest

import prometheus
from program import WAIT_S, ProgramTest, Server, chunked, request_bytes, write_fake
from samples import floats
from serve_refusals_test import GOOD, INFER, LENGTH, LIMITS, RefusalTest, binary, write_models

BODY = json.dumps({"inputs": [GOOD]}).encode()
ASK = request_bytes("POST", INFER, BODY)
LIVE = request_bytes("GET", "/v2/health/live")
CHUNKED = request_bytes("POST", INFER, b"", {"Transfer-Encoding": "chunked"})
BODY_MAX = 2_000_000


def reset(connection):
    """Closes with a reset instead of an orderly end."""
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.file.close()
    connection.socket.close()


def large(rows):
    """A request whose answer has 16 bytes a row."""
    head = json.dumps({"inputs": [binary(16 * rows, (rows, 4))], "parameters": {"binary_data_output": True}}).encode()
    return request_bytes("POST", INFER, head + floats(1, 2, 3, 4) * rows, {LENGTH: len(head)})


class HostileTest(RefusalTest):
    def assert_added(self, answer):
        self.assertIsNotNone(answer, "the server closed without an answer")
        self.assertEqual((answer.status, answer.json()["outputs"][0]["data"]), (200, [2, 3, 4, 5]))


class HalfOpen(HostileTest):
    """What is answered at once is answered. What waits for an execution is taken back, as for one that has left."""

    @classmethod
    def start(cls, directory):
        write_models(directory)
        return Server(directory, limits=[*LIMITS, "inline_us_max=1000000"])

    def test_client_that_has_said_everything_gets_its_answers(self):
        for requests in (1, 2, 20):
            for said in (ASK, CHUNKED + chunked(BODY, 7)):
                with self.server.connect() as connection:
                    connection.send(requests * said)
                    connection.socket.shutdown(socket.SHUT_WR)
                    for _ in range(requests):
                        self.assert_added(connection.read_answer())
                    self.assertIsNone(connection.read_answer())

    def test_large_answer_to_a_client_that_sends_no_more(self):
        with self.server.connect() as connection:
            connection.send(large(100_000))
            connection.socket.shutdown(socket.SHUT_WR)
            self.assertEqual(len(connection.read_answer().binary()), 1_600_000)

    def test_what_ends_too_early_is_closed(self):
        for said in (b"", b"G", ASK[:-1], ASK[:20], CHUNKED, CHUNKED + b"5\r\nab", CHUNKED + b"2\r\nab\r\n0\r\n"):
            with self.server.connect() as connection:
                connection.send(said)
                connection.socket.shutdown(socket.SHUT_WR)
                self.assertIsNone(connection.read_answer(), said)


class Vanishing(HostileTest):
    def test_in_the_middle_of_a_request(self):
        for said in (b"G", ASK[:20], ASK[:-1], CHUNKED + b"5\r\nab", request_bytes("POST", INFER, b"", {"Content-Length": 9})):
            for _ in range(20):
                connection = self.server.connect()
                connection.send(said)
                reset(connection)

    def test_in_the_middle_of_an_answer(self):
        said = large(100_000)
        for read in (0, 1, 100, 5000):
            for _ in range(5):
                connection = self.server.connect()
                connection.send(said)
                while read > 0:
                    read -= len(connection.socket.recv(read))
                reset(connection)

    def test_while_many_requests_wait(self):
        for _ in range(10):
            connection = self.server.connect()
            connection.send(200 * ASK)
            self.assert_added(connection.read_answer())
            reset(connection)


class Waiting(ProgramTest):
    """Clients that leave while their requests wait for the one execution, which has ten minutes to compute."""

    def until(self, condition, text):
        end = time.monotonic() + WAIT_S
        while not condition():
            self.assertLess(time.monotonic(), end, text)
            time.sleep(0.01)

    def test_leave_no_memory_and_say_so_in_the_log(self):
        path, count, columns = self.directory / "access.jsonl", 16, 2 << 20
        model = self.fake("input x FP32 -1,-1\noutput y FP32 -1,-1\nop add 1\ndelay_us 600000000\n", "add")
        server = self.serve(model, "--executions", 1, "--access-log", path)
        before = server.rss_bytes()
        head = json.dumps({"inputs": [binary(4 * columns, (1, columns))]}).encode()
        said = request_bytes("POST", INFER, head + bytes(4 * columns), {LENGTH: len(head)})

        def own():
            return server.ask("GET", "/v2/models/add/stats").json()["model_stats"][0]["oarlock"]
        with server.connect() as first:
            first.send(ASK)
            with contextlib.ExitStack() as stack:
                for _ in range(count):
                    stack.enter_context(server.connect()).send(said)
                self.until(lambda: own()["waiting"] == count, "not all of them wait")
                self.assertGreater(server.rss_bytes() - before, 100 << 20)
            self.until(lambda: own()["dropped"]["cancelled"] == count, "what nobody waits for is still to be computed")
            self.until(lambda: server.rss_bytes() - before < 32 << 20, "the memory of who has left is kept")
        self.until(lambda: path.read_bytes().count(b"CANCELLED") == count + 1, "they have no lines")
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        got = [[line[name] for name in ("code", "http_status", "route", "model", "bytes_in")] for line in lines if line["http_status"] == 499]
        self.assertEqual(got, count * [["CANCELLED", 499, "ModelInfer", "add", len(head) + 4 * columns]] +
                         [["CANCELLED", 499, "ModelInfer", "add", len(BODY)]])
        answers = prometheus.parse(server.ask("GET", "/metrics").body.decode())["oarlock_http_requests_total"]
        self.assertEqual(answers.value(code="499"), count + 1)


class Dripping(HostileTest):
    def test_header_and_body_byte_by_byte(self):
        for said in (ASK, CHUNKED + chunked(BODY, 1)):
            with self.server.connect() as connection:
                for byte in said:
                    connection.send(bytes([byte]))
                self.assert_added(connection.read_answer())

    def test_fields_that_come_one_by_one_meet_the_limit(self):
        with self.server.connect() as connection:
            connection.send(b"GET /v2 HTTP/1.1\r\nHost: h\r\nf")
            with contextlib.suppress(ConnectionError):  # the limit is 4096 bytes: at some point it hangs up
                for _ in range(500):
                    connection.send(b"ield: value\r\nf")  # each with the first letter of the next
                    time.sleep(0.001)
                connection.send(b": \r\n\r\n")
            self.assert_error(connection.read_answer(), 431, "larger than 4096 bytes")

    def test_two_hundred_that_say_nothing_more(self):
        with contextlib.ExitStack() as stack:
            for index in range(200):
                connection = stack.enter_context(self.server.connect())
                connection.send((b"", b"G", ASK[:-1], CHUNKED + b"1")[index % 4])
            self.assert_added(self.server.ask("POST", INFER, BODY))


class Chunks(HostileTest):
    def test_a_million_of_one_byte(self):
        before = self.server.rss_bytes()
        body = BODY + b" " * (1_000_000 - len(BODY))
        for extension in (b"", b";a"):
            said = b"".join(b"1%s\r\n%c\r\n" % (extension, byte) for byte in body[:1000])
            said += 999 * (1000 * b"1\r\n \r\n") + b"0\r\n\r\n"
            with self.server.connect() as connection:
                connection.send(CHUNKED + said)
                self.assert_added(connection.read_answer())
            self.assertLess(self.server.rss_bytes() - before, 64 << 20)

    def test_the_limit_is_met_at_the_chunk_that_exceeds_it(self):
        for size in (1, 1000, 65536):
            fits = chunked(b" " * (BODY_MAX if size > 1 else 1000), size)[:-len(b"0\r\n\r\n")]
            beyond = b"1\r\n" if size > 1 else b"%x\r\n" % (BODY_MAX - 999)
            with self.server.connect() as connection:  # not a byte of that chunk is sent
                connection.send(CHUNKED + fits + beyond)
                self.assert_error(connection.read_answer(), 413, f"more than {BODY_MAX} bytes")
                self.assertIsNone(connection.read_answer())
            with self.server.connect() as connection:
                connection.send(CHUNKED + fits + b"0\r\n\r\n")
                self.assert_error(connection.read_answer(), 400)

    def test_extensions_and_trailers_without_end(self):
        for said, status in ((b"1;" + 200_000 * b"e", 400), (1000 * (b"1;" + 100 * b"e" + b"\r\nx\r\n"), 400),
                             (b"0\r\n" + 20_000 * b"trailer: x\r\n", 400), (200_000 * b"0", 400)):
            with self.server.connect() as connection:
                with contextlib.suppress(ConnectionError):
                    connection.send(CHUNKED + said)
                self.assert_error(connection.read_answer(), status)


class Floods(HostileTest):
    def test_pipelined_requests_that_nobody_reads_yet(self):
        before, count = self.server.rss_bytes(), 20_000
        with self.server.connect() as connection:
            sender = threading.Thread(target=connection.send, args=(count * LIVE,))
            sender.start()
            try:
                time.sleep(0.2)  # so that both directions are full
                self.assertLess(self.server.rss_bytes() - before, 32 << 20)
                self.assert_added(self.server.ask("POST", INFER, BODY))
                for _ in range(count):
                    self.assertEqual(connection.read_answer().json(), {"live": True})
            finally:
                sender.join(WAIT_S)

    def test_readers_that_do_not_read(self):
        said = large(100_000)  # 1.6 MB in and out
        with contextlib.ExitStack() as stack:
            connections = [stack.enter_context(self.server.connect()) for _ in range(20)]
            for connection in connections:
                connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
                connection.send(said)
            self.assert_added(self.server.ask("POST", INFER, BODY))
            for connection in connections[::2]:
                self.assertEqual(len(connection.read_answer().binary()), 1_600_000)


class TooMany(HostileTest):
    @classmethod
    def start(cls, directory):
        write_fake(directory, "add", "input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\n")
        return Server(directory, limits=["http_connections_max=20"])

    def test_those_beyond_the_limit_cost_little(self):
        with contextlib.ExitStack() as stack:
            served = [stack.enter_context(self.server.connect()) for _ in range(20)]
            for connection in served:
                connection.send(ASK)
                self.assert_added(connection.read_answer())
            refused = [stack.enter_context(self.server.connect()) for _ in range(200)]
            answers = 0
            for connection in refused:
                with contextlib.suppress(ConnectionError):
                    answer = connection.read_answer()
                    if answer is not None:
                        self.assert_error(answer, 503, "too many connections")
                        answers += 1
            self.assertGreaterEqual(answers, 64)
            self.assertLess(len(os.listdir(f"/proc/{self.server.process.pid}/fd")), 20 + 64 + 40)
            for connection in served:
                connection.send(ASK)
                self.assert_added(connection.read_answer())
        until = time.monotonic() + WAIT_S
        while self.server.ask("GET", "/v2/health/live").status != 200:
            self.assertLess(time.monotonic(), until)


if __name__ == "__main__":
    unittest.main()

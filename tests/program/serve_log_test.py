"""The access log: a line for each request with what ties it to others' records, and a log that is moved, cut off or full
while the server serves."""
import calendar
import gzip
import json
import os
import signal
import threading
import time
import unittest

import prometheus
from program import WAIT_S, ProgramTest, chunked, request_bytes, run

ADD = "input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\n"
REQUEST = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}]}
BODY = json.dumps(REQUEST).encode()
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
FIELDS = ["time", "trace_id", "request_id", "ce_id", "protocol", "method", "route", "model", "version", "model_hash",
          "hardware_fingerprint", "client", "bytes_in", "bytes_out", "queue_us", "compute_us", "total_us", "code", "http_status"]
KEY = "some-key-0123456789"


class LogTest(ProgramTest):
    def until(self, condition, text):
        end = time.monotonic() + WAIT_S
        while not condition():
            self.assertLess(time.monotonic(), end, text)
            time.sleep(0.005)

    def lines(self, path, count):
        """That many lines of the log, once they are there."""
        self.until(lambda: path.exists() and path.read_bytes().count(b"\n") >= count, f"no {count} lines in {path}")
        text = path.read_text(encoding="utf-8")
        self.assertTrue(text.endswith("\n"))
        lines = [json.loads(line) for line in text.splitlines()]
        self.assertEqual(len(lines), count, text)
        return lines

    def logging(self, *arguments, script=ADD, **options):
        path = self.directory / "access.jsonl"
        return self.serve(self.fake(script), "--access-log", path, *arguments, **options), path

    def metrics(self, server, **options):
        return prometheus.parse(server.ask("GET", "/metrics", **options).body.decode())


class Lines(LogTest):
    def test_an_inference_is_all_in_its_line(self):
        server, path = self.logging("--inline", "never", script=ADD + "delay_us 20000\n")
        before = time.time()
        with server.connect() as connection:
            headers = {"traceparent": PARENT, "x-request-id": "r-1", "Ce-Id": "c-1"}
            connection.send(request_bytes("POST", "/v2/models/fake/infer", BODY, headers))
            answer = connection.read_answer()
            client = "{}:{}".format(*connection.socket.getsockname())
        self.assertEqual(answer.status, 200)
        self.assertRegex(answer.headers["traceparent"], f"^00-{TRACE}-(?!00f067aa0ba902b7)[0-9a-f]{{16}}-01$")
        self.assertEqual((answer.headers["x-request-id"], answer.headers["ce-id"]), ("r-1", "c-1"))
        line, = self.lines(path, 1)
        self.assertEqual(list(line), FIELDS)
        info = self.metrics(server)["oarlock_model_info"]
        (_, labels), = info.samples
        wanted = {"trace_id": TRACE, "request_id": "r-1", "ce_id": "c-1", "protocol": "http", "method": "POST",
                  "route": "ModelInfer", "model": "fake", "version": 1, "model_hash": dict(labels)["hash"], "client": client,
                  "bytes_in": len(BODY), "bytes_out": len(answer.body), "code": "OK", "http_status": 200}
        self.assertEqual({name: line[name] for name in wanted}, wanted)
        self.assertRegex(line["hardware_fingerprint"], "^[0-9a-f]{16}$")
        self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        told = time.strptime(line["time"][:19] + " UTC", "%Y-%m-%dT%H:%M:%S %Z")
        self.assertAlmostEqual(calendar.timegm(told), before, delta=60)
        self.assertGreaterEqual(line["compute_us"], 20000)
        self.assertGreaterEqual(line["total_us"], line["queue_us"] + line["compute_us"])

    def test_other_requests_have_lines_too(self):
        server, path = self.logging("--model-name", "m")
        asked = (("GET", "/v2/health/ready", "ServerReady", None, "OK", 200), ("GET", "/v2/models/m", "ModelMetadata", "m", "OK", 200),
                 ("HEAD", "/v2/models/m", "ModelMetadata", "m", "OK", 200),
                 ("GET", "/v2/models/none", "ModelMetadata", "none", "NOT_FOUND", 404),
                 ("GET", "/v2/models/a%22%0A%C3%A4%FF", "ModelMetadata", "a\"?ä\N{REPLACEMENT CHARACTER}", "NOT_FOUND", 404),
                 ("POST", "/v2/models/m/infer", "ModelInfer", "m", "INVALID_ARGUMENT", 400),
                 ("GET", "/v2/models/m/versions/x", "ModelMetadata", None, "INVALID_ARGUMENT", 400),
                 ("DELETE", "/v2/models/m", None, None, "INVALID_ARGUMENT", 405), ("GET", "/none", None, None, "NOT_FOUND", 404),
                 ("OPTIONS", "*", None, None, "OK", 204), ("GET", "/metrics", "Metrics", None, "OK", 200))
        sizes = []
        with server.connect() as connection:
            for method, target, *_ in asked:
                connection.send(request_bytes(method, target))
                sizes.append(len(connection.read_answer(has_body=method != "HEAD").body))
        for line, size, (method, _, route, model, code, status) in zip(self.lines(path, len(asked)), sizes, asked):
            got = [line[name] for name in ("method", "route", "model", "code", "http_status", "bytes_out")]
            self.assertEqual(got, [method, route, model, code, status, size])
            self.assertRegex(line["trace_id"], "^[0-9a-f]{32}$")

    def test_a_body_is_counted_as_it_is_without_compression(self):
        server, path = self.logging()
        compressed = gzip.compress(BODY)
        self.assertEqual(server.ask("POST", "/v2/models/fake/infer", compressed, {"Content-Encoding": "gzip"}).status, 200)
        with server.connect() as connection:
            head = request_bytes("POST", "/v2/models/fake/infer", b"", {"Transfer-Encoding": "chunked"})
            connection.send(head + chunked(BODY, 10))
            self.assertEqual(connection.read_answer().status, 200)
        self.assertEqual([line["bytes_in"] for line in self.lines(path, 2)], [len(BODY), len(BODY)])

    def test_keys_and_data_are_in_no_line(self):
        keys = self.path("keys.yaml", f"infer: [{KEY}]\n")
        keys.chmod(0o600)
        server, path = self.logging("--keys-file", keys)
        secret = {"inputs": [{**REQUEST["inputs"][0], "data": [31415926, 2, 3, 4]}]}
        self.assertEqual(server.infer("fake", secret, headers={"Authorization": f"Bearer {KEY}"}).status, 200)
        self.assertEqual(server.infer("fake", secret, headers={"x-api-key": KEY + "x"}).status, 403)
        self.assertEqual(server.infer("fake", secret).status, 401)
        self.assertEqual(server.ask("GET", f"/v2/models/fake?x-api-key={KEY}").status, 401)
        self.assertEqual([(line["route"], line["model"], line["code"]) for line in self.lines(path, 4)], [
            ("ModelInfer", "fake", "OK"), ("ModelInfer", "fake", "PERMISSION_DENIED"), ("ModelInfer", "fake", "UNAUTHENTICATED"),
            ("ModelMetadata", "fake", "UNAUTHENTICATED")])
        for part in (KEY, "31415926"):
            self.assertNotIn(part, path.read_text(encoding="utf-8"))

    def test_clients_at_once_have_a_line_each(self):
        server, path = self.logging("--http-threads", "2")

        def client(number):
            with server.connect() as connection:
                for step in range(50):
                    connection.send(request_bytes("POST", "/v2/models/fake/infer", BODY, {"x-request-id": f"{number}-{step}"}))
                    connection.read_answer()
        threads = [threading.Thread(target=client, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lines = self.lines(path, 200)
        self.assertEqual({line["request_id"] for line in lines}, {f"{number}-{step}" for number in range(4) for step in range(50)})
        self.assertEqual(len({line["trace_id"] for line in lines}), 200)
        self.assertEqual(self.metrics(server)["oarlock_access_log_records_total"].value(), 200)

    def test_the_end_loses_no_line(self):
        server, path = self.logging()
        for _ in range(20):
            server.infer("fake", REQUEST)
        server.stop()
        self.assertEqual(path.read_bytes().count(b"\n"), 20)


class Refusals(LogTest):
    """Answers of HTTP itself have their lines, too, with what is known of the request by then."""
    WANTED = ("method", "route", "model", "request_id", "bytes_in", "code", "http_status")

    def refuse(self, said, *wanted, trace=None, arguments=(), **options):
        """What a server with those arguments logs of what is said on one connection."""
        server, path = self.logging("--limit", "http_body_bytes_max=1000", "--limit", "http_header_bytes_max=2000", *arguments, **options)
        with server.connect() as connection:
            connection.send(said)
            answer = connection.read_answer()
            client = "{}:{}".format(*connection.socket.getsockname())
            self.assertTrue(connection.is_closed_by_peer())
        line, = self.lines(path, 1)
        self.assertEqual(tuple(line[name] for name in self.WANTED), wanted)
        self.assertEqual((line["http_status"], line["bytes_out"], line["client"], line["protocol"]),
                         (answer.status, len(answer.body), client, "http"))
        self.assertEqual(list(line), FIELDS)
        self.assertIn(f"00-{line['trace_id']}-", answer.headers["traceparent"])
        if trace is not None:
            self.assertEqual(line["trace_id"], trace)
        answers = self.metrics(server)["oarlock_http_requests_total"]
        self.assertEqual(answers.sum(code=str(answer.status)), 1)
        server.stop()
        self.assertEqual(path.read_bytes().count(b"\n"), 2, "one for it, and one for /metrics")
        path.unlink()

    def post(self, headers, body=b""):
        return request_bytes("POST", "/v2/models/fake/infer", body, {"x-request-id": "r", "traceparent": PARENT, **headers})

    def test_of_a_head(self):
        self.refuse(b"GET /v2 HTTP/1.1\r\nno colon\r\n\r\n", "GET", "ServerMetadata", None, None, 0, "INVALID_ARGUMENT", 400)
        self.refuse(b"no http\r\n\r\n", None, None, None, None, 0, "INVALID_ARGUMENT", 400)
        self.refuse(self.post({"x": "y" * 3000}), "POST", "ModelInfer", "fake", "r", 0, "INVALID_ARGUMENT", 431, trace=TRACE)
        self.refuse(self.post({})[:-2], "POST", "ModelInfer", "fake", "r", 0, "INVALID_ARGUMENT", 408, trace=TRACE,
                    arguments=("--limit", "http_header_timeout_ms=50"))

    def test_of_a_body(self):
        wanted = ["POST", "ModelInfer", "fake", "r", 0]
        self.refuse(self.post({"Content-Length": 1001}), *wanted, "INVALID_ARGUMENT", 413, trace=TRACE)
        self.refuse(self.post({"Transfer-Encoding": "chunked"}) + b"3e9\r\n", *wanted, "INVALID_ARGUMENT", 413, trace=TRACE)
        self.refuse(self.post({"Transfer-Encoding": "chunked"}) + b"zz\r\n", *wanted, "INVALID_ARGUMENT", 400, trace=TRACE)
        self.refuse(self.post({"Content-Encoding": "gzip", "Connection": "close"}, gzip.compress(bytes(1001))), *wanted, "INVALID_ARGUMENT", 413)
        self.refuse(self.post({"Content-Encoding": "br"}, b"x"), *wanted, "INVALID_ARGUMENT", 415)
        self.refuse(self.post({"Expect": "nothing"}, b"x"), *wanted, "INVALID_ARGUMENT", 417)
        late = ("--limit", "http_body_timeout_ms=50")
        self.refuse(self.post({"Content-Length": 9}) + b"x", *wanted, "INVALID_ARGUMENT", 408, trace=TRACE, arguments=late)
        self.refuse(self.post({"Transfer-Encoding": "chunked"}) + b"5\r\nx", *wanted, "INVALID_ARGUMENT", 408, trace=TRACE, arguments=late)

    def test_of_a_key(self):
        keys = self.path("keys.yaml", f"infer: [{KEY}]\nread: [{KEY}]\n")
        keys.chmod(0o600)
        server, path = self.logging("--keys-file", keys)
        with server.connect() as connection:
            connection.send(self.post({"Content-Length": 5}))
            self.assertEqual(connection.read_answer().status, 401)
        line, = self.lines(path, 1)
        self.assertEqual(tuple(line[name] for name in self.WANTED), ("POST", "ModelInfer", "fake", "r", 0, "UNAUTHENTICATED", 401))

    def test_of_a_connection_that_is_turned_away(self):
        server, path = self.logging("--limit", "http_connections_max=1", "--limit", "http_idle_timeout_ms=600000")
        with server.connect() as first:
            first.send(request_bytes("GET", "/v2/health/live"))
            self.assertEqual(first.read_answer().status, 200)
            with server.connect() as second:
                self.assertEqual(second.read_answer().status, 503)
                client = "{}:{}".format(*second.socket.getsockname())
        line = self.lines(path, 2)[1]
        self.assertEqual(tuple(line[name] for name in self.WANTED), (None, None, None, None, 0, "UNAVAILABLE", 503))
        self.assertEqual(line["client"], client)

    def test_what_is_left_without_an_answer_has_none(self):
        server, path = self.logging()
        for said in (b"", b"GET /v2", self.post({"Content-Length": 9})):
            with server.connect() as connection:
                connection.send(said)
        self.assertEqual(server.infer("fake", REQUEST).status, 200)
        line, = self.lines(path, 1)
        self.assertEqual(line["http_status"], 200)


class Traces(LogTest):
    def test_a_trace_is_answered_without_a_log_too(self):
        server = self.serve(self.fake(ADD))
        for method, target, body in (("POST", "/v2/models/fake/infer", BODY), ("GET", "/v2", b""), ("GET", "/none", b"")):
            answer = server.ask(method, target, body, {"traceparent": PARENT})
            self.assertRegex(answer.headers["traceparent"], f"^00-{TRACE}-[0-9a-f]{{16}}-01$")
            self.assertNotIn("traceparent", server.ask(method, target, body).headers)

    def test_what_is_no_traceparent_is_replaced(self):
        server, path = self.logging()
        wrong = (PARENT.replace("00-4", "01-4"), PARENT.upper(), PARENT + "-x", PARENT[:-1], "00-" + "0" * 32 + PARENT[35:],
                 PARENT[:36] + "0" * 16 + "-01", "", "x" * 5000, "\xff" * 55)
        for text in wrong:
            answer = server.ask("GET", "/v2", headers={"traceparent": text})
            self.assertEqual(answer.status, 200)
            self.assertRegex(answer.headers["traceparent"], "^00-[0-9a-f]{32}-[0-9a-f]{16}-00$")
            self.assertNotIn(TRACE, answer.headers["traceparent"])
        with server.connect() as connection:
            connection.send(f"GET /v2 HTTP/1.1\r\nHost: t\r\ntraceparent: {PARENT}\r\ntraceparent: {PARENT}\r\n\r\n".encode())
            self.assertNotIn(TRACE, connection.read_answer().headers["traceparent"])
        self.assertEqual(len({line["trace_id"] for line in self.lines(path, len(wrong) + 1)} - {TRACE}), len(wrong) + 1)

    def test_names_of_a_request_come_back_if_they_can_be_printed(self):
        server, path = self.logging()
        for text, kept in (("a b~", True), ("n" * 512, True), ("n" * 513, False), ("\xe4", False), ("a\tb", False)):
            answer = server.ask("GET", "/v2", headers={"x-request-id": text, "Ce-Id": text})
            self.assertEqual((answer.headers.get("x-request-id"), answer.headers.get("ce-id")), (text, text) if kept else (None, None))
        lines = self.lines(path, 5)
        self.assertEqual([line["request_id"] for line in lines], ["a b~", "n" * 512, None, None, None])
        self.assertEqual([line["ce_id"] for line in lines], ["a b~", "n" * 512, None, None, None])

    def test_a_refusal_names_its_request(self):
        server = self.serve(self.fake(ADD))
        answer = server.ask("POST", "/v2/models/fake/infer", b"x", {"Ce-Id": "c-9", "x-request-id": "r-9", "Content-Encoding": "br"})
        self.assertEqual((answer.status, answer.headers["ce-id"], answer.headers["x-request-id"]), (415, "c-9", "r-9"))


class Files(LogTest):
    def test_the_file_is_its_owners_alone(self):
        _, path = self.logging()
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)

    def test_a_moved_file_is_left_on_sighup_without_a_lost_line(self):
        server, path = self.logging("--http-threads", "2")
        over, asked = threading.Event(), [0] * 3

        def client(number):
            with server.connect() as connection:
                while not over.is_set():
                    name = f"{number}-{asked[number]}"
                    connection.send(request_bytes("GET", "/v2/health/live", headers={"x-request-id": name}))
                    connection.read_answer()
                    asked[number] += 1
        threads = [threading.Thread(target=client, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        try:
            for turn in range(5):
                self.until(lambda: path.stat().st_size > 0, "nothing is logged")
                os.rename(path, f"{path}.{turn}")
                server.process.send_signal(signal.SIGHUP)
                self.until(path.exists, "the log was not opened anew")
        finally:
            over.set()
            for thread in threads:
                thread.join()
        server.stop()
        names = []
        for name in sorted(path.parent.glob("access.jsonl*")):
            names += [json.loads(line)["request_id"] for line in name.read_text(encoding="utf-8").splitlines()]
        self.assertEqual(sorted(names), sorted(f"{number}-{step}" for number in range(3) for step in range(asked[number])))

    def test_a_full_disk_is_counted_and_harms_nobody(self):
        server = self.serve(self.fake(ADD), "--access-log", "/dev/full")
        for _ in range(5):
            self.assertEqual(server.infer("fake", REQUEST).status, 200)
        self.until(lambda: self.metrics(server)["oarlock_access_log_dropped_total"].value() >= 5, "nothing is counted")
        self.assertEqual(self.metrics(server)["oarlock_access_log_records_total"].value(), 0)
        self.assertEqual(server.error_text().count("the access log '/dev/full' loses records"), 1)

    def test_a_reader_that_sleeps_or_goes_costs_records_only(self):
        pipe = self.directory / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        server = self.serve(self.fake(ADD), "--access-log", pipe, "--limit", "access_log_records_max=16")
        with server.connect() as connection:
            for _ in range(400):  # more than the pipe and the room hold
                connection.send(request_bytes("GET", "/v2/health/live"))
                self.assertEqual(connection.read_answer().status, 200)
        self.until(lambda: self.metrics(server)["oarlock_access_log_dropped_total"].value() > 0, "nothing was dropped")
        text, told = b"", []

        def read():
            nonlocal text, told
            try:
                text += os.read(reader, 1 << 20)
            except BlockingIOError:
                pass
            told = [json.loads(line)["dropped"] for line in text.split(b"\n")[:-1] if b'"dropped"' in line]
            return bool(told)
        self.until(read, "the log does not tell of what it lacks")
        self.assertGreater(sum(told), 0)
        os.close(reader)
        before = self.metrics(server)["oarlock_access_log_dropped_total"].value()
        self.until(lambda: self.metrics(server)["oarlock_access_log_dropped_total"].value() > before, "nothing was counted")
        self.assertEqual(server.infer("fake", REQUEST).status, 200)

    def test_standard_output(self):
        server = self.serve(self.fake(ADD), "--access-log", "-")
        server.infer("fake", REQUEST, headers={"x-request-id": "here"})
        self.assertEqual(server._read_line()["request_id"], "here")

    def test_what_cannot_be_opened_is_no_start(self):
        self.assert_fails(run("serve", self.fake(ADD), "--http", "127.0.0.1:0", "--access-log", self.directory),
                          f"cannot append to '{self.directory}'")
        self.assert_fails(run("serve", self.fake(ADD), "--http", "127.0.0.1:0", "--access-log", ""), "--access-log", code=2)

    def test_the_configuration_names_it(self):
        self.fake(ADD)
        config = self.path("models.yaml", "schema: 1\naccess_log: log.jsonl\nmodels: [{path: fake}]\n")
        server = self.serve(config)
        server.infer("fake", REQUEST)
        self.lines(self.directory / "log.jsonl", 1)
        self.assertIn(f'\naccess_log: "{self.directory}/log.jsonl"\n', run("serve", config, "--print-config").out)
        shown = run("serve", self.fake(ADD), "--access-log", "-", "--print-config")
        self.assertIn('\naccess_log: "-"\n', shown.out)


if __name__ == "__main__":
    unittest.main()

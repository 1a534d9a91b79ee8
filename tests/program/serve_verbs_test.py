"""HTTP itself: verbs, targets, Host, Expect, versions, and the framing of bodies, which must leave no doubt."""
import json
import unittest

from program import request_bytes
from serve_refusals_test import GOOD, INFER, RefusalTest

GET, POST = "GET, HEAD, OPTIONS", "POST, OPTIONS"
BODY = json.dumps({"inputs": [GOOD]}).encode()
SMUGGLED = b"GET /v2/models/smuggled HTTP/1.1\r\nHost: h\r\n\r\n"


class HttpTest(RefusalTest):
    def say(self, data, status, *parts, closes=True):
        """Says it, hears the refusal, and that a request hidden behind it is not answered."""
        with self.subTest(data[:100]), self.server.connect() as connection:
            connection.send(data)
            answer = connection.read_answer()
            self.assert_error(answer, status, *parts)
            if closes:
                self.assertEqual(answer.headers["connection"], "close")
                self.assertIsNone(connection.read_answer(), "another request was seen behind the refused one")
            return answer


class Verbs(HttpTest):
    def test_head_is_get_without_the_body(self):
        for path in ("/v2", "/v2/health/live", "/v2/health/ready", "/v2/models", "/v2/models/add", "/v2/models/add/ready",
                     "/v2/models/none", "/none", "/v2/models/add/config", INFER):
            with self.server.connect() as connection:
                connection.send(request_bytes("HEAD", path) + request_bytes("GET", path))
                head, get = connection.read_answer(has_body=False), connection.read_answer()
                self.assertEqual(head.status, get.status, path)
                if path != INFER:  # its message names the verb
                    self.assertEqual(head.headers, get.headers)
                    self.assertEqual(int(head.headers["content-length"]), len(get.body))

    def test_options(self):
        for path, allow in (("/v2", GET), ("/v2/models/add", GET), (INFER, POST), ("/v2/models/none/infer", POST),
                            ("/v2/logging", "GET, HEAD, POST, OPTIONS"), ("*", "GET, HEAD, POST, OPTIONS")):
            with self.server.connect() as connection:
                connection.send(request_bytes("OPTIONS", path) + request_bytes("GET", "/v2/health/live"))
                answer = connection.read_answer()
                self.assertEqual((answer.status, answer.headers), (204, {"allow": allow}), path)
                self.assertEqual(connection.read_answer().json(), {"live": True})
        self.assert_error(self.server.ask("OPTIONS", "/none"), 404, "no such path: '/none'")

    def test_other_verbs(self):
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "BREW", "get", "x" * 100):
            for path, allow in (("/v2/models/add", GET), (INFER, POST)):
                answer = self.server.ask(method, path)
                self.assert_error(answer, 405, f"'{path}' takes {allow}, not {method}")
                self.assertEqual(answer.headers["allow"], allow)
            self.assert_error(self.server.ask(method, "/none"), 404)
        self.assert_error(self.server.ask("GET", "*"), 404)
        answer = self.server.ask("CONNECT", "example.org:443")
        self.assert_error(answer, 405)
        self.assertEqual(answer.headers["allow"], "GET, HEAD, POST, OPTIONS")

    def test_trace_gives_nothing_back(self):
        answer = self.server.ask("TRACE", "/v2", headers={"Cookie": "secret"})
        self.assertNotIn("secret", str(answer))

    def test_body_of_any_verb_is_read_over(self):
        for method in ("GET", "DELETE", "OPTIONS", "TRACE"):
            with self.server.connect() as connection:
                connection.send(request_bytes(method, "/v2", SMUGGLED, {"Content-Length": len(SMUGGLED)}))
                self.assertIn(connection.read_answer().status, (200, 204, 405))
                connection.send(request_bytes("GET", "/v2/health/live"))
                self.assertEqual(connection.read_answer().json(), {"live": True})


class Heads(HttpTest):
    def test_absolute_targets(self):
        for target, status in (("http://example.org/v2/health/live", 200), ("HTTP://h:80/v2?x", 200), ("http://[::1]/v2/models", 200),
                               ("http://h", 404), ("http://h/none", 404), ("https://h/v2", 404), ("ftp://h/v2", 404), ("v2", 404),
                               ("http:///v2", 400), ("http://user@h/v2", 400)):
            self.assertEqual(self.server.ask("GET", target).status, status, target)
        self.assertEqual(self.server.ask("POST", "http://h" + INFER, BODY).json()["outputs"][0]["data"], [2, 3, 4, 5])

    def test_host(self):
        self.say(b"GET /v2 HTTP/1.1\r\n\r\n" + SMUGGLED, 400, "Host is given 0 times; a request of HTTP/1.1 has one")
        self.say(b"GET /v2 HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n" + SMUGGLED, 400, "Host is given 2 times")
        self.say(b"GET http://a/v2 HTTP/1.1\r\n\r\n", 400, "Host is given 0 times")
        for host in (b"a b", b"a/b", b"a,b", b"u@a", b"a#b"):
            self.say(b"GET /v2 HTTP/1.1\r\nHost: %s\r\n\r\n" % host, 400, f"Host is '{host.decode()}'")
        for host in (b"", b"h", b"h:1", b"[::1]:8080", b"127.0.0.1", b"a_b.example"):
            with self.server.connect() as connection:
                connection.send(b"GET /v2/health/live HTTP/1.1\r\nHost: %s\r\n\r\n" % host)
                self.assertEqual(connection.read_answer().status, 200, host)

    def test_expect(self):
        for value in ("100-continue, x", "200-ok", "", "100"):
            self.say(request_bytes("POST", INFER, BODY, {"Expect": value}), 417, f"Expect is '{value}'; only 100-continue")
        with self.server.connect() as connection:  # 100 comes only if a body is to come
            connection.send(request_bytes("GET", "/v2/health/live", headers={"Expect": "100-Continue"}))
            self.assertEqual(connection.read_answer().status, 200)
        with self.server.connect() as connection:  # the refusal instead of it
            connection.send(request_bytes("POST", INFER, b"", {"Expect": "100-continue", "Content-Length": 5,
                                                               "Content-Encoding": "br"}))
            self.assertEqual(connection.read_answer().status, 415)
        with self.server.connect() as connection:  # HTTP/1.0 knows no 100
            connection.send(b"POST %s HTTP/1.0\r\nExpect: x\r\nContent-Length: %d\r\n\r\n" % (INFER.encode(), len(BODY)) + BODY)
            self.assertEqual(connection.read_answer().status, 200)

    def test_keep_alive(self):
        for version, wish, stays in ((b"1.1", b"", True), (b"1.1", b"close", False), (b"1.1", b"keep-alive, close", False),
                                     (b"1.0", b"", False), (b"1.0", b"keep-alive", True), (b"1.0", b"close", False)):
            asked = b"GET /v2/health/live HTTP/%s\r\nHost: h\r\n%s\r\n" % (version, b"Connection: %s\r\n" % wish if wish else b"")
            with self.subTest(asked), self.server.connect() as connection:
                connection.send(asked + asked)
                self.assertEqual(connection.read_answer().json(), {"live": True})
                self.assertEqual(connection.read_answer() is not None, stays)

    def test_malformed(self):
        for line in (b"GET  /v2 HTTP/1.1", b"GET /v2", b"GET /v2 HTTP/1.1 ", b"GET /v2 HTTP/2.0", b"GET /v2 HTTP/1.2",
                     b"GET /v2 http/1.1", b"GET /v\x002 HTTP/1.1", b"G\x00T /v2 HTTP/1.1", b"/v2 HTTP/1.1", b"GET\t/v2 HTTP/1.1"):
            self.say(line + b"\r\nHost: h\r\n\r\n" + SMUGGLED, 400, "not an HTTP/1.1 request")
        for field in (b"A b: c", b"A : c", b": c", b"A", b"A: b\0c", b"A\0: b", b"A: b\nB: c", b"A: b\rB: c", b"A: b\x7f",
                      b"A(: c", b"\xe4: c"):
            self.say(b"GET /v2 HTTP/1.1\r\nHost: h\r\n%s\r\n\r\n" % field + SMUGGLED, 400, "not an HTTP/1.1 request")
        for field in (b"Folded: a\r\n b", b"Folded: a\r\n\tb", b"Folded:\r\n b", b"Folded: a\r\n "):
            self.say(b"GET /v2 HTTP/1.1\r\nHost: h\r\n%s\r\n\r\n" % field + SMUGGLED, 400, "'Folded' goes on in a second line")
        self.say(b"GET /v2 HTTP/1.1\nHost: h\n\n" + 4 * SMUGGLED, 400, "not an HTTP/1.1 request")


class Framing(HttpTest):
    def post(self, headers, *refusal, body=BODY, version=b"1.1"):
        self.say(b"POST %s HTTP/%s\r\nHost: h\r\n%s\r\n" % (INFER.encode(), version, headers) + body + SMUGGLED, *refusal)

    def test_lengths(self):
        size = b"Content-Length: %d\r\n" % len(BODY)
        self.post(size + size, 400, "Content-Length is given twice")
        self.post(b"Content-Length: %d, %d\r\n" % (len(BODY), len(BODY)), 400, "Content-Length is given twice")
        for value in (b"1\r\nContent-Length: 2", b"-1", b"+5", b"0x10", b"5 5", b"", b"5,", b"five", b"1e3", b"18446744073709551616"):
            self.post(b"Content-Length: " + value + b"\r\n", 400, "not an HTTP/1.1 request")
        for value in (2_000_001, 2**63, 2**64 - 1):
            self.post(b"Content-Length: %d\r\n" % value, 413, f"{value} bytes; the limit is 2000000")

    def test_length_and_transfer_encoding(self):
        size, chunks = b"Content-Length: %d\r\n" % len(BODY), b"Transfer-Encoding: chunked\r\n"
        for headers in (size + chunks, chunks + size):
            self.post(headers, 400)
        self.post(size + b"Transfer-Encoding: identity\r\n", 400)
        self.post(b"Transfer-Encoding: identity\r\n" + size, 400, "exclude each other")
        self.post(chunks, 400, "HTTP/1.0 has no Transfer-Encoding", body=b"0\r\n\r\n", version=b"1.0")

    def test_transfer_encodings_that_are_not_read(self):
        for value in (b"identity", b"gzip", b"xchunked", b"chunked, identity", b"gzip, chunked", b"", b"chunked;q=1", b"\"chunked\"",
                      b"gzip\r\nTransfer-Encoding: chunked"):
            self.post(b"Transfer-Encoding: %s\r\n" % value, 501, "only chunked is read", body=b"0\r\n\r\n")
        self.post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400, body=b"0\r\n\r\n")

    def test_chunks(self):
        whole = b"%x\r\n%s\r\n" % (len(BODY), BODY)
        for chunks in (whole + b"0\r\n\r\n", whole + b"0;last\r\nTrailer: x\r\nHost: y\r\nContent-Encoding: br\r\n\r\n",
                       b"00%X ; a ; b=c; d=\"e;\\\"f\"\r\n%s\r\n000\r\n\r\n" % (len(BODY), BODY)):
            with self.subTest(chunks), self.server.connect() as connection:
                head = request_bytes("POST", INFER, b"", {"Transfer-Encoding": "chunked"})
                connection.send(head + chunks + request_bytes("GET", "/v2/health/live"))
                self.assertEqual(connection.read_answer().json()["outputs"][0]["data"], [2, 3, 4, 5])
                self.assertEqual(connection.read_answer().json(), {"live": True})

    def test_malformed_chunks(self):
        for chunk in (b"-1\r\n", b"+5\r\n12345", b" 5\r\n12345", b"0x5\r\n12345", b"x\r\n", b"\r\n", b"5\n12345", b"5 5\r\n12345",
                      b"10000000000000000\r\n", b"2\r\nabc", b"3;\r\nabc", b"3;a=\r\nabc", b"3\rabc", b"3;a=b\nabc"):
            self.post(b"Transfer-Encoding: chunked\r\n", 400, "the chunked body is malformed", body=chunk + b"\r\n0\r\n\r\n")
        for trailer in (b"Content-Length: 1", b"Transfer-Encoding: chunked", b"A b: c", b"A", b"A: b\0"):
            self.post(b"Transfer-Encoding: chunked\r\n", 400, "the chunked body is malformed", body=b"0\r\n%s\r\n\r\n" % trailer)
        for size in (b"ffffffffffffffff", b"7fffffffffffffff", b"1e8481"):
            self.post(b"Transfer-Encoding: chunked\r\n", 413, "more than 2000000 bytes", body=size + b"\r\n")


if __name__ == "__main__":
    unittest.main()

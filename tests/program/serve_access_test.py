"""Who may do what: keys, groups, the one filter before all routes, and keys that change while the server serves."""
import json
import os
import re
import signal
import threading
import time
import unittest

from program import SOURCE, WAIT_S, ProgramTest, Server, ServerTest, request_bytes, run, write_fake

ADD = "input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\n"
REQUEST = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}]}
KEYS = {group: f"{group}-key-0123456789" for group in ("infer", "read", "control")}
ALL = "every-group-0123456789"
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "post")

# Every operation of the protocol and its group. What is in none of these lists is answered with an error or with what
# there is, and is for those who may read.
OPEN = {("GET", "v2/health/live"), ("GET", "v2/health/ready")}
INFER = {("POST", f"v2/models/{{model}}/{what}") for what in ("infer", "generate", "generate_stream")}
READ = {("GET", path) for path in (
    "metrics", "v2", "v2/models", "v2/models/stats", "v2/models/{model}", "v2/models/{model}/ready", "v2/models/{model}/config",
    "v2/models/{model}/stats", "v2/models/{name}/route", "v2/models/{name}/trace/setting", "v2/trace/setting", "v2/logging",
    "v2/systemsharedmemory/status", "v2/systemsharedmemory/region/{name}/status", "v2/cudasharedmemory/status",
    "v2/cudasharedmemory/region/{name}/status")} | {
        ("POST", "v2/repository/index"), ("POST", "v2/repository/{name}/index")}
CONTROL = {("POST", path) for path in (
    "v2/models/{name}/route", "v2/models/{name}/trace/setting", "v2/trace/setting", "v2/logging",
    "v2/repository/models/{name}/load", "v2/repository/models/{name}/unload",
    "v2/systemsharedmemory/region/{name}/register", "v2/systemsharedmemory/region/{name}/unregister",
    "v2/systemsharedmemory/unregister", "v2/cudasharedmemory/region/{name}/register",
    "v2/cudasharedmemory/region/{name}/unregister", "v2/cudasharedmemory/unregister")}


def keys_text(**groups):
    return "".join(f"{group}: [{', '.join(keys)}]\n" for group, keys in groups.items())


def rows_of_the_router():
    """[(verb, pattern)] as src/server/http/route.cc has them."""
    text = (SOURCE / "src/server/http/route.cc").read_text(encoding="utf-8")
    rows = re.findall(r'\{((?:k\w+)(?: \| k\w+)*), "([^"]+)", RouteKind::\w+', text)
    return [(verb[1:].upper(), re.sub(r"{(repository|region)}", "{name}", pattern)) for verbs, pattern in rows
            for verb in verbs.split(" | ")]


def group_of(verb, pattern):
    verb = "GET" if verb == "HEAD" else verb
    for group, operations in (("open", OPEN), ("infer", INFER), ("control", CONTROL)):
        if (verb, pattern) in operations:
            return group
    return "read"


class AccessTest(ServerTest):
    @classmethod
    def start(cls, directory):
        write_fake(directory, "m", ADD)
        keys = directory / "keys.yaml"
        keys.write_text(keys_text(**{group: [key, ALL] for group, key in KEYS.items()}), encoding="utf-8")
        keys.chmod(0o600)
        return Server(directory, "--keys-file", keys)

    def refused(self, answer, status, *parts):
        if answer.body:  # HEAD
            self.assert_error(answer, status, *parts)
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers.get("www-authenticate"), "Bearer" if status == 401 else None, answer)


class Matrix(AccessTest):
    def test_every_route_of_the_router_has_a_group(self):
        rows = rows_of_the_router()
        self.assertGreater(len(rows), 30)
        for operation in rows:
            groups = [name for name, operations in (("open", OPEN), ("infer", INFER), ("read", READ), ("control", CONTROL))
                      if operation in operations]
            self.assertEqual(len(groups), 1, f"{operation} is new: say here, and in access_group.cc, who may do it")

    def test_every_route_with_every_verb_and_key(self):
        tried = 0
        patterns = {pattern for _, pattern in rows_of_the_router()} | {pattern for _, pattern in CONTROL}
        for pattern in sorted(patterns) + ["none", "v2/models/{model}/none", "v2/", ""]:
            versions = ("x", "m", "m/versions/1") if "{model}" in pattern else ("x",)
            for verb in VERBS:
                group = group_of(verb, pattern)
                for model in versions:
                    target = "/" + pattern.replace("{model}", model).replace("{name}", "x")
                    with self.subTest(f"{verb} {target} of {group}"), self.server.connect() as connection:
                        def ask(key):
                            headers = {} if key is None else {"x-api-key": key}
                            connection.send(request_bytes(verb, target, b"", headers))
                            return connection.read_answer(has_body=verb != "HEAD")
                        for key in (None, "unknown-0123456789", *KEYS.values(), ALL):
                            answer = ask(key)
                            tried += 1
                            if group == "open" or key in (KEYS.get(group), ALL):
                                self.assertNotIn(answer.status, (401, 403), answer)
                            else:
                                self.refused(answer, 401 if key is None else 403)
        self.assertGreater(tried, 2000)

    def test_an_answer_without_the_right_key_is_the_same_whatever_there_is(self):
        for key, status in ((None, 401), ("unknown-0123456789", 403), (KEYS["read"], 403)):
            headers = {} if key is None else {"Authorization": f"Bearer {key}"}
            answers = {self.server.ask("POST", f"/v2/models/{path}/infer", body, headers).body
                       for path in ("m", "none", "m/versions/7", "m/versions/x", "%zz")
                       for body in (b"", b"{", json.dumps(REQUEST).encode())}
            self.assertEqual(len(answers), 1, answers)
            self.refused(self.server.ask("POST", "/v2/models/m/infer", b"{", headers), status)


class Headers(AccessTest):
    def infer(self, *lines, target="/v2/models/m/infer", verb="POST"):
        body = json.dumps(REQUEST).encode()
        head = "\r\n".join([f"{verb} {target} HTTP/1.1", "Host: test", f"Content-Length: {len(body)}", *lines])
        with self.server.connect() as connection:
            connection.send(head.encode("latin-1") + b"\r\n\r\n" + body)
            return connection.read_answer()

    def test_either_header_carries_the_key(self):
        key = KEYS["infer"]
        for lines in ((f"Authorization: Bearer {key}",), (f"authorization:bearer {key}",), (f"x-api-key: {key}",),
                      (f"X-API-Key:{key}  ",), (f"x-api-key: {key}", f"Authorization: Bearer {key}"),
                      (f"x-api-key: {key}", "Authorization: Basic dXNlcjpwYXNz")):
            answer = self.infer(*lines)
            self.assertEqual((answer.status, answer.json()["outputs"][0]["data"]), (200, [2, 3, 4, 5]), lines)

    def test_two_keys_are_refused(self):
        key, other = KEYS["infer"], KEYS["read"]
        for lines in ((f"Authorization: Bearer {key}", f"Authorization: Bearer {key}"),
                      (f"Authorization: Bearer {other}", f"Authorization: Bearer {key}"),
                      (f"Authorization: Bearer {key}", "Authorization: Basic x"),
                      (f"x-api-key: {other}", f"x-api-key: {key}"), (f"x-api-key: {key}", f"x-api-key: {key}"),
                      (f"Authorization: Bearer {other}", f"x-api-key: {key}"),
                      (f"x-api-key: {other}", f"Authorization: Bearer {key}"), (f"x-api-key: {other}, {key}",),
                      (f"Authorization: Bearer {other}, {key}",)):
            self.refused(self.infer(*lines), 400)

    def test_other_places_carry_none(self):
        key = KEYS["infer"]
        for lines in ((f"Authorization: {key}",), (f"Authorization: Basic {key}",), (f"Proxy-Authorization: Bearer {key}",),
                      (f"Authorization: Basic x, Bearer {key}",), ("Authorization: Basic x", f"Authorization: Bearer {key}"),
                      (f"x-api-keys: {key}",), (f"x_api_key: {key}",), (f"Cookie: x-api-key={key}",)):
            self.refused(self.infer(*lines), 401)
        self.refused(self.infer(target=f"/v2/models/m/infer?x-api-key={key}"), 401)
        chunked = "Transfer-Encoding: chunked"
        with self.server.connect() as connection:
            connection.send(f"POST /v2/models/m/infer HTTP/1.1\r\nHost: t\r\n{chunked}\r\n\r\n0\r\nx-api-key: {key}\r\n\r\n".encode())
            self.refused(connection.read_answer(), 401)

    def test_a_key_counts_for_its_own_request_only(self):
        with self.server.connect() as connection:
            connection.send(request_bytes("GET", "/v2", headers={"x-api-key": KEYS["read"]}) + request_bytes("GET", "/v2"))
            self.assertEqual(connection.read_answer().status, 200)
            self.refused(connection.read_answer(), 401)

    def test_spellings_of_a_path_do_not_slip_past(self):
        """None of them is the operation; with no key, and with that of another group, they say nothing of it."""
        for target in ("/v2/models/m/%69nfer", "//v2/models/m/infer", "/v2//models/m/infer", "/v2/models/m//infer", "/v2/models/m/infer/",
                       "/v2/../v2/models/m/infer", "/v2/./models/m/infer", "/v2/health/../models/m/infer", "/v2/models/m/infer#",
                       "/v2/models/m/infer/../../../health/live", "/%762/models/m/infer", "/v2/health/live/../../models/m/infer",
                       "/v2%2fmodels%2fm%2finfer", "/v2\\models\\m\\infer", "/v2/models/m/infer;/v2/health/live", "/V2/Models/m/Infer"):
            with self.subTest(target):
                self.refused(self.infer(target=target), 401)
                self.refused(self.infer(f"x-api-key: {KEYS['infer']}", target=target), 403)
                self.assertEqual(self.infer(f"x-api-key: {KEYS['read']}", target=target).status, 404)
        # These are the operation, spelled otherwise.
        for target in ("http://test/v2/models/m/infer", "/v2/models/%6d/infer", "/v2/models/m/infer?/v2/health/live",
                       "HTTP://x:1/v2/models/m/infer?"):
            with self.subTest(target):
                self.refused(self.infer(target=target), 401)
                self.refused(self.infer(f"x-api-key: {KEYS['read']}", target=target), 403)
                self.assertEqual(self.infer(f"x-api-key: {KEYS['infer']}", target=target).status, 200)

    def test_nothing_of_a_body_is_wanted_from_who_may_not_send_one(self):
        for length in ({"Content-Length": 67_108_864}, {"Transfer-Encoding": "chunked"}):
            for expect in ({}, {"Expect": "100-continue"}):
                for key, status in (({}, 401), ({"x-api-key": KEYS["read"]}, 403), ({"x-api-key": "a b"}, 400)):
                    with self.subTest((length, expect, status)), self.server.connect() as connection:
                        connection.send(request_bytes("POST", "/v2/models/m/infer", b"", {**length, **expect, **key}))
                        answer = connection.read_answer()
                        self.refused(answer, status)
                        self.assertEqual(answer.headers["connection"], "close")
                        self.assertIsNone(connection.read_answer())
        with self.server.connect() as connection:
            body = json.dumps(REQUEST).encode()
            headers = {"Content-Length": len(body), "Expect": "100-continue", "x-api-key": KEYS["infer"]}
            connection.send(request_bytes("POST", "/v2/models/m/infer", b"", headers))
            self.assertEqual(connection.file.readline() + connection.file.readline(), b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.send(body)
            self.assertEqual(connection.read_answer().status, 200)

    def test_what_follows_a_refused_body_is_no_request(self):
        with self.server.connect() as connection:
            smuggled = request_bytes("GET", "/v2/health/live")
            connection.send(request_bytes("POST", "/v2/models/m/infer", smuggled))
            self.refused(connection.read_answer(), 401)
            self.assertIsNone(connection.read_answer())

    def test_no_key_stands_in_any_text(self):
        answer = self.infer(f"x-api-key: {KEYS['read']}")
        for text in (answer.body.decode(), self.server.error_text()):
            for key in (*KEYS.values(), ALL):
                self.assertNotIn(key, text)


class Files(ProgramTest):
    def serve_refuses(self, text, *parts):
        path = self.path("keys.yaml", text)
        self.assert_fails(run("serve", self.fake(ADD), "--keys-file", path, "--http", "127.0.0.1:0"), *parts)

    def test_a_broken_file_is_no_start(self):
        path = self.directory / "keys.yaml"
        self.serve_refuses("infer: [short]\n", f"{path}:1:9: a key of 5 bytes; it must have 16 to 512")
        self.serve_refuses("", f"{path}: it holds no key")
        self.serve_refuses("reader: []\n", f"{path}:1:1: unknown word; it must be one of infer, read, control")
        self.assert_fails(run("serve", self.fake(ADD), "--keys-file", self.directory / "none", "--http", "127.0.0.1:0"),
                          f"cannot open '{self.directory / 'none'}'")
        self.assert_fails(run("serve", self.fake(ADD), "--keys-file", "", "--http", "127.0.0.1:0"), "--keys-file", code=2)

    def test_the_configuration_names_it_beside_itself(self):
        self.fake(ADD)
        self.path("keys.yaml", keys_text(read=[ALL])).chmod(0o600)
        config = self.path("models.yaml", "schema: 1\nkeys_file: keys.yaml\nmodels: [{path: fake}]\n")
        server = self.serve(config)
        self.assertEqual(server.ask("GET", "/v2").status, 401)
        self.assertEqual(server.ask("GET", "/v2", headers={"x-api-key": ALL}).status, 200)
        self.assertNotIn("everybody", server.error_text())
        shown = run("serve", config, "--print-config")
        self.assertIn(f'\nkeys_file: "{self.directory}/keys.yaml"\n', shown.out)

    def test_warnings(self):
        keys = self.path("keys.yaml", keys_text(read=[ALL]))
        keys.chmod(0o644)
        server = self.serve(self.fake(ADD), "--keys-file", keys, http="0.0.0.0:0")
        self.assertIn("everybody on this machine may read it", server.error_text())
        self.assertNotIn("without access control", server.error_text())
        server = self.serve(self.fake(ADD), http="0.0.0.0:0")
        self.assertIn("without access control", server.error_text())


class Reload(ProgramTest):
    def until(self, condition, text):
        end = time.monotonic() + WAIT_S
        while not condition():
            self.assertLess(time.monotonic(), end, text)
            time.sleep(0.005)

    def reload(self, server, line):
        """SIGHUP, and the line that tells that it was heard, once more than before."""
        before = server.error_text().count(line)
        server.process.send_signal(signal.SIGHUP)
        self.until(lambda: server.error_text().count(line) > before, f"no line '{line}'")

    def status(self, server, key):
        return server.infer("fake", REQUEST, headers={"x-api-key": key}).status

    def replace(self, path, text):
        new = self.path("new.yaml", text)
        new.chmod(0o600)
        os.replace(new, path)

    def test_keys_change_under_load_without_a_lost_request(self):
        keys = self.directory / "keys.yaml"
        self.replace(keys, keys_text(infer=[ALL, KEYS["infer"]]))
        server = self.serve(self.fake(ADD), "--http-threads", "2", "--keys-file", keys)
        wrong, asked, over = [], [0] * 4, threading.Event()

        def client(number):
            body = json.dumps(REQUEST).encode()
            with server.connect() as connection:
                while not over.is_set():
                    connection.send(request_bytes("POST", "/v2/models/fake/infer", body, {"Authorization": f"Bearer {ALL}"}))
                    answer = connection.read_answer()
                    if answer is None or answer.status != 200:
                        wrong.append(answer)
                        return
                    asked[number] += 1
        threads = [threading.Thread(target=client, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        try:
            for turn in range(10):
                old, new = (KEYS["infer"], KEYS["read"])[::1 if turn % 2 == 0 else -1]
                self.replace(keys, keys_text(infer=[ALL, new]))
                self.reload(server, "the keys were read anew")
                self.assertEqual((self.status(server, new), self.status(server, old)), (200, 403))
                self.replace(keys, keys_text(infer=[old, "short"]))
                self.reload(server, f"the keys stay as they were: {keys}:1:")
                self.assertEqual((self.status(server, new), self.status(server, old)), (200, 403))
        finally:
            over.set()
            for thread in threads:
                thread.join()
        self.assertEqual(wrong, [])
        self.assertGreater(min(asked), 10)

    def test_a_file_that_is_gone_opens_nothing(self):
        keys = self.directory / "keys.yaml"
        self.replace(keys, keys_text(infer=[ALL]))
        server = self.serve(self.fake(ADD), "--keys-file", keys)
        keys.unlink()
        self.reload(server, "the keys stay as they were")
        self.assertEqual(server.infer("fake", REQUEST).status, 401)
        self.assertEqual(self.status(server, ALL), 200)

    def test_a_server_without_keys_goes_on(self):
        server = self.serve(self.fake(ADD))
        for _ in range(3):
            server.process.send_signal(signal.SIGHUP)
        self.assertEqual(server.infer("fake", REQUEST).status, 200)
        server.stop()  # and it still ends by SIGTERM, with 0


if __name__ == "__main__":
    unittest.main()

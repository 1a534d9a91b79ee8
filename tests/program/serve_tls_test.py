"""oarlock serve with TLS: HTTP within it, clients' certificates, and what a configuration must say. gRPC within it is asked
as far as TLS goes: which certificate it shows, and whom it lets in."""
import contextlib
import http.client
import json
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest

from program import WAIT_S, ProgramTest, request_bytes, run

ADD = "input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\n"
REQUEST = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}]}


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=WAIT_S)


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
PING, PONG = (bytes([0, 0, 8, 6, flags, 0, 0, 0, 0]) + b"ping-pon" for flags in (0, 1))


class Authority:
    """Makes certificates below a directory: NAME.crt and NAME.key, signed by ca.crt."""

    def __init__(self, directory):
        self.directory = directory
        directory.mkdir()
        openssl("req", "-x509", *self._new("ca"), "-days", "2", "-out", self.cert("ca"))

    def cert(self, name):
        return self.directory / f"{name}.crt"

    def key(self, name):
        return self.directory / f"{name}.key"

    def _new(self, name):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", self.key(name), "-subj", f"/CN={name}")

    def issue(self, name):
        request, extension = self.directory / f"{name}.csr", self.directory / f"{name}.ext"
        openssl("req", *self._new(name), "-out", request)
        extension.write_text("subjectAltName=IP:127.0.0.1\n", encoding="ascii")
        openssl("x509", "-req", "-in", request, "-CA", self.cert("ca"), "-CAkey", self.key("ca"), "-CAcreateserial", "-days", "2",
                "-extfile", extension, "-out", self.cert(name))

    def client(self, name=None, alpn=None):
        context = ssl.create_default_context(cafile=self.cert("ca"))
        if name is not None:
            context.load_cert_chain(self.cert(name), self.key(name))
        if alpn is not None:
            context.set_alpn_protocols([alpn])
        return context


class Tls(ProgramTest):
    def setUp(self):
        self.authority = Authority(self.directory / "ours")
        self.authority.issue("server")
        self.model = self.fake(ADD, "add")
        self.flags = ["--tls-cert", self.authority.cert("server"), "--tls-key", self.authority.key("server")]

    def secure(self, *flags):
        return self.serve(self.model, *self.flags, "--grpc", "127.0.0.1:0", *flags)

    def ask(self, server, context, body=None):
        host, port = server.address.rsplit(":", 1)
        connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=WAIT_S)
        self.addCleanup(connection.close)
        connection.request("POST", "/v2/models/add/infer", json.dumps(body or REQUEST).encode())
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def connect(self, server, context=None, protocol="http"):
        host, port = server.ready_line[protocol].rsplit(":", 1)
        with contextlib.ExitStack() as stack:
            raw = stack.enter_context(socket.create_connection((host, int(port)), timeout=WAIT_S))
            secure = (context or self.authority.client()).wrap_socket(raw, server_hostname=host)
            stack.pop_all()
        self.addCleanup(secure.close)
        return secure

    def get(self, server, target):
        with self.connect(server) as secure:
            secure.sendall(request_bytes("GET", target, headers={"Connection": "close"}))
            with secure.makefile("rb") as file:
                return json.loads(file.read().split(b"\r\n\r\n", 1)[1])

    def until(self, condition):
        end = time.monotonic() + WAIT_S
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    def greet_grpc(self, server, context):
        """The protocol that was agreed on, and the first bytes that come: HTTP/2's settings."""
        with self.connect(server, context, "grpc") as secure:
            secure.sendall(PREFACE)
            return secure.selected_alpn_protocol(), secure.recv(9)

    def test_answers_within_tls(self):
        server = self.secure()
        status, answer = self.ask(server, self.authority.client())
        self.assertEqual((status, answer["outputs"][0]["data"]), (200, [2, 3, 4, 5]))
        protocol, settings = self.greet_grpc(server, self.authority.client(alpn="h2"))
        self.assertEqual((protocol, settings[3]), ("h2", 4))

    def test_large_bodies_pass_both_ways(self):
        count = 200_000
        body = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [count // 4, 4], "data": [1] * count}]}
        status, answer = self.ask(self.secure(), self.authority.client(), body)
        self.assertEqual((status, answer["outputs"][0]["data"]), (200, [2] * count))

    def test_many_at_once(self):
        server, failed = self.secure("--http-threads", "2"), []

        def call():
            try:
                for _ in range(5):
                    if self.ask(server, self.authority.client())[0] != 200:
                        failed.append("status")
            except Exception as error:  # told to the test's own thread
                failed.append(error)
        threads = [threading.Thread(target=call) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failed, [])

    def test_who_hangs_up_is_not_computed_for(self):
        self.model = self.fake("input x FP32 -1,-1\noutput y FP32 -1,-1\nop add 1\ndelay_us 600000000\n", "add")
        server = self.secure("--executions", "1")
        said = request_bytes("POST", "/v2/models/add/infer", json.dumps(REQUEST).encode())

        def own():
            return self.get(server, "/v2/models/add/stats")["model_stats"][0]["oarlock"]
        with self.connect(server) as first:
            first.sendall(said)
            for with_a_word in (True, False):
                last = self.connect(server)
                last.sendall(said)
                self.until(lambda: own()["waiting"] == 1)
                before = own()["dropped"]["cancelled"]
                if with_a_word:  # close_notify, and then the end
                    with contextlib.suppress(TimeoutError, ssl.SSLError):
                        last.settimeout(0.05)
                        last.unwrap()
                last.close()
                self.until(lambda: own()["dropped"]["cancelled"] == before + 1)

    def test_what_is_not_tls_gets_nothing(self):
        server = self.secure()
        for data in (b"GET /v2 HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01\xff\xff" + bytes(100), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
            with self.subTest(data), server.connect() as connection:
                connection.send(data)
                connection.socket.shutdown(socket.SHUT_WR)
                received = connection.socket.recv(4096)
                # An alert of TLS at most.
                self.assertIn(received[:1], (b"", b"\x15"))
        self.assertEqual(self.ask(server, self.authority.client())[0], 200)

    def test_a_handshake_that_does_not_come_is_ended(self):
        server = self.secure("--limit", "http_header_timeout_ms=50")
        with server.connect() as connection:
            self.assertEqual(connection.socket.recv(1), b"")

    def test_old_versions_are_refused(self):
        context = self.authority.client()
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        with self.assertRaises(ssl.SSLError):
            self.ask(self.secure(), context)

    def test_clients_show_certificates_where_that_is_asked(self):
        self.authority.issue("client")
        strangers = Authority(self.directory / "theirs")
        strangers.issue("client")
        server = self.secure("--tls-client-ca", self.authority.cert("ca"))
        self.assertEqual(self.ask(server, self.authority.client("client"))[0], 200)
        self.assertEqual(self.greet_grpc(server, self.authority.client("client", "h2"))[1][3], 4)
        stranger = self.authority.client()
        stranger.load_cert_chain(strangers.cert("client"), strangers.key("client"))
        for context in (self.authority.client(), stranger):
            with self.assertRaises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
                self.ask(server, context)
            context.set_alpn_protocols(["h2"])
            try:
                self.assertEqual(self.greet_grpc(server, context)[1], b"")
            except (ssl.SSLError, ConnectionError):
                pass

    def reload(self, server, line):
        """SIGHUP, and the line that tells what became of it, once more than before."""
        before = server.error_text().count(line)
        server.process.send_signal(signal.SIGHUP)
        self.until(lambda: server.error_text().count(line) > before)

    def serials(self, server, context=None):
        """The numbers of the certificates that new connections are shown, by HTTP and by gRPC."""
        shown = []
        for protocol in ("http", "grpc"):
            with self.connect(server, context, protocol) as secure:
                shown.append(secure.getpeercert()["serialNumber"])
        return shown

    def assert_pong(self, secure):
        """A connection of HTTP/2 still answers."""
        secure.sendall(PING)
        heard = b""
        while PONG not in heard:
            piece = secure.recv(4096)
            self.assertTrue(piece, "it was closed")
            heard += piece

    def test_new_certificates_are_taken_on_sighup(self):
        server = self.secure()
        old = self.serials(server)
        self.assertEqual(old[0], old[1])
        http, grpc = self.connect(server), self.connect(server, self.authority.client(alpn="h2"), "grpc")
        grpc.sendall(PREFACE)
        self.assert_pong(grpc)
        self.authority.issue("server")
        self.assertEqual(self.serials(server), old, "nobody has asked for the new ones yet")
        self.reload(server, "the certificates were read anew")
        new = self.serials(server)
        self.assertEqual(new[0], new[1])
        self.assertNotEqual(new[0], old[0])
        self.assert_pong(grpc)  # connections go on with what they were made with
        http.sendall(request_bytes("GET", "/v2/health/live"))
        self.assertEqual(http.recv(15), b"HTTP/1.1 200 OK")
        self.assertEqual(self.ask(server, self.authority.client())[0], 200)
        self.reload(server, "the certificates were read anew")
        self.assertEqual(self.serials(server), new, "the same files once more")

    def test_new_certificates_that_do_not_do_change_nothing(self):
        self.authority.issue("other")
        server = self.secure("--tls-client-ca", self.authority.cert("ca"))
        self.authority.issue("client")
        context = self.authority.client("client")
        old = self.serials(server, context)
        cert, key, authority = (path.read_bytes() for path in (self.authority.cert("server"), self.authority.key("server"), self.authority.cert("ca")))
        for name, content, wanted in (("server.crt", b"", "certificate"), ("server.crt", cert[:300], "certificate"), ("server.key", None, "key"),
                                      ("server.key", self.authority.key("other").read_bytes(), "key"), ("ca.crt", b"none", "client CA")):
            path = self.authority.directory / name
            with self.subTest((name, content)):
                path.unlink() if content is None else path.write_bytes(content)
                self.reload(server, f"the certificates stay as they were: {wanted} '{path}'")
                for file, whole in (("server.crt", cert), ("server.key", key), ("ca.crt", authority)):
                    (self.authority.directory / file).write_bytes(whole)
                self.assertEqual(self.serials(server, context), old)
        self.assertNotIn("PRIVATE", server.error_text())
        self.authority.issue("server")
        self.reload(server, "the certificates were read anew")
        self.assertNotIn(old[0], self.serials(server, context))

    def test_who_is_let_in_changes_on_sighup(self):
        self.authority.issue("client")
        strangers = Authority(self.directory / "theirs")
        strangers.issue("client")
        accepted = self.path("accepted.pem", self.authority.cert("ca").read_bytes())
        server = self.secure("--tls-client-ca", accepted)
        theirs = self.authority.client()
        theirs.load_cert_chain(strangers.cert("client"), strangers.key("client"))
        theirs.set_alpn_protocols(["h2"])
        ours = self.authority.client("client", "h2")

        def is_in(context):
            """Whether HTTP and gRPC take it: with TLS 1.3 a refusal comes after the handshake."""
            taken = []
            for protocol, said in (("http", request_bytes("GET", "/v2/health/live")), ("grpc", PREFACE)):
                try:
                    with self.connect(server, context, protocol) as secure:
                        secure.sendall(said)
                        taken.append(secure.recv(9) != b"")
                except (ssl.SSLError, ConnectionError):
                    taken.append(False)
            return taken
        self.assertEqual((is_in(ours), is_in(theirs)), ([True, True], [False, False]))
        accepted.write_bytes(strangers.cert("ca").read_bytes())
        self.reload(server, "the certificates were read anew")
        self.assertEqual((is_in(ours), is_in(theirs)), ([False, False], [True, True]))

    def test_either_address_that_others_reach_is_warned_of(self):
        server = self.secure()
        self.assertNotIn("without access control", server.error_text())
        server = self.serve(self.model, *self.flags, "--grpc", "0.0.0.0:0")
        self.assertIn(f"listening on {server.ready_line['grpc']} without access control", server.error_text())
        self.assertNotIn(f"listening on {server.address} without", server.error_text())
        server = self.serve(self.model, *self.flags, "--grpc", "0.0.0.0:0", "--tls-client-ca", self.authority.cert("ca"))
        self.assertNotIn("without access control", server.error_text())

    def test_one_port_for_both_is_a_mistake_that_says_so(self):
        self.assert_fails(run("serve", self.model, *self.flags), "--grpc ADDR:PORT", "--grpc none")
        self.assert_fails(run("serve", self.model, "--tls-cert", self.authority.cert("server")), "only one is given")

    def test_files_that_do_not_do_are_named(self):
        self.authority.issue("other")
        nothing, empty = self.path("nothing.pem"), self.path("empty.pem", "")
        cert, key = self.authority.cert("server"), self.authority.key("server")
        for files, wanted in (((nothing, key), f"certificate '{nothing}'"), ((cert, empty), f"key '{empty}'"),
                              ((cert, self.authority.key("other")), "key values mismatch"), ((key, cert), f"certificate '{key}'")):
            with self.subTest(files):
                self.assert_fails(run("serve", self.model, "--grpc", "none", "--tls-cert", files[0], "--tls-key", files[1], "--http", "127.0.0.1:0"),
                                  wanted)
        self.assert_fails(run("serve", self.model, *self.flags, "--grpc", "none", "--tls-client-ca", empty, "--http", "127.0.0.1:0"),
                          f"client CA '{empty}'")

    def test_grpc_port_in_use_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            self.assert_fails(run("serve", self.model, *self.flags, "--http", "127.0.0.1:0", "--grpc", address), f"'{address}'", "--grpc")


if __name__ == "__main__":
    unittest.main()

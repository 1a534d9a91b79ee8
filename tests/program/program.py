"""What the tests of the program share: starting `oarlock`, asking it over a socket, and ending it.

ctest sets OARLOCK_BUILD_DIR, OARLOCK_SOURCE_DIR, OARLOCK_TEST_OPENVINO and OARLOCK_TEST_ONNXRUNTIME (0 where that engine is
not built). By hand:
  OARLOCK_BUILD_DIR=build/release OARLOCK_SOURCE_DIR=. python3 -m unittest discover -s tests/program -p '*_test.py'
Every wait is bounded, and only processes that were started here are ended.
"""
import contextlib
import functools
import http.client
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import tempfile
import time
import unittest

BUILD = pathlib.Path(os.environ["OARLOCK_BUILD_DIR"]).resolve()
SOURCE = pathlib.Path(os.environ["OARLOCK_SOURCE_DIR"]).resolve()
BINARY = BUILD / "bin" / "oarlock"
MODELS = SOURCE / "tests" / "models"
WAYBILL = SOURCE / "examples" / "waybill"
WAIT_S = 120  # far beyond any answer, also of a binary under a sanitizer

needs_importer = unittest.skipIf(
    os.environ.get("OARLOCK_TEST_IMPORTER") == "0", "the importer of Paddle models is not part of this build")
needs_openvino = unittest.skipIf(
    os.environ.get("OARLOCK_TEST_OPENVINO") == "0", "the OpenVINO engine is not part of this build")
needs_onnxruntime = unittest.skipIf(
    os.environ.get("OARLOCK_TEST_ONNXRUNTIME") == "0", "the ONNX Runtime engine is not part of this build")


class Finished:
    """What a run of the program left: exit code, standard output and standard error."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def json(self):
        if self.code != 0:
            raise AssertionError(str(self))
        return json.loads(self.out)

    def __str__(self):
        return f"exit code {self.code}\n--- standard output\n{self.out}--- standard error\n{self.err}"


# Converted models are kept here, and not where the user's own are.
os.environ["XDG_CACHE_HOME"] = str(BUILD / "tests" / "cache")


def run(*arguments, binary=BINARY, cwd=None, env=None):
    done = subprocess.run([str(binary), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, cwd=cwd,
                          env=env, timeout=WAIT_S, check=False)
    return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())


class Answer:
    """One HTTP answer, taken apart. Header names are in lower case."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        """The JSON part of the body; with binary tensors that is only its head."""
        size = int(self.headers.get("inference-header-content-length", len(self.body)))
        return json.loads(self.body[:size])

    def binary(self):
        return self.body[int(self.headers["inference-header-content-length"]):]

    def error(self):
        return self.json()["error"]

    def __str__(self):
        return f"{self.status} {self.headers} {self.body[:500]!r}"


class Connection:
    """A client's socket on which anything can be said, also what is no HTTP."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=WAIT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def read_answer(self, has_body=True):
        """The next answer; None if the server closed without one. One to HEAD has no body."""
        line = self.file.readline()
        if not line:
            return None
        status = int(line.split()[1])
        headers = {}
        while (line := self.file.readline()) not in (b"\r\n", b""):
            name, value = line.decode("latin-1").split(":", 1)
            headers[name.strip().lower()] = value.strip()
        body = self.file.read(int(headers.get("content-length", 0))) if has_body else b""
        return Answer(status, headers, body)

    def is_closed_by_peer(self):
        """Waits for the server to close; what it still says is thrown away."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass
        return True


def request_bytes(method, target, body=b"", headers=None):
    lines = [f"{method} {target} HTTP/1.1", "Host: test"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if method == "POST" and not any(name in (headers or {}) for name in ("Content-Length", "Transfer-Encoding")):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def chunked(body, size=65536):
    """A body in chunks, and the end of it."""
    pieces = [body[at:at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


class Server:
    """`oarlock serve` on a port the kernel picked. As a context manager it ends with SIGTERM and must exit with 0."""

    def __init__(self, *arguments, http="127.0.0.1:0", limits=(), binary=BINARY):
        command = [str(binary), "serve", *map(str, arguments), "--json"]
        if http:
            command += ["--http", http]
        for limit in limits:
            command += ["--limit", limit]
        self.stderr = tempfile.TemporaryFile("a+b")  # a file: a full pipe would stop the server
        # AddressSanitizer keeps freed memory for a while; little of it, so that what a request leaves can be seen.
        sanitizer = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "quarantine_size_mb=16"]))
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.stderr,
                                        env={**os.environ, "ASAN_OPTIONS": sanitizer})
        try:
            self.ready_line = self._read_line()
            self.address = self.ready_line["http"]
        except BaseException:
            self.kill()
            raise

    def _read_line(self):
        line, until = b"", time.monotonic() + WAIT_S
        while not line.endswith(b"\n"):
            readable, _, _ = select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))
            piece = os.read(self.process.stdout.fileno(), 4096) if readable else b""
            if not piece:
                raise AssertionError(f"`oarlock serve` did not say that it is ready: {line!r}\n{self.error_text()}")
            line += piece
        return json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def error_text(self):
        # Opened anew: the position of a descriptor that the server has too moves with what it writes.
        return pathlib.Path(f"/proc/self/fd/{self.stderr.fileno()}").read_bytes().decode(errors="replace")

    def wait(self):
        """The exit code. A server that does not end is killed, and the test fails."""
        try:
            return self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the server did not end in {WAIT_S} s\n{self.error_text()}") from None
        finally:
            self.kill()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(WAIT_S)
        self.process.stdout.close()

    def discard(self):
        """For a test that ends the server itself."""
        self.kill()
        self.stderr.close()

    def stop(self, number=signal.SIGTERM):
        if self.stderr.closed:
            return
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.wait()
        text = self.error_text()
        self.stderr.close()
        if code != 0:
            raise AssertionError(f"the server ended with exit code {code}\n{text}")

    def connect(self):
        return Connection(self.address)

    def ask(self, method, target, body=b"", headers=None):
        with self.connect() as connection:
            connection.send(request_bytes(method, target, body, headers))
            return connection.read_answer(has_body=method != "HEAD")

    def infer(self, model, request, binary=None, headers=None, version=None):
        """`request` as JSON; with `binary`, the bytes that follow it."""
        body, headers = json.dumps(request).encode(), dict(headers or {})
        if binary is not None:
            headers["Inference-Header-Content-Length"] = len(body)
            body += binary
        version = f"/versions/{version}" if version else ""
        return self.ask("POST", f"/v2/models/{model}{version}/infer", body, headers)

    def http_client(self):
        host, port = self.address.rsplit(":", 1)
        return contextlib.closing(http.client.HTTPConnection(host, int(port), timeout=WAIT_S))

    def rss_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return 1024 * int(status.split("VmRSS:")[1].split()[0])


class ProgramTest(unittest.TestCase):
    """A test with a directory of its own. `maxDiff` is off: messages are what these tests are about."""
    maxDiff = None

    @functools.cached_property
    def directory(self):
        directory = tempfile.TemporaryDirectory(prefix="oarlock-test-")
        self.addCleanup(directory.cleanup)
        return pathlib.Path(directory.name)

    def path(self, name, content=None):
        """A path in the test's directory, with that content if there is one."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def fake(self, script, name="fake"):
        """A model for the fake engine: a directory with a script (engines/fake/script.h)."""
        return self.path(f"{name}/{name}.fake", script).parent

    def serve(self, *arguments, **options):
        server = Server(*arguments, **options)
        self.addCleanup(server.stop)
        return server

    def assert_fails(self, finished, *parts, code=1):
        """The program failed with a message that has all of `parts`, and printed nothing else."""
        self.assertEqual(finished.code, code, finished)
        for part in parts:
            self.assertIn(str(part), finished.err)
        self.assertEqual(finished.out, "")

    def assert_close(self, got, wanted, tolerance=1e-5):
        self.assertEqual(len(got), len(wanted))
        for index, (a, b) in enumerate(zip(got, wanted)):
            self.assertLessEqual(abs(a - b), tolerance, f"element {index}: {a} instead of {b}")


class ServerTest(ProgramTest):
    """Tests that share one server, made by start(). That it answers, and ends with 0, is checked after the last."""

    @classmethod
    def start(cls, directory):
        raise NotImplementedError

    @classmethod
    def setUpClass(cls):
        shared = tempfile.TemporaryDirectory(prefix="oarlock-test-")
        cls.addClassCleanup(shared.cleanup)
        cls.shared = pathlib.Path(shared.name)
        cls.server = cls.start(cls.shared)
        cls.addClassCleanup(cls.server.stop)

    def tearDown(self):
        self.assertEqual(self.server.ask("GET", "/v2/health/live").status, 200)

    def assert_error(self, answer, status, *parts):
        """An error as clients expect it, whose text has all of `parts` and no path of this machine."""
        self.assertIsNotNone(answer, "the server closed without an answer")
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["content-type"], "application/json")
        text = answer.error()
        for part in parts:
            self.assertIn(str(part), text)
        for path in (SOURCE, BUILD, self.shared, "/tmp", ".cc:"):
            self.assertNotIn(str(path), answer.body.decode())


def write_fake(directory, name, script):
    """A fake model outside of a test, for a server that several share."""
    (directory / name).mkdir()
    (directory / name / f"{name}.fake").write_text(script, encoding="utf-8")


def waybill_pictures():
    """[(path, what it says)] in the order of labels.txt."""
    lines = (WAYBILL / "test" / "labels.txt").read_text(encoding="utf-8").split("\n")
    return [(WAYBILL / "test" / name, text) for name, text in (line.split() for line in lines if line)]

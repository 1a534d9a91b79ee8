"""The servers that are measured: ours, the peers, and two that only say bytes. Each is one process (gunicorn: two) on
127.0.0.1, ended by its pid when its `with` ends; every wait is bounded."""
import http.client
import json
import os
import pathlib
import select
import socket
import subprocess
import time

import paths

START_S = 60
END_S = 10


def free_port():
    """One that the kernel has just picked: for programs that cannot say which they got."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Server:
    def __init__(self, label, command, env=None, port=None, read_port=None):
        """`port`: where it will listen; else `read_port` takes it from the first line that the program prints."""
        self.label = label
        self.command = [str(word) for word in command]
        self.env = env or {}
        self.port = port
        self.read_port = read_port
        self.ports = {}  # by scheme, where it is not the same for all
        self.process = None

    def __enter__(self):
        self.begin()
        try:
            if self.read_port is not None:
                line = self._first_line()
                self.port = self.read_port(line)
                self.ports = ports_in(line)
            self._connect()
        except BaseException:
            self.__exit__()
            raise
        return self

    def begin(self):
        """Starts the process and waits for nothing."""
        out = subprocess.DEVNULL if self.read_port is None else subprocess.PIPE
        self.process = subprocess.Popen(self.command, cwd=paths.ROOT, env={**os.environ, **self.env},
                                        stdin=subprocess.DEVNULL, stdout=out)

    def __exit__(self, *_):
        process, self.process = self.process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def _first_line(self):
        line, until = b"", time.monotonic() + START_S
        while not line.endswith(b"\n"):
            readable, _, _ = select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))
            piece = os.read(self.process.stdout.fileno(), 4096) if readable else b""
            if not piece:
                raise RuntimeError(f"{self.label} did not say within {START_S} s where it listens: {line!r}")
            line += piece
        return line.decode()

    def _connect(self):
        until = time.monotonic() + START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=START_S).close()
                return
            except ConnectionRefusedError:
                if self.process.poll() is not None:
                    raise RuntimeError(f"{self.label} ended with exit code {self.process.returncode}") from None
                if time.monotonic() > until:
                    raise RuntimeError(f"{self.label} did not listen within {START_S} s") from None
                time.sleep(0.01)

    def url(self, path, scheme="http"):
        return f"{scheme}://127.0.0.1:{self.ports.get(scheme, self.port)}{path}"

    def client(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_S)

    def pids(self):
        """Its process and those it started."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return [self.process.pid, *map(int, children.split())]

    def command_text(self):
        return paths.command_text(self.command, self.env)


def ours(model, engine=None, port=0, flags=()):
    command = [paths.OARLOCK, "serve", paths.model(model), "--http", f"127.0.0.1:{port}", *flags, "--json"]
    if engine is not None:
        command += ["--engine", engine]
    return Server("Oarlock" if engine is None else f"Oarlock, {engine}", command,
                  read_port=lambda line: int(json.loads(line)["http"].rsplit(":", 1)[1]))


def ports_in(line):
    """Of a first line that says them by protocol."""
    if not line.startswith("{"):
        return {}
    said = json.loads(line)
    return {scheme: int(said[scheme].rsplit(":", 1)[1]) for scheme in ("http", "grpc") if said.get(scheme)}


def ours_on_two_ports(model):
    return ours(model, flags=("--grpc", "127.0.0.1:0"))


def fastapi(model, port=0):
    command = [paths.venv("fastapi"), "bench/peers/fastapi_app.py", paths.model(model), port]
    return Server("FastAPI", command, read_port=lambda line: int(line.split()[1]))


def flask(model):
    port = free_port()
    command = [paths.venv("flask", "gunicorn"), "--config", "bench/peers/gunicorn_conf.py", "--pythonpath", "bench/peers",
               "--bind", f"127.0.0.1:{port}", "flask_app:app"]
    return Server("Flask", command, {"OARLOCK_BENCH_MODEL": str(paths.model(model))}, port=port)


def http_echo(answer):
    """`answer`: a file with the body that it answers everything with."""
    command = [paths.BUILD / "bench" / "http_echo", 0, answer]
    return Server("http_echo", command, read_port=lambda line: int(line.split()[1]))


def grpc_echo(answer):
    """`answer`: a file with the message that it answers every call with."""
    command = [paths.BUILD / "bench" / "grpc_echo", 0, answer]
    return Server("grpc_echo", command, read_port=lambda line: int(line.split()[1]))


def nginx(answer):
    port = free_port()
    directory = paths.WORK / "nginx"
    (paths.ROOT / directory).mkdir(parents=True, exist_ok=True)
    body = (paths.ROOT / answer).read_text(encoding="utf-8")
    if set(body) & set("'\\$"):
        raise ValueError(f"{answer} has a character that nginx's configuration gives a meaning to")
    text = (paths.ROOT / "bench/peers/nginx.conf.in").read_text(encoding="utf-8")
    for name, value in (("@DIRECTORY@", paths.ROOT / directory), ("@PORT@", port), ("@BODY@", body)):
        text = text.replace(name, str(value))
    (paths.ROOT / directory / "nginx.conf").write_text(text, encoding="utf-8")
    return Server("nginx", ["/usr/sbin/nginx", "-e", "stderr", "-p", directory, "-c", "nginx.conf"], port=port)

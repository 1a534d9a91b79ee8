"""The beginning and the end of a server: addresses, signals, requests in flight, and the exit code."""
import contextlib
import json
import os
import re
import select
import signal
import socket
import subprocess
import time
import unittest

from program import BINARY, WAIT_S, ProgramTest, Server, request_bytes, run

ADD = "input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\n"
REQUEST = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}]}
INFER = request_bytes("POST", "/v2/models/add/infer", json.dumps(REQUEST).encode())


class Shutdown(ProgramTest):
    def start(self, delay_us, script=ADD, **options):
        server = Server(self.fake(f"{script}delay_us {delay_us}\n", "add"), "--executions", 1, **options)
        self.addCleanup(server.discard)
        return server

    def begin(self, server, connection):
        """Sends a request, and comes back once the server, whose one thread takes things in turn, must have it."""
        connection.send(INFER)
        for _ in range(3):
            self.assertEqual(server.ask("GET", "/v2/health/ready").status, 200)

    def wait_until(self, condition):
        until = time.monotonic() + WAIT_S
        while not condition():
            self.assertLess(time.monotonic(), until, "it never came to be")
            time.sleep(0.01)

    def test_request_in_flight_gets_its_answer(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                server = self.start(delay_us=2_000_000)
                with server.connect() as working, server.connect() as asking:
                    asking.send(request_bytes("GET", "/v2/health/ready"))
                    self.assertEqual(asking.read_answer().status, 200)
                    self.begin(server, working)
                    server.process.send_signal(number)
                    self.wait_until(lambda: server.ask("GET", "/v2/health/ready").status == 400)
                    self.assertIsNone(server.process.poll(), "it ended before the answer was given")
                    self.assertEqual(server.ask("GET", "/v2/health/ready").json(), {"ready": False})
                    self.assertEqual(server.ask("GET", "/v2/health/live").json(), {"live": True})
                    refused = server.infer("add", REQUEST)
                    self.assertEqual((refused.status, refused.headers["retry-after"]), (503, "1"))
                    answer = working.read_answer()
                    self.assertEqual((answer.status, answer.headers["connection"]), (200, "close"))
                    self.assertEqual(answer.json()["outputs"][0]["data"], [2, 3, 4, 5])
                self.assertEqual(server.wait(), 0, server.error_text())

    def test_drain_time_is_bounded(self):
        # Ten minutes each: what runs is cancelled too. Two open dims, or loading would warm up with such a run.
        server = self.start(delay_us=600_000_000, script=ADD.replace("-1,4", "-1,-1"), limits=["drain_timeout_ms=100"])
        with contextlib.ExitStack() as stack:
            waiting = [stack.enter_context(server.connect()) for _ in range(5)]
            for connection in waiting:
                self.begin(server, connection)
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(server.wait(), 0, server.error_text())
            for connection in waiting:
                self.assertTrue(connection.is_closed_by_peer())

    def test_idle_connections_do_not_hold_it(self):
        server = self.start(delay_us=0, limits=["drain_timeout_ms=3600000", "http_idle_timeout_ms=3600000"])
        with server.connect() as used, server.connect() as fresh, server.connect() as half:
            used.send(INFER)
            self.assertEqual(used.read_answer().status, 200)
            half.send(INFER[:10])
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(server.wait(), 0, server.error_text())
            for connection in (used, fresh, half):
                self.assertTrue(connection.is_closed_by_peer())

    def test_second_signal_does_no_harm(self):
        server = self.start(delay_us=1_000_000)
        with server.connect() as working:
            self.begin(server, working)
            for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
                server.process.send_signal(number)
            self.assertEqual(working.read_answer().status, 200)
        self.assertEqual(server.wait(), 0, server.error_text())

    def test_hundred_clients_that_left_do_no_harm(self):
        server = self.start(delay_us=0)
        for _ in range(100):
            with server.connect() as connection:
                connection.send(INFER)
        self.assertEqual(server.infer("add", REQUEST).status, 200)
        server.stop()


class Addresses(ProgramTest):
    def test_port_0_is_another_port_each_time(self):
        model = self.fake(ADD, "add")
        first, second = self.serve(model), self.serve(model)
        self.assertRegex(first.address, r"^127\.0\.0\.1:\d+$")
        self.assertNotEqual(first.address, second.address)
        self.assertEqual(second.infer("add", REQUEST).json()["outputs"][0]["data"], [2, 3, 4, 5])

    def test_port_in_use_names_the_address_and_costs_no_load(self):
        model = self.fake(f"{ADD}load_delay_us 600000000\n", "add")  # ten minutes: were it loaded first, run() would tell
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            self.assert_fails(run("serve", model, "--http", address), f"'{address}'", "in use", "--http")

    def test_default_is_the_loopback(self):
        shown = run("serve", self.fake(ADD, "add"), "--print-config")
        self.assertIn('http: "127.0.0.1:8080"\n', shown.out)

    def test_loopback_needs_no_warning_and_all_interfaces_do(self):
        model = self.fake(ADD, "add")
        for http, arguments, host in (("127.0.0.1:0", (), "127.0.0.1"), ("localhost:0", (), "127.0.0.1"),
                                      ("0.0.0.0:0", (), "0.0.0.0"), (None, ("--http-port", "0"), "0.0.0.0")):
            with self.subTest(http):
                server = self.serve(model, *arguments, http=http)
                self.assertEqual(server.address.rsplit(":", 1)[0], host)
                self.assertEqual(self.listening_hosts(server), {host})
                warned = f"warning: listening on {server.address} without access control" in server.error_text()
                self.assertEqual(warned, host == "0.0.0.0", server.error_text())

    def listening_hosts(self, server):
        """As the kernel has it: the addresses of every listening TCP socket of the process."""
        sockets = set()
        for name in os.listdir(f"/proc/{server.process.pid}/fd"):
            link = os.readlink(f"/proc/{server.process.pid}/fd/{name}")
            sockets.update(re.findall(r"socket:\[(\d+)\]", link))
        hosts = set()
        for table in ("tcp", "tcp6"):
            with open(f"/proc/{server.process.pid}/net/{table}", encoding="ascii") as lines:
                for words in (line.split() for line in list(lines)[1:]):
                    if words[3] == "0A" and words[9] in sockets:
                        hosts.add(socket.inet_ntoa(bytes.fromhex(words[1].split(":")[0])[::-1]))
        return hosts

    def test_addresses_that_are_none(self):
        model = self.fake(ADD, "add")
        for http in ("127.0.0.1", ":8080", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "example.com:80", "8080"):
            with self.subTest(http):
                self.assert_fails(run("serve", model, "--http", http), f"'{http}'", "ADDR:PORT")

    def test_load_that_fails_ends_the_server(self):
        refused = run("serve", self.fake(f"{ADD}fail_load UNAVAILABLE the disk is asleep\n", "add"), "--http", "127.0.0.1:0")
        self.assert_fails(refused, "the disk is asleep", "add.fake")

    def test_ready_line_for_people(self):
        process = subprocess.Popen([BINARY, "serve", self.fake(ADD, "add"), "--http", "127.0.0.1:0"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(process.stdout.close)
        try:
            self.assertTrue(select.select([process.stdout], [], [], WAIT_S)[0], "no ready line")
            self.assertRegex(os.read(process.stdout.fileno(), 4096).decode(), r"^serving add on http://127\.0\.0\.1:\d+, and gRPC there too\n$")
        finally:
            process.terminate()
            self.assertEqual(process.wait(WAIT_S), 0)


if __name__ == "__main__":
    unittest.main()

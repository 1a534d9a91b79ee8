"""`oarlock bench`: what it counts, what it writes and what it refuses. How fast anything is, is not looked at; only that
counts are right and that times are in an order that holds on any machine."""
import json
import socket
import socketserver
import sys
import threading
import unittest
import xml.etree.ElementTree

from program import ProgramTest, Server, ServerTest, run, write_fake
from samples import npy_bytes

SVG = "{http://www.w3.org/2000/svg}"
DOUBLE = "input x FP32 -1,4\noutput y FP32 -1,4\nop double\n"
SHORT = ("--duration", "0.1", "--rounds", "2", "--warm-up", "0")
ONCE = ("--rounds", "1", "--warm-up", "0")
METADATA = '{"name":"m","inputs":[{"name":"x","datatype":"FP32","shape":[1,4]}],"outputs":[]}'

# Speaks the line protocol: each call takes a thousand nanoseconds.
PROGRAM = """
import sys
print("ready", flush=True)
for line in sys.stdin:
    print(int(line) * 1000, flush=True)
"""


class BenchTest(ProgramTest):
    def bench(self, *arguments):
        done = run("bench", *arguments, "--json")
        self.assertEqual(done.code, 0, done)
        return json.loads(done.out)

    def assert_adds_up(self, target):
        """The requests are those of the blocks, all of them answered, and percentiles ascend."""
        self.assertEqual(target["errors"], 0)
        self.assertNotIn("first_error", target)
        self.assertGreater(target["requests"], 0)
        self.assertEqual(target["requests"], sum(block["requests"] for block in target["blocks"]))
        latency = target["latency_us"]
        ascending = [latency[key] for key in ("p50", "p90", "p99", "p99.9", "max")]
        self.assertEqual(ascending, sorted(ascending))
        self.assertGreater(ascending[0], 0)
        self.assertLessEqual(latency["mean"], latency["max"])

    def program(self, text):
        """exec: and a Python program of that text."""
        return f"exec:{sys.executable} {self.path('program.py', text)}"


class InProcess(BenchTest):
    def test_counts_add_up_and_percentiles_ascend(self):
        result = self.bench(self.fake(DOUBLE), *SHORT)
        self.assertEqual(result["schema"], 1)
        self.assertEqual(result["load"], {"arrivals": "closed", "concurrency": 1, "block_ms": 50, "rounds": 2, "seed": 0})
        self.assertRegex(result["machine"]["fingerprint"], "^[0-9a-f]{16}$")
        self.assertEqual(result["comparisons"], [])
        target, = result["targets"]
        self.assertEqual(target["name"], "fake on fake, in process")
        self.assert_adds_up(target)
        self.assertEqual(len(target["blocks"]), 2)
        self.assertEqual(list(target["stages_us"]), ["queue", "prepare", "compute", "finish"])

    def test_copies_and_allocations_are_told(self):
        target, = self.bench(self.fake("input x FP32 4\noutput y FP32 4\ndynamic_output\n"), *SHORT)["targets"]
        self.assertEqual(target["copies_per_call"], {"dynamic_output": {"count": 1, "bytes": 16}})
        if "own_allocations_per_call" not in target:
            self.skipTest("allocations are not counted under a sanitizer")
        self.assertEqual((target["own_allocations_per_call"], target["engine_allocations_per_call"]), (0, 0))
        target, = self.bench(self.fake(DOUBLE, "double"), *SHORT)["targets"]
        self.assertEqual(target["copies_per_call"], {})

    def test_several_callers_and_several_models(self):
        result = self.bench(self.fake(DOUBLE, "a"), "--against", self.fake(DOUBLE, "b"), "--concurrency", 2, *SHORT)
        self.assertEqual([target["name"] for target in result["targets"]],
                         ["a on fake, in process", "b on fake, in process"])
        for target in result["targets"]:
            self.assert_adds_up(target)
        versus, = result["comparisons"]
        for key in ("call_ratio", "throughput_ratio", "p50_ratio", "p99_ratio", "call_difference_us"):
            self.assertLessEqual(versus[key]["low95"], versus[key]["median"])
            self.assertLessEqual(versus[key]["median"], versus[key]["high95"])

    def test_requests_that_go_as_a_servers_do_tell_their_batches(self):
        flags = ("--max-batch-size", 4, "--executions", 1, "--concurrency", 3, *SHORT)
        target, = self.bench(self.fake(DOUBLE + "delay_us 1000\n"), "--direct", *flags)["targets"]
        self.assert_adds_up(target)
        batches = target["batches"]
        self.assertEqual(sum(int(rows) * runs for rows, runs in batches["runs"].items()), target["requests"])
        self.assertEqual(sum(batches["closed"].values()), sum(batches["runs"].values()))
        self.assertEqual(batches["padding_rows"], 0)
        self.assertGreater(max(map(int, batches["runs"])), 1)
        target, = self.bench(self.fake(DOUBLE), *flags)["targets"]
        self.assertNotIn("batches", target)

    def test_a_model_that_takes_long_is_looked_into_for_a_second(self):
        target, = self.bench(self.fake(DOUBLE + "delay_us 100000\n"), "--duration", "0.05", *ONCE)["targets"]
        self.assertEqual(target["requests"], 1)
        self.assertGreaterEqual(target["stages_us"]["compute"], 100_000)

    def test_a_model_that_fails_says_why(self):
        self.assert_fails(run("bench", self.fake(DOUBLE + "fail_run 1 INTERNAL it broke\n"), *SHORT), "it broke")


class Programs(BenchTest):
    def test_a_program_is_compared_call_by_call(self):
        result = self.bench(self.fake(DOUBLE), "--against", self.program(PROGRAM), *SHORT)
        model, program = result["targets"]
        # 50 ms blocks of calls that take 1 us, it says.
        self.assertEqual([block["requests"] for block in program["blocks"]], [50_000, 50_000])
        self.assertEqual([block["elapsed_ms"] for block in program["blocks"]], [50, 50])
        self.assertEqual((program["call_us"], program["requests_per_s"]), (1, 1_000_000))
        # It tells no single latencies, and so the model is not asked for any.
        self.assertIsNone(program["latency_us"])
        self.assertIsNone(model["latency_us"])
        versus, = result["comparisons"]
        self.assertNotIn("p50_ratio", versus)
        self.assertAlmostEqual(versus["call_difference_us"]["median"] + 1, versus["call_ratio"]["median"], places=6)

    def test_a_program_makes_one_call_after_the_other(self):
        for flags in (("--concurrency", "2"), ("--rate", "5")):
            done = run("bench", self.program(PROGRAM), *flags, *SHORT)
            self.assert_fails(done, "one call after the other", "--concurrency 1 and no --rate")

    def test_a_program_that_does_not_speak_the_protocol(self):
        for text, part in (("print('hello')", "said 'hello'; a baseline says 'ready' first"),
                           ("", "ended; what it printed on standard error says why"),
                           ("print('ready', flush=True)", "ended; what it printed"),
                           ("print('ready', flush=True); input(); print('soon')", "answered 'soon'; a number of nanoseconds"),
                           ("print('ready', flush=True); input(); print(-5)", "answered '-5'; a number of nanoseconds"),
                           ("print('ready', flush=True); input(); print('error no memory')", "'error no memory'")):
            with self.subTest(text):
                done = run("bench", self.program(text), *SHORT)
                if text == "print('ready', flush=True)":  # it may end before it is told what to do, or after
                    self.assertEqual(done.code, 1, done)
                    self.assertRegex(done.err, "ended; what it printed|cannot tell '.*' what to do")
                else:
                    self.assert_fails(done, part)


class Refusals(BenchTest):
    def test_targets_that_are_none(self):
        for target, part in (("/none/model.onnx", "no such file or directory: '/none/model.onnx'"),
                             ("exec:", "a program is needed after 'exec:'"),
                             ("exec:/none/program", "cannot start '/none/program': No such file or directory"),
                             ("http://host:port/", "'http://host:port/' is no address of a model on a server"),
                             ("http://host/v2?x", "write http://HOST:PORT/v2/models/NAME")):
            self.assert_fails(run("bench", target, *SHORT), part)

    def test_flags_that_say_nothing(self):
        model = self.fake(DOUBLE)
        for flags, part in ((("--rate", "5", "--arrivals", "late"), "--arrivals 'late'; it must be poisson or constant"),
                            (("--arrivals", "poisson"), "--arrivals requires --rate"),
                            (("--concurrency", "0"), "--concurrency"), (("--rounds", "0"), "--rounds"),
                            (("--rate", "-1"), "--rate"), (("--duration", "0"), "--duration"),
                            (("--rate", "1e7", "--duration", "3600"), "makes 3600000000 requests in each; at most 100000000"),
                            (("--input", "x"), "--input 'x' must be NAME=@FILE.npy"), (("--colour",), "--colour")):
            self.assert_fails(run("bench", model, *flags), part, code=2)
        self.assert_fails(run("bench"), "TARGET", code=2)

    def test_nobody_listens(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        done = run("bench", f"http://127.0.0.1:{port}/v2/models/m", *SHORT)
        self.assert_fails(done, f"cannot connect to http://127.0.0.1:{port}/v2/models/m: Connection refused")


class OverTheNetwork:
    """What holds over both protocols."""

    @classmethod
    def start(cls, directory):
        write_fake(directory, "double", DOUBLE)
        write_fake(directory, "slow", DOUBLE + "delay_us 50000\n")
        write_fake(directory, "sometimes", DOUBLE + "fail_run 7 RESOURCE_EXHAUSTED no room\n")
        return Server(directory, "--executions", 1)

    def test_latency_counts_from_the_scheduled_time(self):
        # 30 requests in 0.3 s, on one connection, of 50 ms each: the last is answered 1.5 s after the first began.
        target, = self.bench(self.url("slow"), "--rate", 100, "--arrivals", "constant", "--duration", "0.3", *ONCE)["targets"]
        self.assertEqual(target["requests"], 30)
        self.assertGreater(target["latency_us"]["p99"], 1_150_000)
        self.assertGreater(target["latency_us"]["p50"], 550_000)

    def test_errors_are_counted_and_the_first_is_shown(self):
        target, = self.bench(self.url("sometimes"), *SHORT)["targets"]
        self.assertGreater(target["errors"], 0)
        self.assertGreater(target["requests"], 0)
        self.assertEqual(target["requests"], sum(block["requests"] for block in target["blocks"]))
        self.assertRegex(target["first_error"], f"^{self.no_room} .*no room")


class OverHttp(OverTheNetwork, ServerTest, BenchTest):
    no_room = "429"

    def url(self, model):
        return f"http://{self.server.address}/v2/models/{model}"

    def test_closed_loop_in_json_and_binary(self):
        for flags, kind in (((), "JSON"), (("--binary",), "binary")):
            with self.subTest(kind):
                target, = self.bench(self.url("double"), "--concurrency", 4, *flags, *SHORT)["targets"]
                self.assertEqual(target["name"], f"{self.url('double')}, {kind}")
                self.assert_adds_up(target)

    def test_a_model_in_process_and_on_a_server(self):
        result = self.bench(self.fake(DOUBLE), "--against", self.url("double"), *SHORT)
        for target in result["targets"]:
            self.assert_adds_up(target)
        self.assertIn("p99_ratio", result["comparisons"][0])

    def test_a_constant_rate_makes_as_many_requests_as_the_schedule_says(self):
        target, = self.bench(self.url("double"), "--rate", 200, "--arrivals", "constant", "--duration", "0.5",
                             *ONCE)["targets"]
        self.assertEqual(target["requests"], 100)

    def test_a_poisson_schedule_is_given_by_the_seed(self):
        def requests(seed):
            flags = ("--rate", 400, "--arrivals", "poisson", "--duration", "0.5", "--concurrency", 2, "--seed", seed)
            result = self.bench(self.url("double"), *flags, *ONCE)
            self.assertEqual((result["load"]["arrivals"], result["load"]["rate_per_s"]), ("poisson", 400))
            return result["targets"][0]["requests"]
        count = requests(1)
        self.assertLessEqual(abs(count - 200), 3 * 200 ** 0.5)
        self.assertEqual(requests(1), count)

    def test_a_model_that_the_server_does_not_have(self):
        self.assert_fails(run("bench", self.url("none"), *SHORT), "answered 404 to the question what the model takes", "none")

    def test_an_input_that_the_model_does_not_have(self):
        array = self.path("z.npy", npy_bytes("<f4", (1, 4), [1, 2, 3, 4]))
        for target in (self.url("double"), self.fake(DOUBLE)):
            self.assert_fails(run("bench", target, "--input", f"z=@{array}", *SHORT), "the model has no input 'z'")
        self.assert_fails(run("bench", self.url("double"), "--input", "x=@/none.npy", *SHORT), "/none.npy")

    def test_files_are_written(self):
        output = self.directory / "new" / "out"
        result = self.bench(self.url("double"), "--against", self.fake(DOUBLE), "--output", output, "--title", "a < b & c",
                            *SHORT)
        self.assertEqual(sorted(path.name for path in output.iterdir()), ["latency.svg", "result.json", "table.md"])
        self.assertEqual(json.loads((output / "result.json").read_text(encoding="utf-8")), result)
        self.assertIn(f"| {self.url('double')}, JSON |", (output / "table.md").read_text(encoding="utf-8"))
        svg = xml.etree.ElementTree.parse(output / "latency.svg").getroot()
        self.assertEqual(svg.find(f"{SVG}title").text, "a < b & c")
        self.assertEqual(len(svg.findall(f"{SVG}polyline")), 2)
        names = [text.text for text in svg.findall(f"{SVG}text")]
        for target in result["targets"]:
            self.assertIn(target["name"], names)

    def test_a_directory_that_cannot_be_made(self):
        output = self.path("file", "") / "out"
        self.assert_fails(run("bench", self.url("double"), "--output", output, *SHORT),
                          f"cannot make the directory '{output}'", "Not a directory")


class OverGrpc(OverTheNetwork, ServerTest, BenchTest):
    no_room = "RESOURCE_EXHAUSTED"

    def url(self, model, scheme="grpc"):
        return f"{scheme}://{self.server.address}/v2/models/{model}"

    def test_closed_loop(self):
        for connections in (1, 4):
            target, = self.bench(self.url("double"), "--concurrency", connections, *SHORT)["targets"]
            self.assertEqual(target["name"], self.url("double"))
            self.assert_adds_up(target)

    def test_both_protocols_side_by_side(self):
        for one, other in (("grpc", "http"), ("http", "grpc")):
            result = self.bench(self.url("double", one), "--against", self.url("double", other), *SHORT)
            for target in result["targets"]:
                self.assert_adds_up(target)
            self.assertIn("p99_ratio", result["comparisons"][0])

    def test_a_version_is_asked_for(self):
        target, = self.bench(self.url("double/versions/1"), *SHORT)["targets"]
        self.assert_adds_up(target)
        self.assert_fails(run("bench", self.url("double/versions/7"), *SHORT), "answered NOT_FOUND to the question what", "7")

    def test_what_is_refused(self):
        self.assert_fails(run("bench", self.url("none"), *SHORT), "answered NOT_FOUND to the question what the model takes", "none")
        self.assert_fails(run("bench", f"grpc://{self.server.address}/double", *SHORT),
                          "names no model; write grpc://HOST:PORT/v2/models/NAME")
        array = self.path("z.npy", npy_bytes("<f4", (1, 4), [1, 2, 3, 4]))
        self.assert_fails(run("bench", self.url("double"), "--input", f"z=@{array}", *SHORT), "the model has no input 'z'")

    def test_nobody_listens(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        done = run("bench", f"grpc://127.0.0.1:{port}/v2/models/m", *SHORT)
        self.assert_fails(done, f"grpc://127.0.0.1:{port}/v2/models/m answered UNAVAILABLE to the question what the model takes")


def answer_of(body, status="200 OK"):
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


class OddServer(socketserver.ThreadingTCPServer):
    """Says what a server of ours does not: to the questions POST these answers one after the other, the last again and
    again, None for closing; to GET `metadata`."""
    daemon_threads = True

    def __init__(self, *answers, metadata=METADATA):
        super().__init__(("127.0.0.1", 0), OddHandler)
        self.answers, self.metadata = list(answers), answer_of(metadata)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v2/models/m"

    def next_answer(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def __enter__(self):
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.thread.join()
        self.server_close()

    def handle_error(self, *_):  # the client has gone
        pass


class OddHandler(socketserver.StreamRequestHandler):
    def handle(self):
        while line := self.rfile.readline():
            size = 0
            while (header := self.rfile.readline()) not in (b"\r\n", b""):
                if header.lower().startswith(b"content-length:"):
                    size = int(header.split(b":")[1])
            self.rfile.read(size)
            answer = self.server.metadata if line.startswith(b"GET") else self.server.next_answer()
            if answer is None:
                return
            self.wfile.write(answer)


class OddServers(BenchTest):
    def test_another_address_is_asked_as_it_stands(self):
        with OddServer(answer_of("{}")) as server:
            target, = self.bench(server.url.replace("/v2/models/m", "/any/route"), *SHORT)["targets"]
            self.assert_adds_up(target)
            self.assertTrue(target["name"].endswith("/any/route, JSON"))
            self.assertEqual(target["stages_us"], {})

    def test_a_first_answer_that_is_an_error(self):
        with OddServer(answer_of("out of order", "500 Internal Server Error")) as server:
            self.assert_fails(run("bench", server.url, *SHORT), f"{server.url} answered 500 to a first request: out of order")

    def test_no_request_of_a_block_is_answered(self):
        with OddServer(answer_of("{}"), answer_of("busy", "503 Service Unavailable")) as server:
            done = run("bench", server.url, *SHORT)
            self.assert_fails(done, "no request of a block was answered; the first error: 503 busy")

    def test_a_server_that_closes(self):
        with OddServer(answer_of("{}"), None) as server:
            self.assert_fails(run("bench", server.url, *SHORT), f"lost the connection to {server.url}")

    def test_a_server_that_closes_after_some_answers(self):
        with OddServer(*[answer_of("{}")] * 5, None) as server:
            self.assert_fails(run("bench", server.url, *SHORT), f"lost the connection to {server.url}")

    def test_an_answer_without_content_length(self):
        with OddServer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") as server:
            self.assert_fails(run("bench", server.url, *SHORT), "without Content-Length")

    def test_an_answer_longer_than_it_says(self):
        with OddServer(answer_of("{}"), answer_of("{}") + b"more") as server:
            self.assert_fails(run("bench", server.url, *SHORT), "an answer is longer than its Content-Length")

    def test_a_head_without_end(self):
        with OddServer(answer_of("{}"), b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000) as server:
            self.assert_fails(run("bench", server.url, *SHORT), "the head of an answer is above 16384 bytes")
        with OddServer(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000) as server:
            self.assert_fails(run("bench", server.url, *SHORT), "the head of an answer is above 16384 bytes")

    def test_an_answer_larger_than_can_be_kept(self):
        for size in (2**30 + 1, 2**64 - 1):
            with OddServer(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode()) as server:
                self.assert_fails(run("bench", server.url, *SHORT), f"an answer has {size} bytes; this client takes at most 1073741824")

    def test_metadata_that_is_none(self):
        for metadata, part in (("{}", "does not answer with a model's metadata"), ("no json", "does not answer with"),
                               ('{"inputs":[{"name":"x"}]}', "an input without name, datatype or shape"),
                               ('{"inputs":[{"name":"x","datatype":"FP32","shape":["a"]}]}', "no list of integers"),
                               ('{"inputs":[{"name":"x","datatype":"FP32","shape":[1,1,1,1,1,1,1,1,1]}]}', "9 dims"),
                               ('{"inputs":[{"name":"x","datatype":"FP32","shape":[3000000000]}]}',
                                "input 'x' of shape [3000000000] takes 3000000000 elements; the limit is 268435456"),
                               ('{"inputs":[{"name":"x","datatype":"BYTES","shape":[1]}]}', "'x' is BYTES")):
            with self.subTest(metadata), OddServer(answer_of("{}"), metadata=metadata) as server:
                self.assert_fails(run("bench", server.url, *SHORT), part)


if __name__ == "__main__":
    unittest.main()

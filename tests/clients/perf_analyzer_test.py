"""perf_analyzer, Triton's own measuring program, on every transport: it must get through, and its figures must add up.

Its JSON tensors (--input-tensor-format json) are not tried: it sends one element for a shape of 16.
"""
import re
import unittest

import perf_analyzer
import served
from program import ServerTest

REPORT = re.compile(
    r"Request concurrency: (?P<concurrency>\d+)\n(?:  .*\n)*?"
    r" +Request count: (?P<requests>\d+)\n(?:  .*\n)*?"
    r" +Avg latency: (?P<latency>\d+) usec.*\n(?:  .*\n)*?"
    r" +Inference count: (?P<inferences>\d+)\n"
    r" +Execution count: (?P<executions>\d+)\n"
    r" +Successful request count: (?P<successes>\d+)\n"
    r" +Avg request latency: (?P<total>\d+) usec \(overhead (?P<overhead>\d+) usec \+ queue (?P<queue>\d+) usec"
    r" \+ compute input (?P<input>\d+) usec \+ compute infer (?P<infer>\d+) usec \+ compute output (?P<output>\d+) usec\)")


class PerfAnalyzer(ServerTest):
    @classmethod
    def start(cls, directory):
        return served.start(directory, "--allow-client-shm")

    def measure(self, model, *arguments, concurrencies="1:8:7"):
        """A dictionary of figures for each concurrency."""
        done = perf_analyzer.measure(model, self.server.address, "--concurrency-range", concurrencies, *arguments)
        self.assertEqual(done.returncode, 0, (done.args, done.stdout, done.stderr))
        found = [{name: float(value) for name, value in report.groupdict().items()} for report in REPORT.finditer(done.stdout)]
        self.assertTrue(found, done.stdout)
        for each in found:
            self.assert_adds_up(each)
        return {int(each["concurrency"]): each for each in found}

    def assert_adds_up(self, figures):
        self.assertGreater(figures["requests"], 0, figures)
        # A request of each connection may have been answered before a window that counts it began, by the client's clock.
        self.assertGreaterEqual(figures["successes"], figures["requests"] - perf_analyzer.WINDOWS * figures["concurrency"], figures)
        parts = sum(figures[name] for name in ("queue", "input", "infer", "output"))
        self.assertLessEqual(parts, figures["latency"], figures)
        self.assertLessEqual(abs(figures["total"] - figures["overhead"] - parts), 5, figures)  # each is rounded down

    def measure_both_sizes(self, *arguments):
        for model in ("relu", "image"):
            with self.subTest(model):
                figures = self.measure(model, *arguments)
                self.assertEqual(list(figures), [1, 8])
                for each in figures.values():
                    self.assertEqual(each["inferences"], each["successes"])
                    self.assertEqual(each["executions"], each["successes"])

    def test_http(self):
        self.measure_both_sizes("-i", "http")

    def test_grpc(self):
        self.measure_both_sizes("-i", "grpc")

    def test_grpc_stream(self):
        self.measure_both_sizes("-i", "grpc", "--streaming")

    def test_http_with_shared_memory(self):
        self.measure_both_sizes("-i", "http", "--shared-memory=system")

    def test_grpc_with_shared_memory(self):
        self.measure_both_sizes("-i", "grpc", "--shared-memory=system")

    def test_grpc_stream_with_shared_memory(self):
        self.measure_both_sizes("-i", "grpc", "--streaming", "--shared-memory=system")

    def test_batches(self):
        for protocol in ("http", "grpc"):
            with self.subTest(protocol):
                figures = self.measure("gathered", "-i", protocol, "-b", "4", concurrencies="8")[8]
                self.assertEqual(figures["inferences"], 4 * figures["successes"])
                self.assertLessEqual(figures["executions"], figures["successes"])

    def test_strings_of_a_shape(self):
        figures = self.measure("strings", "-i", "grpc", "--shape", "text:5", "--string-length", "100", concurrencies="2")
        self.assertEqual(list(figures), [2])

    def test_a_version(self):
        self.measure("versioned", "-i", "http", "-x", "1", concurrencies="2")
        counts = {stats["version"]: stats["execution_count"]
                  for stats in self.server.ask("GET", "/v2/models/versioned/stats").json()["model_stats"]}
        self.assertGreater(counts["1"], 0)
        self.assertEqual(counts["2"], 0)


if __name__ == "__main__":
    unittest.main()

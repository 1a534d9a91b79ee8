"""docs/performance.md: what bench/ makes of results. The results here are made up, so that each verdict can be seen."""
import copy
import json
import subprocess
import sys
import unittest

from program import SOURCE, ProgramTest

sys.path.insert(0, str(SOURCE / "bench"))
import bootstrap  # noqa: E402
import page  # noqa: E402
import rows  # noqa: E402

MACHINE = {"fingerprint": "0123456789abcdef", "cpu": "a cpu", "cpu_features": "avx2", "cores": 2, "memory_bytes": 8 << 30,
           "kernel": "Linux 6", "compiler": "GCC 12"}


def interval(median, low, high):
    return {"median": median, "low95": low, "high95": high}


def target(rate, p50=100.0, p99=200.0, **more):
    blocks = [{"requests": rate // 10, "elapsed_ms": 100.0} for _ in range(5)]
    latency = {"mean": p50, "p50": p50, "p90": p50, "p99": p99, "p99.9": p99, "max": p99}
    return {"name": "n", "requests": rate, "errors": 0, "requests_per_s": rate, "call_us": 1e6 / rate, "latency_us": latency,
            "blocks": blocks, "stages_us": {"parse": 1.0, "compute": 3.0}, **more}


def document(name, labels, targets, comparisons, **more):
    load = {"arrivals": "closed", "concurrency": 8, "block_ms": 100, "rounds": 5, "seed": 0}
    return {"experiment": name, "quick": False, "labels": labels, "commands": ["oarlock bench http://127.0.0.1:4711/x"],
            "result": {"started": "2020-02-03T04:05:06Z", "machine": MACHINE, "load": load, "targets": targets,
                       "comparisons": comparisons}, **more}


def call(difference, allocations=0.0):
    return document("call_openvino", ["Oarlock, openvino", "raw openvino"],
                    [target(500_000, own_allocations_per_call=allocations), target(550_000)],
                    [{"call_difference_us": difference}])


def http_json(echo=100_000, nginx=100_000, errors=0):
    far = {"throughput_ratio": interval(12, 11, 13), "p50_ratio": interval(.1, .1, .2), "p99_ratio": interval(.9, .8, 1.25)}
    made = document("http_json", ["Oarlock", "http_echo", "nginx", "FastAPI", "Flask"],
                    [target(70_000), target(echo), target(nginx), target(5_000), target(2_000)],
                    [{"throughput_ratio": interval(.7, .65, .75)}, {}, far,
                     {**far, "throughput_ratio": interval(10.5, 9.5, 11), "p99_ratio": interval(.5, .4, .6)}])
    made["result"]["targets"][3]["errors"] = errors
    return made


def verdicts(made):
    return [row.verdict for row in rows.rows_of({made["experiment"]: made})]


class Verdicts(unittest.TestCase):
    def test_a_row_holds_by_the_end_of_its_interval(self):
        self.assertEqual(verdicts(call(interval(.1, 0, .3))), ["held"])
        self.assertEqual(verdicts(call(interval(.1, 0, .5))),
                         ["**not held**: the upper end, 0.500 us, is 0.200 us above; the median is within"])
        self.assertEqual(verdicts(call(interval(.4, .35, .5))), ["**not held**: the upper end, 0.500 us, is 0.200 us above"])

    def test_allocations_break_a_row_too(self):
        self.assertEqual(verdicts(call(interval(.1, 0, .2), 1.0)), ["**not held**: allocations of ours per call: 1.0"])
        uncounted = call(interval(.1, 0, .2))
        del uncounted["result"]["targets"][0]["own_allocations_per_call"]
        self.assertEqual(verdicts(uncounted), ["**not held**: allocations of ours per call: not counted"])

    def test_each_condition_that_does_not_hold_is_named(self):
        self.assertEqual(verdicts(http_json()), [
            "held", "**not held**: p99 is up to 1.25x of its",
            "**not held**: the lower end, 9.500x, is 0.500x below; the median is within"])

    def test_an_echo_slower_than_nginx_voids_the_row(self):
        self.assertEqual(verdicts(http_json(echo=79_000))[0],
                         "**void**: http_echo has 0.79x of nginx's requests/s, below 0.8x")
        self.assertEqual(verdicts(http_json(echo=80_000))[0], "held")

    def test_errors_void_the_row(self):
        for verdict in verdicts(http_json(errors=2)):
            self.assertEqual(verdict, "**void**: FastAPI answered 2 requests with errors")

    def test_start_is_a_ratio_of_pairs(self):
        made = {"experiment": "start_up", "quick": False, "labels": ["Oarlock", "FastAPI"], "commands": [],
                "machine": MACHINE, "started": "2020-02-03T04:05:06Z", "samples_ms": [[50, 55, 60], [500, 550, 600]]}
        self.assertEqual(verdicts(made), ["held"])
        made["samples_ms"][0] = [100, 110, 120]
        self.assertEqual(verdicts(made), ["**not held**: the upper end, 0.200x, is 0.033x above"])


class Bootstrap(unittest.TestCase):
    def test_interval_is_that_of_the_binomial_distribution_and_given_by_the_seed(self):
        # As in src/bench/statistics_test.cc.
        bounds = bootstrap.interval(range(1, 10))
        self.assertEqual(bounds, {"median": 5, "low95": 2, "high95": 8})
        self.assertEqual(bootstrap.interval(range(1, 10)), bounds)

    def test_pairs_must_be_pairs(self):
        self.assertEqual(bootstrap.paired_ratio([2, 4], [4, 8]), {"median": .5, "low95": .5, "high95": .5})
        with self.assertRaises(ValueError):
            bootstrap.paired_ratio([1], [1, 2])


class Page(ProgramTest):
    def publish(self, *arguments):
        return subprocess.run([sys.executable, SOURCE / "bench" / "publish.py", *arguments], capture_output=True, text=True,
                              timeout=60, check=False)

    def test_says_machine_date_commands_and_method(self):
        made = http_json()
        text = page.render({"http_json": made})
        for part in ("`0123456789abcdef`; 2020-02-03", "oarlock bench http://127.0.0.1:PORT/x", "## Method",
                     "](images/performance-http_json.svg)", "| compute | 3.0 | 75 % |", "| Flask | 2,000 | 100 |"):
            self.assertIn(part, text)
        self.assertNotIn("4711", text)
        self.assertNotIn("Tried out only", text)

    def test_results_of_two_machines_are_told_apart(self):
        other = copy.deepcopy(call(interval(.1, 0, .2)))
        other["result"]["machine"]["fingerprint"] = "f" * 16
        text = page.render({"call_openvino": other, "http_json": http_json()})
        self.assertRegex(text, r"- call_openvino: .*`f{16}`")
        self.assertRegex(text, r"- http_json: .*`0123456789abcdef`")

    def test_publishing_keeps_results_and_what_was_there(self):
        results, docs = self.directory / "results", self.directory / "docs"
        self.path("results/http_json.json", json.dumps(http_json()))
        self.path("results/http_json/latency.svg", "<svg><text>n</text></svg>")
        self.path("docs/performance/call_openvino.json", json.dumps(call(interval(.1, 0, .2))))
        done = self.publish("--results", results, "--docs", docs)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        text = (docs / "performance.md").read_text(encoding="utf-8")
        self.assertIn("relu [1,16], openvino", text)
        self.assertIn("against FastAPI", text)
        self.assertEqual((docs / "images" / "performance-http_json.svg").read_text(encoding="utf-8"),
                         "<svg><text>Oarlock</text></svg>")
        self.assertEqual(self.publish("--check", "--docs", docs).returncode, 0)
        (docs / "performance.md").write_text(text + "and more\n", encoding="utf-8")
        self.assertIn("is not what", self.publish("--check", "--docs", docs).stderr)

    def test_there_are_no_results(self):
        done = self.publish("--docs", self.directory)
        self.assertEqual(done.returncode, 1)
        self.assertIn("there are no results in", done.stderr)

    def test_the_committed_page_is_what_its_results_say(self):
        if not (SOURCE / "docs" / "performance").is_dir():
            self.skipTest("there is no docs/performance: ./scripts/bench has not been run yet")
        done = self.publish("--check")
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()

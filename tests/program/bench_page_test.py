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


def compared(throughput, p99, difference=None, errors=0, batches=None):
    """A result of two ways of one model."""
    targets = [target(20_000), target(10_000, errors=errors)]
    if batches:
        targets[0]["batches"] = batches
    return {"machine": MACHINE, "started": "2020-02-03T04:05:06Z", "targets": targets, "comparisons": [
        {"throughput_ratio": throughput, "p99_ratio": p99, "call_difference_us": difference, "call_ratio": throughput}]}


def points(name, labels, *made, **more):
    return {"experiment": name, "quick": False, "labels": labels, "commands": [], "machine": MACHINE,
            "started": "2020-02-03T04:05:06Z", "points": list(made), **more}


def batching(raw_ratio, gain=interval(1.4, 1.35, 1.5)):
    batches = {"runs": {"1": 20, "8": 10}, "closed": {"eager": 20, "full": 10}, "padding_rows": 0}
    return points("batching", ["batched", "one by one"],
                  {"model": "small_cnn", "engine": "openvino", "result": compared(gain, interval(1, 1, 1), batches=batches)},
                  {"model": "small_cnn", "engine": "openvino", "raw_rows": [8, 1], "result": compared(raw_ratio, interval(1, 1, 1))})


def queues(name, **measured):
    return {"experiment": name, "quick": False, "labels": [], "commands": [], "machine": MACHINE,
            "started": "2020-02-03T04:05:06Z", "measured": {"executions": 2, "rate_per_s": 140.0, **measured}}


def open_loop(p99, poisson, ideal=40.0, answered=10):
    def block(arrivals, latency_p99):
        return {"arrivals": arrivals, "asked": 10, "answered": answered, "latency_us": {"p50": 10.0, "p99": latency_p99},
                "ideal_us": {"p50": 10.0, "p99": ideal}}
    return queues("open_loop", blocks=[block("constant", p99), block("poisson", poisson)] * 5)


def overload(per_s, refusal_us, failed=0):
    latency = {"p50": 1.0, "p99": 2.0}
    ours = {"queue_requests_max": 32, "asked": 900, "answered": 300, "refused": 600, "failed_or_cut_off": failed,
            "latency_us": latency, "refusal_us": {"p99": refusal_us}, "answered_per_s": [per_s] * 3}
    return queues("overload", capacity_per_s=[100.0, 98.0], overloads=[ours, {"latency_us": latency}])


class RuntimeVerdicts(unittest.TestCase):
    def test_batching_has_a_reach_where_the_raw_engine_gains(self):
        # Eight rows in four times the time of one are twice as many a second.
        self.assertEqual(verdicts(batching(interval(4, 4, 4))), ["held"])
        self.assertEqual(verdicts(batching(interval(4, 4, 4), interval(1.4, 1.2, 1.5))),
                         ["**not held**: the lower end, 1.200x, is 0.100x below; the median is within"])
        self.assertEqual(verdicts(batching(interval(6, 6, 6))), ["no reach: the raw engine gains less than 1.5x"])

    def test_the_pool_is_held_to_every_number_of_callers(self):
        good, bad = compared(interval(2, 1, 3), interval(.5, .4, 1)), compared(interval(2, .9, 3), interval(2, 1.5, 3))
        made = points("pool", ["pool", "lock"], *({"model": "small_cnn", "engine": "openvino", "callers": callers, "result": result}
                                                  for callers, result in ((1, good), (16, bad))))
        self.assertEqual(verdicts(made), [
            "16 callers: **not held**: the lower end, 0.900x, is 0.100x below; the median is within; "
            "**not held**: the upper end, 3.000x, is 2.000x above"])
        made["points"].pop()
        self.assertEqual(verdicts(made), ["held"])
        made["points"][0]["result"]["targets"][1]["errors"] = 2
        self.assertEqual(verdicts(made), ["**void**: n answered 2 requests with errors"])

    def test_the_batcher_may_cost_a_microsecond(self):
        for high, verdict in ((1, "held"), (1.5, "**not held**: the upper end, 1.500 us, is 0.500 us above; the median is within")):
            result = compared(interval(1, 1, 1), interval(1, 1, 1), interval(.2, .1, high))
            self.assertEqual(verdicts(points("batcher_overhead", [], {"engine": "openvino", "result": result})), [verdict])

    def test_open_loads_are_held_to_the_median_and_to_an_ideal_queue(self):
        self.assertEqual(verdicts(open_loop(20, 48)), ["held", "held"])
        self.assertEqual(verdicts(open_loop(21, 50)), ["**not held**: the upper end, 2.100x, is 0.100x above",
                                                       "**not held**: the upper end, 1.250x, is 0.050x above"])
        self.assertEqual(verdicts(open_loop(20, 48, answered=9)), ["**void**: 1 requests were not answered"] * 2)

    def test_overload_is_held_to_what_the_model_bears_and_to_prompt_refusals(self):
        self.assertEqual(verdicts(overload(90, 4999)), ["held"])
        self.assertEqual(verdicts(overload(80, 5000)), ["**not held**: the lower end, 0.800x, is 0.100x below; "
                                                        "**not held**: p99 of a refusal is 5.00 ms"])
        self.assertEqual(verdicts(overload(90, 10, failed=3)), ["**void**: 3 requests failed"])

    def test_many_models_have_no_threads_of_their_own(self):
        def run(label, **more):
            return {"engine": "openvino", "label": label, "models": 100, "each_ms": 5.0, "each_rss_bytes": 1e6, **more}
        for threads, verdict in ((7, "held"), (9, "**not held**: 9 threads, 2 above")):
            ours = run("Oarlock", thread_budget=2, threads_first=7, threads_asked=threads)
            self.assertEqual(verdicts(points("many_models", [], ours, run("raw"))), [verdict])


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

    def test_batches_are_drawn_and_told(self):
        self.path("results/batching.json", json.dumps(batching(interval(4, 4, 4))))
        done = self.publish("--results", self.directory / "results", "--docs", self.directory / "docs")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        text = (self.directory / "docs/performance.md").read_text(encoding="utf-8")
        self.assertIn("| small_cnn, openvino | 1: 20, 8: 10 | eager 20, full 10 | 0 |", text)
        svg = (self.directory / "docs/images/performance-batching.svg").read_text(encoding="utf-8")
        self.assertEqual(svg.count('fill="#0072b2"'), 3)  # two sizes, and the key

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

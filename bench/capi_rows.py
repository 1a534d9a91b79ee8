"""The rows of capi_experiments.py; as rows.py."""
from verdicts import Row, at_least, at_most, interval_text


def comparison(point):
    return point["result"]["comparisons"][0]


def times(point):
    return " against ".join(f"{each['call_us']:.3f} us" for each in point["result"]["targets"])


def difference_rows(document, what, reach_us, reach):
    for point in document["points"]:
        difference = comparison(point)["call_difference_us"]
        yield Row(document["experiment"], f"{what}, relu [1,16], {point['engine']}", reach,
                  f"{interval_text(difference, 3, ' us')}; {times(point)}", at_most(difference, reach_us, " us"))


def runner_core_rows(document):
    return difference_rows(document, "Runner's call through the C API, minus the C++ class behind it", 0.03, "<= +30 ns")


def runner_raw_rows(document):
    return difference_rows(document, "Runner's call through the C API, minus the raw engine bound once", 0.3, "<= +0.3 us")


def runner_threads_rows(document):
    for engine in dict.fromkeys(point["engine"] for point in document["points"]):
        one, many = sorted((point for point in document["points"] if point["engine"] == engine),
                           key=lambda point: point["threads"])
        # How much longer a call takes than the raw engine's, with one thread and with many: the ratio of the two is what
        # our throughput gains by the threads over what the raw engine's does. The ends are taken against each other.
        alone, together = comparison(one)["call_ratio"], comparison(many)["call_ratio"]
        scaling = {"median": alone["median"] / together["median"], "low95": alone["low95"] / together["high95"],
                   "high95": alone["high95"] / together["low95"]}
        yield Row(document["experiment"], f"{many['threads']} threads with a runner each, one predictor, relu [1,16], {engine}: "
                  "gain of requests/s over one thread, against the raw engine's gain", ">= 0.95x",
                  f"{interval_text(scaling)}x; on {many['threads']} threads {times(many)}, on one {times(one)}",
                  at_least(scaling, 0.95))


ROWS = {
    "runner_core": runner_core_rows,
    "runner_raw": runner_raw_rows,
    "runner_threads": runner_threads_rows,
}

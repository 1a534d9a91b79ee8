"""The rows of runtime_experiments.py; as rows.py."""
import statistics

import bootstrap
import capi_rows
import go_rows
import network_rows
from verdicts import Row, at_least, at_most, both, interval_text, number

MODELS = {"small_cnn": "small convolutional model", "dense_cnn": "small convolutional model with two large matrix products",
          "relu_rows": "near-empty model"}
BATCHING_GAIN = 1.5  # of the raw engine: below it, batching has nothing to win


def errors_in(document):
    """Of the results of a document: a target that answers with errors has not done the work that it is measured by."""
    for point in document.get("points", []):
        for measured in point.get("result", {}).get("targets", []):
            if measured["errors"] > 0:
                yield f"{measured['name']} answered {measured['errors']} requests with errors"


def first_comparison(point):
    return point["result"]["comparisons"][0]


def batching_rows(document):
    runs = [point for point in document["points"] if "raw_rows" not in point]
    raw = {(point["model"], point["engine"]): point for point in document["points"] if "raw_rows" in point}
    for point in runs:
        beside = raw[point["model"], point["engine"]]
        most, least = beside["raw_rows"]
        ratio = first_comparison(beside)["call_ratio"]
        # A call of `most` rows against one of `least`: the gain is that in rows per second.
        gain = {"median": most / least / ratio["median"], "low95": most / least / ratio["high95"],
                "high95": most / least / ratio["low95"]}
        throughput = first_comparison(point)["throughput_ratio"]
        rates = " against ".join(f"{number(each['requests_per_s'])}/s" for each in point["result"]["targets"])
        verdict = at_least(throughput, 1.3) if gain["median"] >= BATCHING_GAIN else (
            f"no reach: the raw engine gains less than {BATCHING_GAIN}x")
        yield Row(document["experiment"], f"Batches of up to {most} against one by one, {MODELS[point['model']]}, "
                  f"{point['engine']}, 16 callers",
                  f">= 1.3x requests/s where the raw engine gains >= {BATCHING_GAIN}x at that batch size",
                  f"{interval_text(throughput)}x; {rates}; the raw engine gains {interval_text(gain)}x", verdict)


def pool_rows(document):
    for model, engine in dict.fromkeys((point["model"], point["engine"]) for point in document["points"]):
        measured, verdicts = [], []
        for point in (each for each in document["points"] if (each["model"], each["engine"]) == (model, engine)):
            versus = first_comparison(point)
            measured.append(f"{point['callers']}: {interval_text(versus['throughput_ratio'])}x requests/s, "
                            f"{interval_text(versus['p99_ratio'])}x p99")
            verdict = both(at_least(versus["throughput_ratio"], 1), at_most(versus["p99_ratio"], 1, "x"))
            verdicts.append("held" if verdict == "held" else f"{point['callers']} callers: {verdict}")
        yield Row(document["experiment"], f"Pool of executions against one behind a lock, {MODELS[model]}, {engine}",
                  "at 1 to 16 callers: >= 1x requests/s, <= 1x p99", "; ".join(measured), both(*verdicts))


def batcher_overhead_rows(document):
    for point in document["points"]:
        versus = first_comparison(point)
        times = " against ".join(f"{each['call_us']:.2f} us" for each in point["result"]["targets"])
        yield Row(document["experiment"], f"Call through the batcher that runs at once, relu [1,16], {point['engine']}, "
                  "one caller, minus a direct call", "<= +1 us",
                  f"{interval_text(versus['call_difference_us'], 3, ' us')}; {times}",
                  at_most(versus["call_difference_us"], 1, " us"))


def ratios_of(blocks, ours, theirs):
    return bootstrap.paired_ratio([ours(block) for block in blocks], [theirs(block) for block in blocks])


def open_loop_rows(document):
    measured = document["measured"]
    load = (f"10 ms model, {measured['executions']} executions, {number(measured['rate_per_s'])} requests/s, 70 % of what "
            "they bear")
    blocks = {name: [block for block in measured["blocks"] if block["arrivals"] == name]
              for name in ("constant", "poisson")}

    def p99(block):
        return block["latency_us"]["p99"]
    spread = ratios_of(blocks["constant"], p99, lambda block: block["latency_us"]["p50"])
    ideal = ratios_of(blocks["poisson"], p99, lambda block: block["ideal_us"]["p99"])
    unanswered = [f"**void**: {block['asked'] - block['answered']} requests were not answered"
                  for block in measured["blocks"] if block["asked"] != block["answered"]]

    def times(name, key):
        return number(statistics.median(block[key]["p99"] for block in blocks[name]) / 1000)
    yield Row(document["experiment"], f"Constant rate, {load}: p99 over p50", "<= 2x",
              f"{interval_text(spread)}x; p99 {times('constant', 'latency_us')} ms",
              "; ".join(unanswered[:1]) or at_most(spread, 2, "x"))
    yield Row(document["experiment"], f"Poisson arrivals, {load}: p99 over that of an ideal queue", "<= 1.2x",
              f"{interval_text(ideal)}x; p99 {times('poisson', 'latency_us')} against {times('poisson', 'ideal_us')} ms",
              "; ".join(unanswered[:1]) or at_most(ideal, 1.2, "x"))


def overload_rows(document):
    measured = document["measured"]
    capacity = max(measured["capacity_per_s"])
    ours, theirs = measured["overloads"]
    goodput = bootstrap.interval(count / capacity for count in ours["answered_per_s"])
    refusal_ms = ours["refusal_us"]["p99"] / 1000
    prompt = "held" if refusal_ms < 5 else f"**not held**: p99 of a refusal is {refusal_ms:.2f} ms"
    failed = f"**void**: {ours['failed_or_cut_off']} requests failed" if ours["failed_or_cut_off"] else ""
    yield Row(document["experiment"], f"Overload, {number(measured['rate_per_s'])} requests/s, 3x what a 10 ms model bears, "
              f"{len(ours['answered_per_s'])} s, at most {ours['queue_requests_max']} waiting",
              "answers/s >= 0.9x of what it bears; refusals p99 < 5 ms",
              f"{interval_text(goodput)}x of {number(capacity)}/s; {ours['refused']:,} refusals, p99 {refusal_ms:.2f} ms; "
              f"answers p99 {number(ours['latency_us']['p99'] / 1000)} ms, without a limit "
              f"{number(theirs['latency_us']['p99'] / 1000)} ms",
              failed or both(at_least(goodput, 0.9), prompt))


def many_models_rows(document):
    for engine in dict.fromkeys(point["engine"] for point in document["points"]):
        points = [point for point in document["points"] if point["engine"] == engine]
        ours = [point for point in points if point["label"] == "Oarlock"]
        raw = [point for point in points if point["label"] == "raw"]

        def spread(key, runs, scale=1.0):
            return interval_text(bootstrap.interval(point[key] * scale for point in runs), 2)
        threads, budget = max(point["threads_asked"] for point in ours), ours[0]["thread_budget"]
        limit = budget + (ours[0]["threads_first"] - budget)
        yield Row(document["experiment"], f"{ours[0]['models']} small convolutional models in one process, {engine}",
                  "threads <= budget + a constant, which is what one model has",
                  f"{spread('each_rss_bytes', ours, 1e-6)} MB and {spread('each_ms', ours)} ms to load each, against "
                  f"{spread('each_rss_bytes', raw, 1e-6)} MB and {spread('each_ms', raw)} ms of the raw engine; {threads} "
                  f"threads while 16 callers ask all, {ours[0]['threads_first']} with one model, budget {budget}",
                  "held" if threads <= limit else f"**not held**: {threads} threads, {threads - limit} above")


ROWS = {
    "batching": batching_rows,
    "pool": pool_rows,
    "batcher_overhead": batcher_overhead_rows,
    "open_loop": open_loop_rows,
    "overload": overload_rows,
    "many_models": many_models_rows,
}


def rows_of(documents):
    for name, make in {**network_rows.ROWS, **ROWS, **capi_rows.ROWS, **go_rows.ROWS}.items():
        if name not in documents:
            continue
        broken = next(errors_in(documents[name]), None)
        for row in make(documents[name]):
            if broken:
                row.verdict = f"**void**: {broken}"
            yield row

"""The rows of go_experiments.py; as rows.py."""
import bootstrap
from verdicts import Row, at_least, at_most, both, interval_text, number

MODELS = {"relu_1x16": "relu [1,16]", "corner_602k": "first pixel of [1,3,224,224], 602,112 bytes",
          "small_cnn": "small convolutional model"}


def by(items, **wanted):
    return next(each for each in items if all(each[key] == value for key, value in wanted.items()))


def allocations(target, most):
    text = f"{target['allocations_per_call']:.0f} allocations, {target['allocated_bytes_per_call']:,.0f} bytes"
    fits = target["allocations_per_call"] <= most
    return text, "held" if fits else f"**not held**: {text} a call"


def against(point, ours, what, reach, most):
    """A row of whole calls through both bindings."""
    comparison = by(point["comparisons"], ours=ours)
    mine, theirs = (by(point["targets"], name=name) for name in (ours, comparison["theirs"]))
    text, clean = allocations(mine, most)
    return Row("go_calls", f"Go, {what}, {MODELS[point['model']]}, onnxruntime: {ours} over onnxruntime_go's {comparison['theirs']}",
               reach, f"{interval_text(comparison['call_ratio'])}x; {mine['call_us']:.3f} against {theirs['call_us']:.3f} us; "
               f"{text} against {allocations(theirs, 0)[0]}; added to the same calls in C: {added(point, mine)} against {added(point, theirs)}",
               both(at_most(comparison["call_ratio"], 1, "x"), clean))


def added(point, target):
    return interval_text(by(point["overheads"], name=target["name"])["difference_us"], 3, " us")


def go_calls_rows(document):
    point = by(document["points"], model="relu_1x16")
    comparison = by(point["comparisons"], ours="Runner.Run")
    runner, session = (by(point["targets"], name=name) for name in ("Runner.Run", "AdvancedSession.Run"))
    text, clean = allocations(runner, 0)
    yield Row("go_calls", "Go, bound tensors, relu [1,16], onnxruntime: what Runner.Run adds to a loop in C, minus what "
              "onnxruntime_go's AdvancedSession.Run adds", "<= 0 us; 0 allocations",
              f"{interval_text(comparison['overhead_difference_us'], 3, ' us')}; {added(point, runner)} against "
              f"{added(point, session)}; calls {runner['call_us']:.3f} against {session['call_us']:.3f} us; {text}",
              both(at_most(comparison["overhead_difference_us"], 0, " us"), clean))
    yield against(point, "Predictor.Infer", "tensors used again", "<= 1x; 0 allocations", 0)
    yield against(point, "Predictor.Infer, new tensors", "tensors of each call's own", "<= 1x; <= 3 allocations", 3)
    point = by(document["points"], model="corner_602k")
    for name in ("Runner.Run", "Predictor.Infer"):
        overhead = by(point["overheads"], name=name)
        yield Row("go_calls", f"Go, {MODELS['corner_602k']}, onnxruntime: {name} minus {overhead['raw']}", "<= +1 us: no copy",
                  interval_text(overhead["difference_us"], 3, " us"), at_most(overhead["difference_us"], 1, " us"))


def go_load_rows(document):
    for point in document["points"]:
        ours, *others = point["targets"]
        best = max(others, key=lambda each: each["requests_per_s"])
        comparison = by(point["comparisons"], theirs=best["name"])
        p99 = comparison["p99_ratio"]
        verdict = "held" if p99["high95"] < 1 else f"**not held**: p99 is up to {p99['high95']:.2f}x of its"
        executions = f"{point['executions']} executions" if point["executions"] else "an execution for each core"
        yield Row("go_load", f"Go, {point['caller_count']} goroutines, {MODELS[point['model']]}, onnxruntime: Predictor.Infer, "
                  f"{executions}, over the better of onnxruntime_go's ways, {best['name']}", ">= 1x requests/s; lower p99",
                  f"{interval_text(comparison['throughput_ratio'])}x; {number(ours['requests_per_s'])}/s against "
                  f"{number(best['requests_per_s'])}/s; p99 {number(ours['latency_us']['p99'])} against "
                  f"{number(best['latency_us']['p99'])} us, {interval_text(p99)}x; processor's time of a request "
                  f"{interval_text(comparison['cpu_ratio'])}x; {ours['thread_count']} against {best['thread_count']} threads",
                  both(at_least(comparison["throughput_ratio"], 1), verdict))


def go_ocr_rows(document):
    """One row against each number of workers: requests, the slowest of a hundred, memory, and what a request takes."""
    ours, *others = document["blocks"]
    for theirs in others:
        ratio = {key: bootstrap.paired_ratio(*([block[key] for block in document["blocks"][each]] for each in (ours, theirs)))
                 for key in ("requests_per_s", "p99_ms", "cpu_ms")}
        middle = {each: {key: bootstrap.interval(block[key] for block in document["blocks"][each])["median"]
                         for key in ("requests_per_s", "p50_ms", "p99_ms")} for each in (ours, theirs)}
        memory = [document["memory"][each]["rss_bytes"] / 1e6 for each in (ours, theirs)]
        low = "held" if ratio["p99_ms"]["high95"] < 1 and memory[0] < memory[1] else "**not held**: p99 or memory is not lower"
        yield Row("go_ocr", f"waybill service, {document['connections']} connections: Go over {theirs} (gunicorn, gevent, onnxruntime)",
                  ">= 10x requests/s; lower p99 and memory",
                  f"{interval_text(ratio['requests_per_s'])}x; {number(middle[ours]['requests_per_s'])}/s against "
                  f"{number(middle[theirs]['requests_per_s'])}/s; p50 {number(middle[ours]['p50_ms'])} against "
                  f"{number(middle[theirs]['p50_ms'])} ms; p99 {number(middle[ours]['p99_ms'])} against "
                  f"{number(middle[theirs]['p99_ms'])} ms, {interval_text(ratio['p99_ms'])}x; processor's time of a request "
                  f"{interval_text(ratio['cpu_ms'])}x; RSS {number(memory[0])} against {number(memory[1])} MB",
                  both(at_least(ratio["requests_per_s"], 10), low))


ROWS = {
    "go_calls": go_calls_rows,
    "go_load": go_load_rows,
    "go_ocr": go_ocr_rows,
}

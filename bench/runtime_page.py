"""What docs/performance.md shows of runtime_experiments.py besides their rows. Pure."""
import histogram
import rows

METHOD = """- **In process.** Batching, the pool, the batcher's overhead and the queues are measured without HTTP: callers are threads
  that wait for their answers, or a schedule that waits for none. `bench/runtime/` has the programs; both ways of one
  model run in one process, in blocks that take turns.
- **Runners.** `bench/capi/runner.cc` makes the same calls through the functions of the C API and by the C++ class behind
  them; on several threads each has a runner of its own, and the raw engine a request of its own, of one model. A call of
  several threads is the time until all of them have made theirs.
- **Go.** `bench/go` calls a model through package oarlock and through github.com/yalue/onnxruntime_go, and both C APIs in
  a loop of C's own: in one process, with one file of ONNX Runtime and its one environment, one thread a session, in blocks
  of 2 ms that take turns. What a binding adds is its call minus that of the loop, block by block. Under load, goroutines
  call again when they have their answer; a latency is that of the call alone. The processor's time is that of the whole
  process, by requests.
- **Waybill service.** `bench/ocr.py`: `examples/go-ocr` beside a Flask application of the same doing, with one worker and with one for each core,
  all of them running all the time and asked in turns by the same 16 keep-alive connections, after they have given the same answers.
- **Ideal queue.** The arrivals of a block and the service times that were measured in it, replayed: first come, first
  served, by as many servers as the model has executions, at no cost between.
- **Overload.** Requests at three times the rate that the model bears with always twice as many requests as executions;
  that rate is measured before and after, and the greater counts. A refusal counts from the time at which its request was
  due until the call that asked has returned.
- **Many models.** Memory is what VmRSS grows by, from the first model to all of them, by models; ours has an execution for
  each core, the raw engine one.
"""


def batched(document):
    """(model and engine, the target that went through the batcher)."""
    return [(f"{point['model']}, {point['engine']}", point["result"]["targets"][0]) for point in document["points"] if "raw_rows" not in point]


def batches_image(document):
    return histogram.render("Requests by the size of the batch they ran in",
                            [(label, target["batches"]) for label, target in batched(document)])


def batches_text(document):
    lines = ["### batching", "", "A closed load of 16 callers; where the requests ran.", "",
             "![Requests by the size of the batch they ran in](images/performance-batching.svg)", "",
             "| | batches, by rows | closed by | rows of padding |", "|---|---|---|---|"]
    for label, target in batched(document):
        batches = target["batches"]
        runs = ", ".join(f"{size}: {count:,}" for size, count in batches["runs"].items())
        closed = ", ".join(f"{why} {count:,}" for why, count in batches["closed"].items())
        lines.append(f"| {label} | {runs} | {closed} | {batches['padding_rows']:,} |")
    lines += ["", "| | | requests/s | p50 us | p99 us |", "|---|---|---|---|---|"]
    for point in document["points"]:
        if "raw_rows" not in point:
            lines += latency_lines(f"{point['model']}, {point['engine']}", document["labels"], point["result"])
    return "\n".join(lines) + "\n"


def latency_lines(where, labels, result):
    for label, target in zip(labels, result["targets"], strict=True):
        latency = target["latency_us"]
        yield (f"| {where} | {label} | {rows.number(target['requests_per_s'])} | {rows.number(latency['p50'])} | "
               f"{rows.number(latency['p99'])} |")


def pool_text(document):
    lines = ["### pool", "", "Callers that share a model with an execution for each core, against callers that share one "
             "execution behind a mutex.", "", "| callers | | requests/s | p50 us | p99 us |", "|---|---|---|---|---|"]
    for point in document["points"]:
        lines += latency_lines(f"{point['callers']}, {point['model']}, {point['engine']}", document["labels"], point["result"])
    return "\n".join(lines) + "\n"


def text(documents):
    parts = [make(documents[name]) for name, make in (("batching", batches_text), ("pool", pool_text)) if name in documents]
    return "## In process\n\n" + "\n".join(parts) if parts else ""

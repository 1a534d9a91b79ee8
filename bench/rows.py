"""What must come of the measurements: for each row a reach, what was measured, and whether it holds. A row holds if the
unfavourable end of the 95 % interval does. Pure: from the documents of docs/performance to rows."""
import bootstrap
import runtime_rows
from verdicts import Row, at_least, at_most, both, interval_text, number

VOID_BELOW = 0.8  # of nginx's requests/s: an echo so slow is no measure of what the machine can do


def target(document, label):
    return document["result"]["targets"][document["labels"].index(label)]


def comparison(document, label):
    """The first target against this one."""
    return document["result"]["comparisons"][document["labels"].index(label) - 1]


def rates(measured):
    return [block["requests"] / block["elapsed_ms"] * 1000 for block in measured["blocks"]]


def call_row(document):
    ours = document["labels"][0]
    engine = ours.rsplit(" ", 1)[1]
    difference = document["result"]["comparisons"][0]["call_difference_us"]
    allocations = target(document, ours).get("own_allocations_per_call")
    counted = "not counted" if allocations is None else f"{allocations:.1f}"
    clean = "held" if allocations == 0 else f"**not held**: allocations of ours per call: {counted}"
    times = " against ".join(f"{each['call_us']:.2f} us" for each in document["result"]["targets"])
    return Row(document["experiment"], f"Synchronous call in process, relu [1,16], {engine}, minus the raw engine",
               "<= +0.3 us; 0 allocations of ours",
               f"{interval_text(difference, 3, ' us')}; {times}; "
               f"allocations of ours: {counted}", both(at_most(difference, 0.3, " us"), clean))


def resnet50_row(document):
    engine = document["labels"][0].rsplit(" ", 1)[1]
    ratio = document["result"]["comparisons"][0]["call_ratio"]
    times = " against ".join(f"{each['call_us'] / 1000:.1f} ms" for each in document["result"]["targets"])
    return Row(document["experiment"], f"ResNet-50, {engine}, time per call over the raw engine's",
               "upper end <= 1.01", f"{interval_text(ratio)}; {times}", at_most(ratio, 1.01))


def echo_row(document):
    echo, nginx = (target(document, label) for label in ("http_echo", "nginx"))
    floor = bootstrap.paired_ratio(rates(echo), rates(nginx))
    ratio = comparison(document, "http_echo")["throughput_ratio"]
    verdict = at_least(ratio, 0.65)
    if floor["median"] < VOID_BELOW:
        verdict = f"**void**: http_echo has {floor['median']:.2f}x of nginx's requests/s, below {VOID_BELOW}x"
    figures = ", ".join(f"{label} {number(target(document, label)['requests_per_s'])}/s"
                        for label in ("Oarlock", "http_echo", "nginx"))
    return Row(document["experiment"], "HTTP, relu of 16 numbers as JSON, 8 connections, against a raw echo of the same bytes",
               f">= 0.65x requests/s; void if the echo has < {VOID_BELOW}x of nginx's",
               f"{interval_text(ratio)}x; {figures}; echo over nginx {interval_text(floor)}x", verdict)


def peer_row(document, label):
    ours, theirs, ratios = target(document, "Oarlock"), target(document, label), comparison(document, label)
    throughput = ratios["throughput_ratio"]
    verdicts = [at_least(throughput, 10)]
    latencies = []
    for name in ("p50", "p99"):
        ratio = ratios[f"{name}_ratio"]
        latencies.append(f"{name} {number(ours['latency_us'][name])} against {number(theirs['latency_us'][name])} us, "
                         f"{interval_text(ratio)}x")
        verdicts.append("held" if ratio["high95"] < 1 else f"**not held**: {name} is up to {ratio['high95']:.2f}x of its")
    return Row(document["experiment"], f"The same, against {label}", ">= 10x requests/s; lower p50 and p99",
               f"{interval_text(throughput, 1)}x; {number(ours['requests_per_s'])}/s against "
               f"{number(theirs['requests_per_s'])}/s; {'; '.join(latencies)}", both(*verdicts))


def binary_row(document):
    ours, theirs = (target(document, label)["latency_us"]["p50"] for label in ("Oarlock", "FastAPI"))
    ratio = comparison(document, "FastAPI")["p50_ratio"]
    return Row(document["experiment"], "HTTP, 602,112 bytes in, 4,096 bytes out, binary, 1 connection, against FastAPI",
               "p50 <= 0.45x", f"{interval_text(ratio)}x; {number(ours)} against {number(theirs)} us",
               at_most(ratio, 0.45, "x"))


def start_row(document):
    ours, theirs = document["samples_ms"]
    ratio = bootstrap.paired_ratio(ours, theirs)
    return Row(document["experiment"], "From starting the process to the first correct answer, relu of 16 numbers, "
               f"warm page cache, {len(ours)} starts of each, against FastAPI", "<= 1/6",
               f"{interval_text(ratio)}x; {interval_text(bootstrap.interval(ours), 0, ' ms')} against "
               f"{interval_text(bootstrap.interval(theirs), 0, ' ms')}", at_most(ratio, 1 / 6, "x"))


def unless_errors(document, row):
    """A target that answers with errors has not done the work that it is measured by."""
    for label, measured in zip(document["labels"], document.get("result", {}).get("targets", [])):
        if measured["errors"] > 0:
            row.verdict = f"**void**: {label} answered {measured['errors']} requests with errors"
    return row


def memory_rows(document):
    for label, held in zip(document["labels"], document["held"], strict=True):
        processes = "" if held["processes"] == 1 else f", {held['processes']} processes"
        yield Row(document["experiment"], f"Memory of the server after 1,000 requests, relu of 16 numbers: {label}", "",
                  f"RSS {held['rss_bytes'] / 1e6:.1f} MB, PSS {held['pss_bytes'] / 1e6:.1f} MB{processes}", "")


def rows_of(documents):
    """`documents`: by the experiment's name; those that are missing have no rows."""
    rows = []
    for name, make in (("call_onnxruntime", call_row), ("call_openvino", call_row),
                       ("resnet50_onnxruntime", resnet50_row), ("resnet50_openvino", resnet50_row),
                       ("http_json", echo_row), ("http_json", lambda document: peer_row(document, "FastAPI")),
                       ("http_json", lambda document: peer_row(document, "Flask")), ("http_binary", binary_row),
                       ("start_up", start_row)):
        if name in documents:
            rows.append(unless_errors(documents[name], make(documents[name])))
    if "memory_held" in documents:
        rows += memory_rows(documents["memory_held"])
    rows += runtime_rows.rows_of(documents)
    return rows

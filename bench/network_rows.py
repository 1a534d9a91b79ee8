"""The rows of network_experiments.py; as rows.py."""
from verdicts import Row, at_least, at_most, both, interval_text, number

MODELS = {"relu_16": "relu of 16 numbers", "image_602k": "602,112 bytes in, 4,096 bytes out"}
KINDS = {"http": "idle HTTP connections, each after one request", "grpc": "idle gRPC connections, each after one call",
         "stream": "gRPC streams, each after one exchange, on connections of their own"}


def rates(result):
    return " against ".join(f"{number(each['requests_per_s'])}/s" for each in result["targets"])


def connections(count):
    return f"{count} connection{'s' if count > 1 else ''}"


def echo_rows(document, what, reach):
    for point in document["points"]:
        ratio = point["result"]["comparisons"][0]["throughput_ratio"]
        yield Row(document["experiment"], f"{what}, {MODELS[point['model']]}, {connections(point['connections'])}, against a "
                  "raw echo that answers with the same bytes", f">= {reach}x requests/s",
                  f"{interval_text(ratio)}x; {rates(point['result'])}", at_least(ratio, reach))


def grpc_echo_rows(document):
    return echo_rows(document, "gRPC", 0.9)


def http_echo_binary_rows(document):
    return echo_rows(document, "HTTP, binary", 0.65)


def one_port_rows(document):
    for point in document["points"]:
        ratio = point["result"]["comparisons"][0]["throughput_ratio"]
        protocol = {"http": "HTTP, JSON", "grpc": "gRPC"}[point["scheme"]]
        yield Row(document["experiment"], f"One port for both protocols against one for each, {protocol}, relu of 16 numbers, "
                  "8 connections", ">= 0.97x requests/s", f"{interval_text(ratio)}x; {rates(point['result'])}",
                  at_least(ratio, 0.97))


def grpc_binary_rows(document):
    ratio = document["result"]["comparisons"][0]["p50_ratio"]
    times = " against ".join(f"{number(each['latency_us']['p50'])} us" for each in document["result"]["targets"])
    yield Row(document["experiment"], "gRPC, 602,112 bytes in, 4,096 bytes out, 1 connection, against FastAPI over HTTP with raw "
              "bytes", "p50 <= 0.5x", f"{interval_text(ratio)}x; {times}", at_most(ratio, 0.5, "x"))


def idle_rows(document):
    for held in document["held"]:
        yield Row(document["experiment"], f"Memory of the server for {held['count']:,} {KINDS[held['kind']]}", "",
                  f"RSS +{held['rss_bytes'] / 1e6:.1f} MB, {held['rss_bytes'] / held['count'] / 1000:.1f} kB each", "")
    crowd = " and ".join(f"{held['count']:,} {held['kind']}" for held in document["held"])
    for point in document["points"]:
        ratios = point["result"]["comparisons"][0]
        measured, verdicts = [], []
        for name in ("p50", "p99"):
            measured.append(f"{name} {interval_text(ratios[name + '_ratio'])}x")
            verdicts.append(at_most(ratios[name + "_ratio"], 1.05, "x"))
        yield Row(document["experiment"], f"Latency of one client, {point['scheme']}, beside those idle ones ({crowd}), against a "
                  "server without them", "p50 and p99 <= 1.05x", "; ".join(measured), both(*verdicts))


ROWS = {
    "grpc_echo": grpc_echo_rows,
    "http_echo_binary": http_echo_binary_rows,
    "one_port": one_port_rows,
    "grpc_binary": grpc_binary_rows,
    "idle": idle_rows,
}

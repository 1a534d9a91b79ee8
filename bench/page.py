"""docs/performance.md as text, from the documents of docs/performance. Pure."""
import re

import rows
import runtime_page

INTRO = """# Performance

What a model costs through Oarlock, beside the same engine with nothing between, and beside the servers one would use
instead. `./scripts/bench` measures all of it and writes this page; the figures stand in [performance/](performance/).
"""

METHOD = """## Method

- **Interleaved.** What is compared runs at the same time of day: each is measured in short blocks that take turns (A B,
  B A, A B, ...), so that what disturbs the machine for a while disturbs all of them.
- **Paired.** A ratio or a difference is taken round by round and the median told, with its 95 % interval: the percentile
  bootstrap over 4,000 resamples of the rounds. A row holds if the unfavourable end of that interval does.
- **Baselines.** `bench/raw/ENGINE.cc` calls the engine with tensors bound beforehand and the settings that our plugin
  uses. `bench/raw/http_echo.cc` is the least that Boost.Beast does for an answer of the same bytes. The peers
  (`bench/peers/`) answer the same requests in the same form with ONNX Runtime on one thread, in one process, in the
  fastest way that is idiomatic in their frameworks; what they are made of is pinned by hash.
- **Same client.** All servers are asked by `oarlock bench`: one thread, connections that stay open, the same bytes, made
  beforehand. It shares the machine's cores with what it asks. Our server has its default settings. Over gRPC the client is
  gRPC's own.
- **gRPC.** `bench/raw/grpc_echo.cc` is the least that the callback API does: one method of bytes that answers with the same
  bytes as ours. Our server runs the model besides. One port and two are two servers that run side by side.
- **Idle clients** have asked once and then say nothing: tritonclient's connections, each of its own. Two servers of the same
  settings are asked in turns by one client, one of them with all the idle ones. Memory is what VmRSS grows by.
- **Open loads.** A closed load asks again when it has its answer; an open one asks by a schedule, and latency counts from
  the scheduled time, so that waiting is not hidden.
- **Void** is a run in which the echo has less than 0.8x of nginx's requests/s (it is then no measure of what the machine
  can do), and one in which a target answered a request with an error.
- **Start.** From just before the process is started to a first answer that was checked, asking again every half
  millisecond while the connection is refused or the server says that it is loading; the two take turns, after two starts
  of each that fill the page cache.
- **Memory** after 1,000 requests on one connection. PSS counts memory shared with other processes by its share.
"""

REPEAT = """## How to repeat it

```
./scripts/bench                    # everything, on a machine with nothing else to do
./scripts/bench --only http_json   # one experiment; the rest of the page stays
./scripts/bench --quick            # to try it out: the page goes to build/bench/quick/docs, its figures are noise
```
"""

PLOTS = {
    "http_json": "A closed load of 8 connections: each asks again when it has its answer.",
    "http_binary": "A picture of 602,112 bytes in, a vector of 4,096 bytes out, on one connection.",
    "open_loop_both": "Requests at half the rate that FastAPI bears: the same schedule for both.",
    "open_loop_ours": "Requests at half the rate that Oarlock bears in the closed load.",
}


def machine_of(document):
    return document["machine"] if "machine" in document else document["result"]["machine"]


def day_of(document):
    return (document["started"] if "started" in document else document["result"]["started"])[:10]


def machines_text(documents):
    """A line for each machine and day; one, if all is well."""
    found = {}
    for name, document in documents.items():
        machine = machine_of(document)
        text = (f"{machine['cpu']} ({machine['cpu_features']}), {machine['cores']} cores, "
                f"{machine['memory_bytes'] / 2**30:.0f} GiB, {machine['kernel']}, {machine['compiler']}; fingerprint "
                f"`{machine['fingerprint']}`; {day_of(document)}")
        found.setdefault(text, []).append(name)
    if len(found) == 1:
        return f"Measured on: {next(iter(found))}.\n"
    return "Measured on:\n" + "".join(f"- {', '.join(names)}: {text}\n" for text, names in found.items())


def table(documents):
    lines = ["| what | reach | measured: median (95 %) | | [experiment](#commands) |", "|---|---|---|---|---|"]
    for row in rows.rows_of(documents):
        lines.append(f"| {row.title} | {row.reach} | {row.measured} | {row.verdict} | {row.name} |")
    return "\n".join(lines) + "\n"


def stages_text(document):
    """Where the time of one request goes, as our server tells it; asked one after the other on one connection."""
    stages = document["result"]["targets"][0]["stages_us"]
    total = sum(stages.values())
    if total == 0:
        return ""
    lines = ["Where the time of a request to Oarlock goes, one after the other on one connection:", "",
             "| stage | us | share |", "|---|---|---|"]
    lines += [f"| {name} | {us:.1f} | {100 * us / total:.0f} % |" for name, us in stages.items()]
    return "\n".join(lines) + "\n"


def latency_table(document):
    lines = ["| | requests/s | p50 us | p90 us | p99 us | p99.9 us |", "|---|---|---|---|---|---|"]
    for label, target in zip(document["labels"], document["result"]["targets"], strict=True):
        latency = target["latency_us"]
        cells = [rows.number(value) for value in
                 (target["requests_per_s"], *(latency[key] for key in ("p50", "p90", "p99", "p99.9")))]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def plots(documents):
    parts = []
    for name, text in PLOTS.items():
        if name not in documents:
            continue
        document = documents[name]
        load = document["result"]["load"]
        rate = f" {load['rate_per_s']:,.0f} requests/s." if "rate_per_s" in load else ""
        title = text.split(":")[0]
        parts.append(f"### {name}\n\n{text}{rate}\n\n![{title}](images/performance-{name}.svg)\n\n{latency_table(document)}")
        if load["arrivals"] == "closed" and (stages := stages_text(document)):
            parts.append(stages)
    return "## Latencies\n\n" + "\n".join(parts) if parts else ""


def commands(documents):
    parts = ["## Commands\n\nAs they were run, in the repository's directory. Ports were picked by the kernel.\n"]
    for name, document in documents.items():
        lines = "\n".join(re.sub(r"127\.0\.0\.1:[1-9]\d*", "127.0.0.1:PORT", line) for line in document["commands"])
        parts.append(f"{name}:\n```\n{lines}\n```\n")
    return "\n".join(parts)


def versions_text(documents):
    versions = documents.get("http_json", {}).get("versions", {})
    return f"Versions: {', '.join(f'{name} {version}' for name, version in versions.items())}.\n" if versions else ""


def render(documents):
    warning = "**Tried out only: these figures are noise.**\n" if any(each["quick"] for each in documents.values()) else ""
    parts = [INTRO, warning, machines_text(documents), versions_text(documents), table(documents), plots(documents),
             runtime_page.text(documents), METHOD + runtime_page.METHOD, REPEAT, commands(documents)]
    return "\n".join(part for part in parts if part)

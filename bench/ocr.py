"""The waybill service in Go (examples/go-ocr) beside the same in Python (bench/peers/ocr_app.py), under the same load:

  ocr.py [--rounds N] [--duration S] [--connections N] [--json FILE]

All services run all the time and are asked in turns, in rounds of every other order; a ratio is taken round by round. First
each must answer the example's pictures alike. It builds and installs what it needs in build/bench; OARLOCK_BUILD names the
build with the library. Prints a table, and writes all figures to FILE.
"""
import argparse
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import sys

import bootstrap
import memory
import paths
import server
from verdicts import interval_text, number

EXAMPLE = "examples/go-ocr"
PICTURES = sorted(str(path.relative_to(paths.ROOT)) for path in (paths.ROOT / "examples/waybill/test").glob("*.png"))
MODEL = paths.MODELS / "waybill.onnx"
PATH = "/v1/waybill"
CONFIDENCE_DIFFERENCE_MAX = 1e-4
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def do(*command, **options):
    subprocess.run([str(word) for word in command], cwd=paths.ROOT, check=True, **options)


def build():
    for program, package in (("go-ocr", "."), ("go-ocr-load", "./load")):
        do("./scripts/go", "-C", EXAMPLE, "build", "-o", paths.ROOT / paths.WORK / program, package)
    (paths.ROOT / paths.MODELS).mkdir(parents=True, exist_ok=True)
    do(paths.OARLOCK, "convert", "examples/waybill/models/waybill", "-o", MODEL, stdout=subprocess.DEVNULL)
    directory = paths.ROOT / paths.WORK / "venv-ocr"
    requirements = paths.ROOT / "bench/peers/requirements-ocr.txt"
    kept = directory / "requirements"
    if not kept.exists() or kept.read_bytes() != requirements.read_bytes():
        do(sys.executable, "-m", "venv", "--clear", directory)
        do(directory / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes",
           "--only-binary=:all:", "--requirement", requirements)
        shutil.copy(requirements, kept)


def go_ocr():
    """With all that it does by default, and a rate that nobody reaches. It logs a line for each request, to /dev/null."""
    port = server.free_port()
    command = [paths.WORK / "go-ocr", "-addr", f"127.0.0.1:{port}", "-library", paths.BUILD / "lib/liboarlock.so",
               "-rate", "1e6", "-burst", "1000000"]
    return server.Server("Go", command, port=port)


def flask(workers):
    port = server.free_port()
    command = [paths.venv("ocr", "gunicorn"), "--config", "bench/peers/gunicorn_conf.py", "--workers", workers,
               "--pythonpath", "bench/peers", "--bind", f"127.0.0.1:{port}", "ocr_app:app"]
    return server.Server(f"Flask, {workers} worker{'s' if workers > 1 else ''}", command,
                         {"OARLOCK_BENCH_MODEL": str(MODEL)}, port=port)


def answers(of):
    client = http.client.HTTPConnection("127.0.0.1", of.port, timeout=server.START_S)
    found = []
    for picture in PICTURES:
        client.request("POST", PATH, (paths.ROOT / picture).read_bytes())
        answer = client.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"{of.label} answers {picture} with {answer.status}: {body!r}")
        found.append(json.loads(body))
    client.close()
    return found


def check_alike(servers):
    """All must read the pictures as their labels say, and be as sure of it."""
    lines = (paths.ROOT / "examples/waybill/test/labels.txt").read_text(encoding="ascii").splitlines()
    labels = [line.split()[1] for line in lines]
    first = answers(servers[0])
    for each in servers:
        for picture, label, a, b in zip(PICTURES, labels, first, answers(each), strict=True):
            apart = abs(a["confidence"] - b["confidence"])
            if b["number"] != label or a["check"] != b["check"] or apart > CONFIDENCE_DIFFERENCE_MAX:
                raise RuntimeError(f"{picture} is {label}; {servers[0].label} answers {a}, {each.label} {b}")


def cpu_s(pids):
    """What processes have had of the processors, user and system."""
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS_PER_S


def block(of, warm_up_s, duration_s, connections):
    pids = of.pids()
    command = [paths.WORK / "go-ocr-load", "-url", of.url(PATH), "-connections", connections, "-json"]
    before = cpu_s(pids)
    done = subprocess.run([str(word) for word in [*command, "-warm-up", f"{warm_up_s}s", "-duration", f"{duration_s}s", *PICTURES]],
                          cwd=paths.ROOT, stdout=subprocess.PIPE, check=True)
    # The warm-up is in the processors' time, and at the same rate: it is shared out over all.
    share = duration_s / (duration_s + warm_up_s)
    measured = json.loads(done.stdout)
    return {**measured, "cpu_ms": (cpu_s(pids) - before) * share * 1000 / measured["requests"]}


def measure(servers, rounds, duration_s, connections, tell):
    blocks = {each.label: [] for each in servers}
    for index in range(rounds):
        for each in servers if index % 2 == 0 else reversed(servers):
            blocks[each.label].append(block(each, 0.5, duration_s, connections))
            tell(f"round {index + 1} of {rounds}: {each.label}")
    tell("")
    return blocks


def held(of):
    pids = of.pids()
    return {"rss_bytes": 1024 * sum(memory.kib(f"/proc/{pid}/status", "VmRSS") for pid in pids),
            "pss_bytes": 1024 * sum(memory.kib(f"/proc/{pid}/smaps_rollup", "Pss") for pid in pids), "processes": len(pids)}


def table(blocks, memories):
    lines = ["| service | requests/s | p50 ms | p99 ms | CPU ms per request | RSS MB | PSS MB | errors |",
             "|---|---|---|---|---|---|---|---|"]
    for label, measured in blocks.items():
        cells = [number(bootstrap.interval(b[key] for b in measured)["median"])
                 for key in ("requests_per_s", "p50_ms", "p99_ms", "cpu_ms")]
        cells += [number(memories[label][key] / 1e6) for key in ("rss_bytes", "pss_bytes")]
        lines.append(f"| {label} | {' | '.join(cells)} | {sum(b['errors'] for b in measured)} |")
    return "\n".join(lines)


def ratios(blocks, memories):
    lines = ["| against | requests/s | p99 | CPU per request | RSS |", "|---|---|---|---|---|"]
    ours, *others = blocks
    for label in others:
        cells = [interval_text(bootstrap.paired_ratio(*([b[key] for b in blocks[each]] for each in (ours, label))), 2, "x")
                 for key in ("requests_per_s", "p99_ms", "cpu_ms")]
        cells.append(f"{memories[ours]['rss_bytes'] / memories[label]['rss_bytes']:.2f}x")
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return f"{ours} over the others, median (95 %):\n\n" + "\n".join(lines)


def compare(rounds, duration_s, connections, tell):
    """All figures of one comparison: {"connections", "commands", "blocks": {label: [...]}, "memory": {label: ...}}."""
    build()
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(each) for each in (go_ocr(), flask(1), flask(os.cpu_count()))]
        check_alike(servers)
        blocks = measure(servers, rounds, duration_s, connections, tell)
        return {"connections": connections, "commands": [each.command_text() for each in servers], "blocks": blocks,
                "memory": {each.label: held(each) for each in servers}}


def main():
    parser = argparse.ArgumentParser(description="Measures the waybill service in Go beside the same in Python.")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--duration", type=float, default=5, metavar="S", help="of each service in each round")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--json", type=pathlib.Path, default=paths.WORK / "results" / "ocr.json", metavar="FILE")
    arguments = parser.parse_args()
    document = compare(arguments.rounds, arguments.duration, arguments.connections,
                       lambda text: print(text, file=sys.stderr) if text else None)
    output = paths.ROOT / arguments.json
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(table(document["blocks"], document["memory"]), ratios(document["blocks"], document["memory"]), sep="\n\n")


if __name__ == "__main__":
    main()

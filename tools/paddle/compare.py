"""Runs the comparisons of tools/paddle/compare and keeps what they find in .deps/paddle/compare.json."""
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np

import peers

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ENVIRONMENTS = pathlib.Path(os.environ["OARLOCK_PADDLE_VENVS"])
PROGRAM = ROOT / "build" / "release" / "bin" / "oarlock"
RESULTS = ROOT / ".deps" / "paddle" / "compare.json"
FORMS = {"2.6.2": "paddle", "3.3.1": "paddle-pir"}
ENGINES = ("onnxruntime", "openvino")
NETWORKS = ("alexnet", "densenet121", "googlenet", "inception_v3", "mobilenet_v1", "mobilenet_v2", "mobilenet_v3_large",
            "mobilenet_v3_small", "resnet18", "resnet34", "resnet50", "resnet101", "resnext50_32x4d", "shufflenet_v2_swish",
            "shufflenet_v2_x0_25", "shufflenet_v2_x1_0", "squeezenet1_0", "squeezenet1_1", "vgg11", "wide_resnet50_2")
ROUNDS = 20
# In memory: what a disk takes is not what is compared, and only ours waits for it.
TARGET = pathlib.Path("/dev/shm")
LIMIT_S = 300


def call(*arguments, **options):
    return subprocess.run([str(each) for each in arguments], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                          stdin=subprocess.DEVNULL, **options)


def last_json(finished):
    lines = [line for line in finished.stdout.splitlines() if line.startswith("{")]
    return json.loads(lines[-1]) if lines else {"error": f"ended with {finished.returncode}"}


def saved(network, version, work):
    """The network's folder, as this Paddle saves it."""
    folder = work / f"{network}-{version}"
    made = call(ENVIRONMENTS / f"v{version}" / "bin" / "python", "-W", "ignore", HERE / "vision.py", network, folder)
    if made.returncode:
        raise RuntimeError(f"Paddle {version} cannot save it: {made.stderr.strip().splitlines()[-1][:160]}")
    return folder


def ours(folder, engine, importer="oarlock"):
    """Our answer's difference from Paddle's on one engine."""
    model, _ = peers.paths(folder)
    shown = call(PROGRAM, "run", model, "--engine", engine, "--importer", importer, "--cache-dir", "none",
                 "--input", f"x=@{folder / 'in.x.npy'}", "--json")
    if shown.returncode:
        told = [json.loads(line)["error"] for line in shown.stderr.splitlines() if line.startswith("{")]
        return {"error": re.sub(r"'/[^']*/", "'", told[0] if told else shown.stderr.strip())[:200]}
    outputs = json.loads(shown.stdout)["outputs"]
    found = [np.array(output["data"]).reshape(output["shape"]) for output in outputs]
    return {"difference": max(map(peers.difference, found, peers.expected_outputs(folder)))}


def compare(network, version, work):
    folder = saved(network, version, work)
    try:
        row = {engine: ours(folder, engine) for engine in ENGINES}
        row["openvino_reader"] = ours(folder, "openvino", "engine")
        row["paddle2onnx"] = last_json(call(sys.executable, HERE / "peers.py", "check", folder))
        return row
    finally:
        shutil.rmtree(folder)


def timed_convert(folder, work):
    """Wall time and peak memory of `oarlock convert`, as a process."""
    model, _ = peers.paths(folder)
    began = time.perf_counter()
    child = subprocess.Popen([str(PROGRAM), "convert", model, "-o", str(TARGET / f"{work.name}.onnx")],
                             stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    if status:
        raise RuntimeError(f"convert ended with {status}")
    return {"seconds": time.perf_counter() - began, "peak_bytes": 1024 * usage.ru_maxrss}


def measure_import(version, work):
    folder = saved("resnet50", version, work)
    rounds = {"oarlock": [], "paddle2onnx": []}
    for _ in range(ROUNDS):
        rounds["oarlock"].append(timed_convert(folder, work))
        rounds["paddle2onnx"].append(last_json(call(sys.executable, HERE / "peers.py", "measure", folder,
                                                    TARGET / f"{work.name}.onnx")))
    (TARGET / f"{work.name}.onnx").unlink()
    shutil.rmtree(folder)
    return rounds


def timed_start(model, engine, cache):
    """Seconds from the start of the process to the line that says it serves."""
    began = time.perf_counter()
    server = subprocess.Popen([str(PROGRAM), "serve", model, "--engine", engine, "--http", "127.0.0.1:0", "--cache-dir",
                               str(cache), "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        if not server.stdout.readline():
            raise RuntimeError("the server did not start")
        return time.perf_counter() - began
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


def measure_start(network, engine, work):
    folder = saved(network, "3.3.1", work)
    model, _ = peers.paths(folder)
    rounds = {"first": [], "second": []}
    for number in range(ROUNDS):
        cache = work / f"cache{number}"
        rounds["first"].append(timed_start(model, engine, cache))
        rounds["second"].append(timed_start(model, engine, cache))
        shutil.rmtree(cache)
    shutil.rmtree(folder)
    return rounds


def machine():
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    name = re.search(r"model name\s*: (.*)", text)
    return f"{name[1] if name else platform.machine()}, {os.cpu_count()} cores"


def main(only):
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results["machine"] = machine()
    work = pathlib.Path(tempfile.mkdtemp(prefix="oarlock-compare-"))

    def keep(section, key, make):
        done = results.setdefault(section, {})
        if key in done and not only:
            return
        print(f"{section}: {key}", flush=True)
        try:
            done[key] = make()
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            done[key] = {"error": str(error)[:200]}
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        RESULTS.write_text(json.dumps(results, indent=1))

    try:
        for network in only or NETWORKS:
            for version in FORMS:
                keep("networks", f"{network} {version}", lambda: compare(network, version, work))
        if not only:
            for version in FORMS:
                keep("import", version, lambda: measure_import(version, work))
            for network in ("mobilenet_v3_small", "resnet50"):
                for engine in ENGINES:
                    keep("start", f"{network} {engine}", lambda: measure_start(network, engine, work))
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main([word for word in sys.argv[1:] if word != "--only"])

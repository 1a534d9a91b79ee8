"""What package oarlock's calls cost, beside github.com/yalue/onnxruntime_go on the same ONNX Runtime: bench/go. As
experiments.py: each function returns what docs/performance/NAME.json will hold."""
import subprocess

import oarlock_bench
import ocr
import paths

PROGRAM = paths.WORK / "go_binding"
CALLERS = 16


def build():
    """The program: Go brings what it needs, of the versions that bench/go/go.sum has the sums of."""
    subprocess.run(["./scripts/go", "-C", "bench/go", "build", "-o", paths.ROOT / PROGRAM, "."], cwd=paths.ROOT,
                   stdin=subprocess.DEVNULL, timeout=oarlock_bench.LIMIT_S, check=True)


def onnxruntime():
    """The very file that our engine loads, so that the process has it once."""
    library, = (paths.ROOT / paths.BUILD / "lib" / "oarlock" / "engines" / "onnxruntime").glob("libonnxruntime.so.*")
    return library.resolve()


def measure(command, model, *flags):
    words = [PROGRAM, command, "--json", "--library", paths.BUILD / "lib" / "liboarlock.so", "--onnxruntime", onnxruntime(),
             *flags, paths.model(model)]
    result, text = oarlock_bench.json_of(words)
    text = text.replace(str(onnxruntime()), f"build/release/lib/oarlock/engines/onnxruntime/{onnxruntime().name}")
    return {**result, "model": model}, text


def document(points):
    machine, started = oarlock_bench.machine()
    return {"labels": [], "commands": [command for _, command in points], "machine": machine, "started": started,
            "points": [result for result, _ in points]}


def go_calls(setting):
    build()
    points = []
    for model in ("relu_1x16", "corner_602k"):
        setting.progress(model)
        # Blocks of 2 ms: shorter than what the system gives a process at a time, so that most are not interrupted.
        points.append(measure("calls", model, *setting.schedule(2000, 4, 0.2)))
    return document(points)


def go_load(setting):
    build()
    points = []
    for model, executions in ((model, executions) for model in ("relu_1x16", "small_cnn") for executions in (0, CALLERS)):
        setting.progress(f"{model}, executions {executions}")
        points.append(measure("load", model, "--callers", CALLERS, "--executions", executions, *setting.schedule(40, 12, 0.5)))
    return document(points)


def go_ocr(setting):
    """The waybill service beside the same in Python."""
    machine, started = oarlock_bench.machine()
    compared = ocr.compare(*((2, 1) if setting.quick else (8, 4)), CALLERS, setting.progress)
    return {"labels": [], "machine": machine, "started": started, **compared}


EXPERIMENTS = {
    "go_calls": go_calls,
    "go_load": go_load,
    "go_ocr": go_ocr,
}

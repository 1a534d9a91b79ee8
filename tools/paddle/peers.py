"""What other converters make of a saved Paddle model: paddle2onnx, run on ONNX Runtime. Prints one JSON line.

    peers.py check FOLDER      does it convert, and does the result answer as Paddle?
    peers.py measure FOLDER FILE    seconds and peak memory of converting it to FILE, the imports taken aside
"""
import json
import pathlib
import sys
import time

import numpy as np


def paths(folder):
    folder = pathlib.Path(folder)
    legacy = folder / "model.pdmodel"
    return str(legacy if legacy.exists() else folder / "model.json"), str(folder / "model.pdiparams")


def difference(found, expected):
    """The largest difference, as a part of the largest magnitude."""
    if found.shape != expected.shape:
        return float("inf")
    scale = max(1e-30, float(np.abs(expected).max(initial=0)))
    return float(np.abs(found.astype("float64") - expected.astype("float64")).max(initial=0)) / scale


def expected_outputs(folder):
    return [np.load(path) for path in sorted(pathlib.Path(folder).glob("out.*.npy"))]


def check(folder):
    import onnxruntime
    import paddle2onnx

    try:
        model = paddle2onnx.export(*paths(folder), opset_version=17)
        session = onnxruntime.InferenceSession(model or b"", providers=["CPUExecutionProvider"])
        found = session.run(None, {"x": np.load(pathlib.Path(folder) / "in.x.npy")})
    except Exception as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return {"error": f"{type(error).__name__}: {lines[-1] if lines else ''}"[:160]}
    return {"difference": max(map(difference, found, expected_outputs(folder)))}


def peak_bytes():
    status = pathlib.Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def measure(folder, target):
    import paddle2onnx

    model, weights = paths(folder)
    before = peak_bytes()
    began = time.perf_counter()
    paddle2onnx.export(model, weights, save_file=target, opset_version=17)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "peak_bytes": peak_bytes(), "before_bytes": before}


if __name__ == "__main__":
    result = {"check": check, "measure": measure}[sys.argv[1]](*sys.argv[2:])
    print("\n" + json.dumps(result))

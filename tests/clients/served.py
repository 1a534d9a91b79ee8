"""The models that clients are tried on, and a server with all of them. The engines are the fake one, which computes, and
ONNX Runtime."""
import ml_dtypes
import numpy as np

from program import MODELS, Server, write_fake

DTYPES = {"BOOL": np.bool_, "UINT8": np.uint8, "UINT16": np.uint16, "UINT32": np.uint32, "UINT64": np.uint64,
          "INT8": np.int8, "INT16": np.int16, "INT32": np.int32, "INT64": np.int64,
          "FP16": np.float16, "BF16": ml_dtypes.bfloat16, "FP32": np.float32, "FP64": np.float64}
ONNX = {"relu": "relu_1x16", "image": "relu_1x3x224x224", "strings": "strings_dynamic", "half": "product_half",
        "flags": "flags", "two": "add_two", "rows": "add_dynamic", "net": "small_net"}
# What a row of `slow` takes. A run of it ends at once when it is cancelled.
SLOW_ROW_US = 20_000


def write_models(directory):
    """models.yaml with the models under the names that tests use."""
    for dtype in DTYPES:
        write_fake(directory, f"same_{dtype}", f"input x {dtype} -1\noutput y {dtype} -1\n")
    write_fake(directory, "slow", f"input x FP32 -1,1\noutput y FP32 -1,1\nrow_delay_us {SLOW_ROW_US}\n")
    write_fake(directory, "failing", "input x FP32 1\noutput y FP32 1\nfail_run 1 RESOURCE_EXHAUSTED out of paper\n")
    for version in (1, 2):
        (directory / "versioned").mkdir(exist_ok=True)
        write_fake(directory / "versioned", str(version), f"input x FP32 4\noutput y FP32 4\nop add {version}\n")
    lines = ["schema: 1", "models:"]
    for name in (*(f"same_{dtype}" for dtype in DTYPES), "failing"):
        lines.append(f"- {{name: {name}, path: {name}}}")
    lines.append("- {name: slow, path: slow, executions: 1}")
    lines.append("- {name: versioned, path: versioned, versions: all}")
    lines.append("- {name: batched, path: same_FP32, batching: {max_batch_size: 8, max_delay_us: 1000}}")
    lines.append(f"- {{name: gathered, path: {MODELS}/onnx/add_dynamic.onnx, batching: {{max_batch_size: 8, max_delay_us: 500}}}}")
    for name, file in ONNX.items():
        lines.append(f"- {{name: {name}, path: {MODELS}/onnx/{file}.onnx}}")
    path = directory / "models.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def start(directory, *arguments):
    return Server(write_models(directory), *arguments)

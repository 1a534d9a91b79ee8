#!/usr/bin/env python3
"""Saves each case with the Paddle version of this interpreter, and records what that version computes for it.

    export.py OUT [CASE or FAMILY ...]

For tools/paddle/fixtures, which runs it once in each environment. OUT/<writer>/<suite>/<case>/ then holds the model, the
inputs, the outputs and record.json. Each case runs in a process of its own: names start from 0, and a crash costs one case.
"""
import json
import os
import pathlib
import shutil
import sys
import traceback
import unittest.mock

import numpy as np
import paddle

import architectures
import operators
import program
import running
from cases.case import WRITERS, fill_parameters

WRITER = WRITERS[paddle.__version__]
SUITES = {"paddle_operators": operators.cases, "paddle_architectures": architectures.cases}


# Paddle 2.6 writes the Python stack into the feed and fetch operators: instead of this machine's paths, one neutral line.
NEUTRAL_STACK = unittest.mock.patch("traceback.extract_stack",
                                    return_value=[traceback.FrameSummary("model.py", 1, "<module>", line="save()")])


def save(case, prefix):
    layer = case.build()
    fill_parameters(layer, case.name)
    layer.eval()
    with NEUTRAL_STACK:
        paddle.jit.save(layer, str(prefix), input_spec=[each.spec() for each in case.inputs])


def export(case, folder):
    """Writes all files of one case. A model that this Paddle saves but cannot run stays, with the reason recorded."""
    inputs = {each.name: each.array(case.name) for each in case.inputs}
    for name, array in inputs.items():
        np.save(folder / f"in.{name}.npy", array)
    save(case, folder / "model")
    record = {"family": case.family, "operators": program.operators(folder / "model")}
    try:
        for index, array in enumerate(running.run(folder / "model", inputs)):
            np.save(folder / f"out.{index}.npy", array)
    except Exception as error:
        record["run_error"] = reason(error)
    write_record(folder, record)


def reason(error):
    """The line of a Paddle error that says what is wrong; the rest is a C++ stack."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("(", "[Hint"))] or lines[-1:]
    return f"{type(error).__name__}: {' '.join(telling)}"[:200]


def write_record(folder, record):
    (folder / "record.json").write_text(json.dumps(record))


def export_in_child(case, folder):
    """Runs export() in a fork, so that imports are paid for once."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if WRITER not in case.writers:
        return write_record(folder, {"family": case.family, "save_error": case.why})
    write_record(folder, {"family": case.family, "save_error": "the process crashed"})
    child = os.fork()
    if child:
        return os.waitpid(child, 0)
    try:
        export(case, folder)
    except Exception as error:
        traceback.print_exc()
        write_record(folder, {"family": case.family, "save_error": reason(error)})
    finally:
        sys.stderr.flush()
        os._exit(0)


def main(out, only):
    for suite, cases in SUITES.items():
        for case in cases():
            if not only or case.name in only or case.family in only:
                export_in_child(case, pathlib.Path(out) / WRITER / suite / case.name)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

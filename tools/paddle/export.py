#!/usr/bin/env python3
"""Saves each case with the Paddle version of this interpreter, and records what that version computes for it.

    export.py OUT [CASE or FAMILY ...]

For tools/paddle/fixtures, which runs it once in each environment. OUT/<writer>/<suite>/<case>/ then holds the model,
the inputs, the outputs and record.json. Each case runs in a process of its own: names start from 0, and a crash costs
one case.
"""
import json
import os
import pathlib
import shutil
import sys
import traceback

import numpy as np
import paddle

import architectures
import operators
import program
import running
from cases.case import WRITERS, fill_parameters

WRITER = WRITERS[paddle.__version__]
SUITES = {"paddle_operators": operators.cases, "paddle_architectures": architectures.cases}


def save(case, prefix, keep_versions):
    layer = case.build()
    fill_parameters(layer, case.name)
    layer.eval()
    paddle.jit.save(layer, str(prefix), input_spec=[each.spec() for each in case.inputs])
    if WRITER == "legacy26":
        program.neutralize(prefix.with_suffix(".pdmodel"), keep_versions)


def export(case, folder):
    """Writes all files of one case. A model that this Paddle saves but cannot run stays, with the reason recorded."""
    inputs = {each.name: each.array(case.name) for each in case.inputs}
    for name, array in inputs.items():
        np.save(folder / f"in.{name}.npy", array)
    save(case, folder / "model", keep_versions=case.family == "architectures")
    record = {"family": case.family, "operators": program.operators(folder / "model")}
    try:
        for index, array in enumerate(running.run(folder / "model", inputs)):
            np.save(folder / f"out.{index}.npy", array)
    except Exception as error:
        record["run_error"] = reason(error)
    write_record(folder, record)


def reason(error):
    """The lines of a Paddle error that say what is wrong; the rest is a C++ stack."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("(", "[Hint"))] or lines[-1:]
    text = " ".join(telling).partition(" (at /")[0].removeprefix(f"{type(error).__name__}: ")
    return f"{type(error).__name__}: {text}"[:160]


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

#!/usr/bin/env python3
"""Brings what export.py wrote with each Paddle version into the committed layout, and compares the outputs.

    merge.py OUT MODELS [CASE or FAMILY ...]

For tools/paddle/fixtures; README.md describes the layout.
"""
import json
import os
import pathlib
import re
import shutil
import sys

import numpy as np

PIR = ["pir33", "pir30"]
LEGACY = ["legacy26"]
WRITERS = PIR + LEGACY  # newest first: the first that can run a case gives its golden outputs
SUITES = ["paddle_operators", "paddle_architectures"]
TOLERANCE = 1e-5


class Export:
    """What one writer left for one case."""

    def __init__(self, writer, folder):
        self.writer = writer
        self.folder = folder
        self.record = json.loads((folder / "record.json").read_text())
        self.outputs = [np.load(path) for path in sorted(folder.glob("out.*.npy"), key=output_index)]

    def problem(self):
        return self.record.get("save_error") or self.record.get("run_error")

    def model(self):
        return next(path for path in self.folder.glob("model.*") if path.suffix in (".pdmodel", ".json"))


def output_index(path):
    return int(path.name.split(".")[1])


def same(left, right):
    """Equal in type and dims, and in values up to float32 rounding relative to the largest one."""
    if left.dtype != right.dtype or left.shape != right.shape:
        return False
    if left.dtype.kind != "f":
        return np.array_equal(left, right)
    if not np.array_equal(np.isfinite(left), np.isfinite(right)):
        return False
    finite = np.isfinite(left)
    largest = np.abs(left[finite]).max(initial=1e-3)
    return np.array_equal(left[~finite], right[~finite], equal_nan=True) and bool(
        np.all(np.abs(left[finite] - right[finite]) <= TOLERANCE * largest))


def link_or_copy(path, name, target, stored):
    """Files with the same bytes are stored once, under the newest writer's name."""
    first = stored.setdefault(path.read_bytes(), name)
    if first == name:
        shutil.copy(path, target / name)
    else:
        os.symlink(first, target / name)


def copy_models(exports, target):
    stored = {}
    for export in exports:
        shutil.copy(export.model(), target / f"{export.writer}{export.model().suffix}")
        weights = export.folder / "model.pdiparams"
        if weights.exists():
            link_or_copy(weights, f"{export.writer}.pdiparams", target, stored)


def without_version(export):
    return re.sub(r'"version":\d+', "", export.model().read_text(), count=1)


def is_copy(export, newer):
    """Whether Paddle 3.0's program differs from 3.3's in the version of the header only, and computes the same."""
    if export.writer != "pir30" or newer is None or without_version(export) != without_version(newer):
        return False
    return len(export.outputs) == len(newer.outputs) and all(map(same, export.outputs, newer.outputs))


def copy_inputs(exports, target):
    for path in exports[0].folder.glob("in.*.npy"):
        for other in exports[1:]:
            if (other.folder / path.name).read_bytes() != path.read_bytes():
                raise SystemExit(f"{path.name} of {target.name} is not the same for all writers")
        shutil.copy(path, target)


def copy_outputs(golden, others, target):
    """Writes the golden outputs, and those of the others that differ. Returns the writers of the latter."""
    for index, array in enumerate(golden.outputs):
        np.save(target / f"out.{index}.npy", array)
    differing = []
    for export in others:
        wrong = [index for index, array in enumerate(export.outputs) if not same(array, golden.outputs[index])]
        for index in wrong:
            np.save(target / f"out.{export.writer}.{index}.npy", export.outputs[index])
        if wrong:
            differing.append(export.writer)
    return differing


def operators(exports, writers):
    return sorted(set().union(*[export.record["operators"] for export in exports if export.writer in writers]))


def merge(case, exports, target):
    """Writes one case's directory. Returns its entry in the index, or None if no writer's model both saves and runs."""
    shutil.rmtree(target, ignore_errors=True)
    ran = [export for export in exports if export.outputs]
    if not ran:
        return None
    newest = next((export for export in ran if export.writer == "pir33"), None)
    copies = [export for export in ran if is_copy(export, newest)]
    kept = [export for export in ran if export not in copies]
    target.mkdir(parents=True)
    copy_models(kept, target)
    copy_inputs(kept, target)
    optional = {"same_program": [export.writer for export in copies],
                "differing": copy_outputs(ran[0], ran[1:], target),
                "problems": {export.writer: export.problem() for export in exports if export.problem()}}
    return {"name": case, "family": exports[0].record["family"], "writers": sorted(export.writer for export in kept),
            "golden": ran[0].writer, "legacy_operators": operators(kept, LEGACY), "pir_operators": operators(kept, PIR),
            **{name: value for name, value in optional.items() if value}}


def merge_suite(out, suite, models, only):
    index_path = models / suite / "index.json"
    index = {}
    if only and index_path.exists():
        index = {entry["name"]: entry for entry in json.loads(index_path.read_text())}
    cases = sorted({path.name for writer in WRITERS for path in (out / writer / suite).glob("*")})
    for case in cases:
        exports = [Export(writer, out / writer / suite / case) for writer in WRITERS]
        if only and case not in only and exports[0].record["family"] not in only:
            continue
        entry = merge(case, exports, models / suite / case)
        index.pop(case, None)
        if entry:
            index[case] = entry
        else:
            print(f"{suite}/{case}: no version saves and runs it", file=sys.stderr)
    for stale in set(path.name for path in (models / suite).iterdir() if path.is_dir()) - set(index):
        shutil.rmtree(models / suite / stale)
    index_path.write_text(json.dumps([index[name] for name in sorted(index)], indent=1) + "\n")


def main(out, models, only):
    for suite in SUITES:
        (models / suite).mkdir(parents=True, exist_ok=True)
        merge_suite(out, suite, models, only)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:])

"""Writes docs/models.md from what tools/paddle/compare found and from the indexes of the committed fixtures."""
import json
import pathlib
import random
import statistics

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = ROOT / ".deps" / "paddle" / "compare.json"
MODELS = ROOT / "tests" / "models"
MATCH_MAX = 1e-4
VERSIONS = {"2.6.2": "Paddle 2.6.2", "3.3.1": "Paddle 3.3.1"}


def index_of(suite):
    return json.loads((MODELS / suite / "index.json").read_text())


def gaps():
    """fixture -> [(engine, reason)]"""
    found = {}
    for line in (ROOT / "tests" / "paddle" / "engine_gaps.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            fixture, engine, reason = line.split(" ", 2)
            found.setdefault(fixture, []).append((engine, reason))
    return found


def verdict(cell):
    if cell is None:
        return ""
    if "error" in cell:
        return "no"
    value = cell["difference"]
    return f"{value:.0e}" if value <= MATCH_MAX else f"**differs, {value:.0e}**"


def networks_table(networks):
    lines = ["| network | saved by | ours on ONNX Runtime | ours on OpenVINO | OpenVINO's own reader | paddle2onnx, on ONNX Runtime |",
             "|---|---|---|---|---|---|"]
    for key in sorted(networks):
        network, version = key.split()
        row = networks[key]
        if "error" in row:
            lines.append(f"| {network} | {VERSIONS[version]} | not saved: {row['error']} | | | |")
            continue
        cells = [verdict(row.get(each)) for each in ("onnxruntime", "openvino", "openvino_reader", "paddle2onnx")]
        lines.append(f"| {network} | {VERSIONS[version]} | {' | '.join(cells)} |")
    return lines


def networks_summary(networks):
    rows = [row for row in networks.values() if "error" not in row]

    def matches(row, key):
        return row[key].get("difference", 1) <= MATCH_MAX

    counts = {key: sum(matches(row, key) for row in rows) for key in ("onnxruntime", "openvino", "openvino_reader", "paddle2onnx")}
    return (f"Of {len(rows)} files, ours answer as Paddle on ONNX Runtime for {counts['onnxruntime']}, on OpenVINO for "
            f"{counts['openvino']}; OpenVINO's own reader for {counts['openvino_reader']}, paddle2onnx for {counts['paddle2onnx']}.")


def architectures_table():
    cases = index_of("paddle_architectures")
    lines = ["| network | 2.6.2 | 3.0.0 | 3.3.1 |", "|---|---|---|---|"]
    listed = gaps()
    for case in cases:
        cells = []
        for writer in ("legacy26", "pir30", "pir33"):
            there = writer in case["writers"] or writer in case.get("same_program", [])
            failing = [engine for engine, _ in listed.get(f"paddle_architectures/{case['name']}", [])]
            cells.append("not saved" if not there else "both" if not failing else f"not on {', '.join(failing)}")
        lines.append(f"| {case['name']} | {' | '.join(cells)} |")
    return lines


def operators_table():
    families = {}
    for case in index_of("paddle_operators"):
        family = families.setdefault(case["family"], {"cases": 0, "names": set()})
        family["cases"] += 1
        family["names"] |= set(case["legacy_operators"]) | set(case["pir_operators"])
    lines = ["| family | models | operators in them |", "|---|---|---|"]
    for name in sorted(families):
        lines.append(f"| {name} | {families[name]['cases']} | {', '.join(sorted(families[name]['names']))} |")
    return lines


def gaps_table():
    lines = ["| model | engine | why |", "|---|---|---|"]
    for fixture, reasons in sorted(gaps().items()):
        for engine, reason in reasons:
            lines.append(f"| {fixture.split('/')[1]} | {engine} | {reason} |")
    return lines


def interval(ratios):
    """The 95 % interval of the median, by bootstrap."""
    draw = random.Random(1)
    medians = sorted(statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(2000))
    return medians[50], medians[1949]


def spread(values, unit):
    return f"{statistics.median(values):{unit}} ({min(values):{unit}} to {max(values):{unit}})"


def import_table(measured):
    lines = ["| saved by | | `oarlock convert`, the whole process | paddle2onnx, without its imports | ratio (95 %) |", "|---|---|---|---|---|"]
    for version, rounds in measured.items():
        for key, label, scale in (("seconds", "time, ms", 1000), ("peak_bytes", "peak memory, MB", 1e-6)):
            pairs = [(mine[key] * scale, other[key] * scale) for mine, other in zip(rounds["oarlock"], rounds["paddle2onnx"])
                     if key in other]
            if not pairs:
                lines.append(f"| {VERSIONS[version]} | {label} | {spread([mine[key] * scale for mine in rounds['oarlock']], '.0f')} | "
                             "does not convert it | |")
                continue
            ratios = [mine / other for mine, other in pairs]
            low, high = interval(ratios)
            lines.append(f"| {VERSIONS[version]} | {label} | {spread([mine for mine, _ in pairs], '.0f')} | "
                         f"{spread([other for _, other in pairs], '.0f')} | {statistics.median(ratios):.2f} ({low:.2f} to {high:.2f}) |")
        before = [other["before_bytes"] / 1e6 for other in rounds["paddle2onnx"] if "before_bytes" in other]
        if before:
            lines.append(f"| {VERSIONS[version]} | of it before the conversion, MB | | {spread(before, '.0f')} | |")
    return lines


def start_table(measured):
    lines = ["| network, engine | first start, ms | second start, ms | first / second (95 %) |", "|---|---|---|---|"]
    for key, rounds in measured.items():
        ratios = [first / second for first, second in zip(rounds["first"], rounds["second"])]
        low, high = interval(ratios)
        lines.append(f"| {key.replace(' ', ', ')} | {spread([each * 1000 for each in rounds['first']], '.0f')} | "
                     f"{spread([each * 1000 for each in rounds['second']], '.0f')} | {statistics.median(ratios):.2f} ({low:.2f} to {high:.2f}) |")
    return lines


def page(results):
    architectures, operators = index_of("paddle_architectures"), index_of("paddle_operators")
    wrong = [(key, name, cell["error"]) for key, row in sorted(results["networks"].items()) if "error" not in row
             for name, cell in row.items() if "error" in cell]
    lines = [
        "# Paddle models that were tried", "",
        "<!-- made by tools/paddle/compare; do not edit -->", "",
        "Oarlock reads Paddle 3's `inference.json` and Paddle 2's `.pdmodel` and `__model__`, with combined weights or one file per variable,",
        "and turns them into ONNX. Every number here is a difference from what Paddle itself computes (oneDNN off), as a part of the",
        f"output's largest value; up to {MATCH_MAX:.0e} counts as the same. Machine: {results['machine']}.", "",
        "## Networks of paddle.vision", "",
        "`tools/paddle/compare` saves each with Paddle 2.6.2 and 3.3.1, with weights drawn at random, and runs it.", "",
        networks_summary(results["networks"]), "",
        *networks_table(results["networks"]), ""]
    if wrong:
        lines += ["What stands behind each \"no\":", ""]
        reasons = {}
        for key, name, error in wrong:
            reasons.setdefault((name, error), []).append(key)
        lines += [f"- {name.replace('_', ' ')}, {len(keys)} files ({', '.join(keys[:3])}{', ...' if len(keys) > 3 else ''}): {error}"
                  for (name, error), keys in reasons.items()]
        lines.append("")
    lines += [
        "## Small networks of every kind", "",
        f"{len(architectures)} networks of a few layers each are part of the tests (`tests/models/paddle_architectures`): text recognition with LSTM, GRU and",
        "convolutions, a transformer, a detector's head, branches and loops, open dims. `./scripts/test` runs each on both engines, as each Paddle",
        "writes it, and compares it with Paddle's answer (1e-5). Where 3.0.0 writes what 3.3.1 does but for the version, that is tried once.", "",
        *architectures_table(), "",
        "## Operators", "",
        f"{len(operators)} models of one operator each, with its variants (`tests/models/paddle_operators`), run on both engines in `./scripts/test`. Numbers may differ",
        "by 1e-5 of the largest one (FP16: 2e-3), integers and booleans by nothing. Names are those of both forms.", "",
        *operators_table(), "",
        "What cannot be run, and why; everything else runs on both engines:", "",
        *gaps_table(), "",
        "Not converted: detection post-processing (roi_align, multiclass_nms3, yolo_box, prior_box, box_coder), arrays of tensors in",
        "Paddle 2 programs, operators of random numbers, custom operators. A model with such operators is refused with all their names and counts.", "",
        "## Importing ResNet-50", "",
        f"`oarlock convert` beside `paddle2onnx.export`, in turns, {len(next(iter(results['import'].values()))['oarlock'])} rounds. Both write to memory (tmpfs). Ours is the time",
        "of the whole process; paddle2onnx's is that of the call alone, without the imports of Python. Median, smallest and largest.", "",
        *import_table(results["import"]), "",
        "## The second start", "",
        "`oarlock serve` from the start of the process to the line that says it serves. At the first start the cache is empty, at the second the",
        "converted model is found there. In turns; median, smallest and largest.", "",
        *start_table(results["start"]), ""]
    return "\n".join(lines)


def main():
    (ROOT / "docs" / "models.md").write_text(page(json.loads(RESULTS.read_text())))


if __name__ == "__main__":
    main()

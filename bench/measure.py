"""Makes one measurement and keeps its result in RESULTS/NAME.json; scripts/bench calls it for each:

  measure.py [--quick] [--results RESULTS] NAME    --quick: just long enough to try; the figures are noise
  measure.py --list                                the names
"""
import argparse
import json
import pathlib
import signal
import sys

import paths
from experiments import EXPERIMENTS, Setting


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description="Makes one measurement.")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--results", type=pathlib.Path, default=paths.WORK / "results")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("name", nargs="?", choices=list(EXPERIMENTS))
    arguments = parser.parse_args()
    if arguments.list or arguments.name is None:
        print("\n".join(EXPERIMENTS))
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are ended on the way out
    setting = Setting(arguments.name, arguments.results, arguments.quick, progress)
    try:
        document = EXPERIMENTS[arguments.name](setting)
    except (OSError, RuntimeError, ValueError) as error:
        sys.exit(f"{arguments.name}: {error}")
    finally:
        progress("")
    document = {"experiment": arguments.name, "quick": arguments.quick, **document}
    path = paths.ROOT / arguments.results / f"{arguments.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Puts results into the documentation and makes its page again:

  publish.py [--results DIR] [--docs DIR]    results NAME.json and NAME/latency.svg go to DIR/performance/NAME.json and
                                             DIR/images/performance-NAME.svg; then DIR/performance.md is written from
                                             all that lies there
  publish.py --check [--docs DIR]            fails if the page is not what DIR/performance says
"""
import argparse
import html
import json
import pathlib
import sys

import page
import paths
import rows
import runtime_page
from experiments import EXPERIMENTS


def keep(results, docs):
    (docs / "performance").mkdir(parents=True, exist_ok=True)
    (docs / "images").mkdir(parents=True, exist_ok=True)
    for name in EXPERIMENTS:
        path = results / f"{name}.json"
        if not path.exists():
            continue
        text = path.read_text(encoding="utf-8").replace(str(paths.BUILD), "build/release")
        (docs / "performance" / path.name).write_text(text, encoding="utf-8")
        if name == "batching":
            image = runtime_page.batches_image(json.loads(text))
            (docs / "images" / f"performance-{name}.svg").write_text(image, encoding="utf-8")
            continue
        plot = results / name / "latency.svg"
        document = json.loads(text)
        if plot.exists() and "result" in document:  # of several results it is but the last one's
            svg = plot.read_text(encoding="utf-8")
            for label, target in zip(document["labels"], document["result"]["targets"], strict=True):
                svg = svg.replace(f">{html.escape(target['name'], quote=False)}<", f">{html.escape(label, quote=False)}<")
            (docs / "images" / f"performance-{name}.svg").write_text(svg, encoding="utf-8")


def documents_in(docs):
    """In the order of the experiments; those that are not there are left out."""
    found = {name: docs / "performance" / f"{name}.json" for name in EXPERIMENTS}
    return {name: json.loads(path.read_text(encoding="utf-8")) for name, path in found.items() if path.exists()}


def main():
    parser = argparse.ArgumentParser(description="Puts results into the documentation and makes its page again.")
    parser.add_argument("--results", type=pathlib.Path)
    parser.add_argument("--docs", type=pathlib.Path, default=paths.ROOT / paths.DOCS)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    path = arguments.docs / "performance.md"
    if arguments.results is not None:
        keep(arguments.results, arguments.docs)
    documents = documents_in(arguments.docs)
    if not documents:
        sys.exit(f"there are no results in {arguments.docs / 'performance'}; ./scripts/bench makes them")
    text = page.render(documents)
    if arguments.check:
        if path.read_text(encoding="utf-8") != text:
            sys.exit(f"{path} is not what {arguments.docs / 'performance'} says; make it with: python3 bench/publish.py")
        return
    path.write_text(text, encoding="utf-8")
    for row in rows.rows_of(documents):
        print(f"{row.title}\n  {row.measured}\n  {' '.join(filter(None, [row.reach, row.verdict.replace('**', '')]))}")
    print(path)


if __name__ == "__main__":
    main()

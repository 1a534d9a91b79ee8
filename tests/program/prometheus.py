"""Prometheus's text format 0.0.4 by its grammar, stricter than its readers are: what `GET /metrics` must be."""
import math
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
HELP = re.compile(rf"# HELP ({NAME}) (?:[^\\\n]|\\\\|\\n)+")
TYPE = re.compile(rf"# TYPE ({NAME}) (counter|gauge|histogram)")
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? ([-+]?[0-9][-+0-9.eE]*)")


class Family:
    def __init__(self, name):
        self.name, self.type, self.samples = name, None, {}  # {(suffix, labels as a tuple of pairs): value}

    def value(self, suffix="", **labels):
        return self.samples[suffix, tuple(labels.items())]

    def sum(self, **labels):
        """Of all samples that have these labels among theirs."""
        return sum(value for (_, own), value in self.samples.items() if labels.items() <= dict(own).items())


def unescape(text):
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text)


def labels_of(text):
    pairs = tuple((label.split("=", 1)[0], unescape(label.split("=", 1)[1][1:-1])) for label in re.findall(LABEL, text or ""))
    check(len({name for name, _ in pairs}) == len(pairs), f"a label that comes twice in {text}")
    return pairs


def check(condition, text):
    if not condition:
        raise AssertionError(text)


def check_histogram(family):
    series = {}
    for (suffix, labels), value in family.samples.items():
        if suffix == "_bucket":
            check(labels and labels[-1][0] == "le", f"{family.name}: a bucket without its bound")
            bounds = series.setdefault(labels[:-1], {}).setdefault("bounds", [])
            bounds.append((math.inf if labels[-1][1] == "+Inf" else float(labels[-1][1]), value))
        else:
            check(suffix in ("_sum", "_count"), f"{family.name}{suffix} in a histogram")
            series.setdefault(labels, {})[suffix] = value
    for labels, parts in series.items():
        check(set(parts) == {"bounds", "_sum", "_count"}, f"{family.name} {labels} has only {set(parts)}")
        bounds, counts = zip(*parts["bounds"])
        check(list(bounds) == sorted(set(bounds)) and bounds[-1] == math.inf, f"{family.name} {labels}: bounds {bounds}")
        check(list(counts) == sorted(counts) and counts[-1] == parts["_count"], f"{family.name} {labels}: counts {counts}")


def parse(text):
    """{name: Family}. An AssertionError says what is wrong with the text."""
    check(text.endswith("\n"), "the last line has no end")
    families, family = {}, None
    for line in text[:-1].split("\n"):
        if match := HELP.fullmatch(line):
            check(match[1] not in families, f"a family that comes twice: {line}")
            family = families[match[1]] = Family(match[1])
        elif match := TYPE.fullmatch(line):
            check(family is not None and match[1] == family.name and family.type is None, f"out of place: {line}")
            family.type = match[2]
        elif match := SAMPLE.fullmatch(line):
            check(family is not None and family.type and match[1].startswith(family.name), f"out of place: {line}")
            suffix = match[1][len(family.name):]
            check(suffix == "" or family.type == "histogram", f"out of place: {line}")
            check(family.type == "gauge" or float(match[3]) >= 0, f"a counter below 0: {line}")
            key = (suffix, labels_of(match[2]))
            check(key not in family.samples, f"a sample that comes twice: {line}")
            family.samples[key] = float(match[3])
        else:
            raise AssertionError(f"no line of this format: {line}")
    for each in families.values():
        check(each.type is not None, f"{each.name} has no type")
        if each.type == "histogram":
            check_histogram(each)
    return families

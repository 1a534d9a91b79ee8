"""Medians with their 95 % interval: the percentile bootstrap, as in src/bench/statistics.h. By seed."""
import random
import statistics

RESAMPLE_COUNT = 4000


def interval(values, seed=1):
    values = list(values)
    generator = random.Random(seed)
    medians = sorted(statistics.median(generator.choices(values, k=len(values))) for _ in range(RESAMPLE_COUNT))
    return {"median": statistics.median(values), "low95": medians[int(0.025 * (RESAMPLE_COUNT - 1))],
            "high95": medians[int(0.975 * (RESAMPLE_COUNT - 1))]}


def paired_ratio(ours, theirs):
    return interval([a / b for a, b in zip(ours, theirs, strict=True)])

"""What a runner's call through the C API costs: beside the C++ class behind it, beside the raw engine bound once, and on
many threads. As experiments.py: each function returns what docs/performance/NAME.json will hold."""
import oarlock_bench
import paths
from runtime_experiments import ENGINES, points_of

MODEL = "relu_1x16"
THREADS = 8


def runner(way, engine, threads=1):
    """bench/capi/runner.cc: `c` goes through liboarlock's functions, `core` calls the class behind them."""
    return f"exec:{paths.BUILD / 'bench' / 'runner'} {way} {paths.model(MODEL)} {engine} {threads}"


def raw(engine, threads=1):
    return f"exec:{paths.BUILD / 'bench' / f'raw_{engine}'} {paths.model(MODEL)} 1 {threads}"


def compare(setting, ours, theirs, rounds, duration_s):
    return oarlock_bench.run(setting.output(), ours, *setting.schedule(rounds, duration_s, 0.5), against=[theirs])


def runner_core(setting):
    return points_of(["C API", "C++ class"], [({"engine": engine}, compare(setting, runner("c", engine), runner("core", engine), 60, 12))
                                              for engine in ENGINES])


def runner_raw(setting):
    return points_of(["runner", "raw engine"], [({"engine": engine}, compare(setting, runner("c", engine), raw(engine), 60, 12))
                                                for engine in ENGINES])


def runner_threads(setting):
    points = []
    for engine in ENGINES:
        for threads in (1, THREADS):
            setting.progress(f"{engine}, {threads} threads")
            points.append(({"engine": engine, "threads": threads},
                           compare(setting, runner("c", engine, threads), raw(engine, threads), 40, 12)))
    return points_of(["runner", "raw engine"], points)


EXPERIMENTS = {
    "runner_core": runner_core,
    "runner_raw": runner_raw,
    "runner_threads": runner_threads,
}

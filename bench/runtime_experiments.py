"""What the runtime does for a model's callers, measured in this process without HTTP: batching, executions beside each
other, queues under load, many models. As experiments.py: each function returns what docs/performance/NAME.json will hold."""
import oarlock_bench
import paths

ENGINES = ("onnxruntime", "openvino")
CALLERS = (1, 2, 4, 8, 16)
EXECUTIONS = 2  # of the model that sleeps: it takes no core


def two_ways(setting, model, engine, ours, theirs, callers, rounds, duration_s):
    """(result, command) of a model in two ways, interleaved; bench/runtime/paths.cc says what a way is."""
    flags = setting.schedule(rounds, duration_s, 0.5)
    return oarlock_bench.run_program("paths", paths.model(model), "--engine", engine, "--ours", ours, "--theirs", theirs,
                                     "--callers", callers, *flags)


def points_of(labels, points):
    """A document of several results: `points` are (what tells them apart, (result, command))."""
    first = points[0][1][0]
    return {"labels": labels, "commands": [command for _, (_, command) in points], "machine": first["machine"],
            "started": first["started"], "points": [{**where, "result": result} for where, (result, _) in points]}


def batcher_overhead(setting):
    points = []
    for engine in ENGINES:
        setting.progress(engine)
        points.append(({"engine": engine}, two_ways(setting, "relu_rows", engine, "executions=1,max_batch_size=8,queued",
                                                    "executions=1,max_batch_size=8", 1, 40, 12)))
    return points_of(["through the batcher", "direct"], points)


def pool(setting):
    points = []
    for model, engine in (*(("small_cnn", engine) for engine in ENGINES), ("relu_rows", ENGINES[0])):
        for callers in CALLERS:
            setting.progress(f"{model}, {engine}, {callers} callers")
            points.append(({"model": model, "engine": engine, "callers": callers},
                           two_ways(setting, model, engine, "executions=0", "executions=1,locked", callers, 20, 8)))
    return points_of(["pool", "lock"], points)


def batching(setting):
    points = []
    for model, engine in ((model, engine) for model in ("dense_cnn", "small_cnn") for engine in ENGINES):
        setting.progress(f"{model}, {engine}")
        which = {"model": model, "engine": engine}
        points.append((which, two_ways(setting, model, engine, "max_batch_size=8,max_delay_us=200,queued",
                                       "max_batch_size=0", 16, 20, 10)))
        rows = f"{paths.BUILD / 'bench' / f'raw_{engine}'} {paths.model(model)}"
        points.append(({**which, "raw_rows": [8, 1]},
                       oarlock_bench.run(setting.output(), f"exec:{rows} 8", *setting.schedule(20, 6, 0.5),
                                         against=[f"exec:{rows} 1"])))
    return points_of(["batched", "one by one"], points)


def open_loop(setting):
    rounds, duration_s = (2, 4) if setting.quick else (10, 60)
    result, command = oarlock_bench.run_program("open_loop", paths.SLEEPER, "--executions", EXECUTIONS, "--rounds", rounds,
                                                "--duration", duration_s, "--share", 0.7)
    return single(command, result)


def overload(setting):
    duration_s, capacity_s = (3, 1) if setting.quick else (30, 5)
    result, command = oarlock_bench.run_program("overload", paths.SLEEPER, "--executions", EXECUTIONS, "--queue", 32,
                                                "--times", 3, "--duration", duration_s, "--capacity-seconds", capacity_s)
    return single(command, result)


def single(command, measured):
    machine, started = oarlock_bench.machine()
    return {"labels": [], "commands": [command], "machine": machine, "started": started, "measured": measured}


def many_models(setting):
    points, commands = [], []
    rounds = 1 if setting.quick else 3
    for index in range(rounds):
        for engine in ENGINES:
            setting.progress(f"{engine}, {index + 1} of {rounds}")
            for label, run in (("Oarlock", lambda: oarlock_bench.run_program(
                                   "many_models", paths.MODELS / "many", "--engine", engine, "--callers", 16,
                                   "--duration", 1 if setting.quick else 3)),
                               ("raw", lambda: oarlock_bench.run_program(f"raw_{engine}", "--all", paths.MODELS / "many"))):
                measured, command = run()
                points.append({"engine": engine, "label": label, **measured})
                if index == 0:
                    commands.append(command)
    machine, started = oarlock_bench.machine()
    return {"labels": ["Oarlock", "raw"], "commands": commands, "machine": machine, "started": started, "points": points}


EXPERIMENTS = {
    "batching": batching,
    "pool": pool,
    "batcher_overhead": batcher_overhead,
    "open_loop": open_loop,
    "overload": overload,
    "many_models": many_models,
}

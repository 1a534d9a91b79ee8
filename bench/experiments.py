"""What is measured, in the order in which it is: each experiment is a function that returns what docs/performance/NAME.json
will hold. bench/rows.py says what must come of it."""
import contextlib
import json
import re
import subprocess

import capi_experiments
import go_experiments
import memory
import network_experiments
import oarlock_bench
import paths
import question
import runtime_experiments
import server
import start
from oarlock_bench import Schedule

CONNECTIONS = 8


class Setting:
    """Of one experiment: its name, whether it is only tried, and where its results go."""

    def __init__(self, name, results, quick, progress):
        self.name, self.results, self.quick, self.progress = name, results, quick, progress

    def output(self):
        return self.results / self.name

    def schedule(self, rounds, duration_s, warm_up_s=1.0):
        return Schedule(rounds, duration_s, warm_up_s, self.quick).flags()


def against_raw(model, engine, rounds, duration_s):
    """A model in process, against a program that calls the engine with nothing between."""
    def run(setting):
        baseline = f"{paths.BUILD / 'bench' / f'raw_{engine}'} {paths.model(model)}"
        result, command = oarlock_bench.run(setting.output(), paths.model(model), "--engine", engine,
                                            "--title", f"{model}, {engine}, in process",
                                            *setting.schedule(rounds, duration_s), against=[f"exec:{baseline}"])
        return {"labels": [f"Oarlock, {engine}", f"raw {engine}"], "commands": [command], "result": result}
    return run


def serve_and_compare(setting, servers, urls, flags, title):
    """All `servers` run while the first of `urls` is measured against the others."""
    result, command = oarlock_bench.run(setting.output(), urls[0], *flags, "--title", title, against=urls[1:])
    return {"labels": [each.label for each in servers],
            "commands": [each.command_text() for each in servers] + [command], "result": result}


def http_json(setting):
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(server.ours(question.MODEL))
        answer = question.store_answer(ours, oarlock_bench.random_outputs(question.MODEL), "answer.json")
        others = [stack.enter_context(each) for each in (server.http_echo(answer), server.nginx(answer),
                                                         server.fastapi(question.MODEL), server.flask(question.MODEL))]
        servers = [ours, *others]
        paths_asked = [question.PATH, "/http_echo", "/nginx", question.PATH, question.PATH]
        urls = [each.url(path) for each, path in zip(servers, paths_asked)]
        flags = ["--concurrency", str(CONNECTIONS), *setting.schedule(20, 20)]
        document = serve_and_compare(setting, servers, urls, flags, "relu of 16 numbers as JSON, 8 connections")
    return {**document, "versions": versions()}


def http_binary(setting):
    model = "image_602k"
    with server.ours(model) as ours, server.fastapi(model) as fastapi:
        urls = [each.url(f"/v2/models/{model}") for each in (ours, fastapi)]
        return serve_and_compare(setting, [ours, fastapi], urls, ["--binary", *setting.schedule(20, 20)],
                                 "602,112 bytes in, 4,096 bytes out, 1 connection")


def closed_loop_rate(setting, label):
    """Requests per second of one of the targets of http_json."""
    path = paths.ROOT / setting.results / "http_json.json"
    if not path.exists():
        raise RuntimeError(f"{setting.name} asks at a share of what http_json has measured: run that first")
    document = json.loads(path.read_text(encoding="utf-8"))
    return document["result"]["targets"][document["labels"].index(label)]["requests_per_s"]


def open_loop_flags(setting, rate, rounds, duration_s):
    return ["--concurrency", str(CONNECTIONS), "--rate", str(rate), "--arrivals", "poisson",
            *setting.schedule(rounds, duration_s)]


def open_loop_both(setting):
    rate = round(closed_loop_rate(setting, "FastAPI") / 2)
    with server.ours(question.MODEL) as ours, server.fastapi(question.MODEL) as fastapi:
        urls = [each.url(question.PATH) for each in (ours, fastapi)]
        return serve_and_compare(setting, [ours, fastapi], urls, open_loop_flags(setting, rate, 10, 20),
                                 f"Poisson arrivals, {rate:,} requests/s, JSON")


def open_loop_ours(setting):
    rate = round(closed_loop_rate(setting, "Oarlock") / 2)
    with server.ours(question.MODEL) as ours:
        return serve_and_compare(setting, [ours], [ours.url(question.PATH)], open_loop_flags(setting, rate, 10, 20),
                                 f"Poisson arrivals, {rate:,} requests/s, JSON")


def start_up(setting):
    makes = [lambda port: server.ours(question.MODEL, port=port), lambda port: server.fastapi(question.MODEL, port=port)]
    rounds = 3 if setting.quick else 20
    samples = start.measure(makes, rounds, lambda index, count: setting.progress(f"start {index} of {count}"))
    machine, started = oarlock_bench.machine()
    examples = [make(0) for make in makes]
    return {"labels": [each.label for each in examples], "commands": [*(each.command_text() for each in examples), "python3 bench/measure.py start_up"],
            "machine": machine, "started": started, "samples_ms": [[round(ms, 3) for ms in each] for each in samples]}


def memory_held(setting):
    makes = [server.ours(question.MODEL, engine=engine) for engine in runtime_experiments.ENGINES]
    makes += [server.fastapi(question.MODEL), server.flask(question.MODEL)]
    held = []
    for one in makes:
        setting.progress(one.label)
        with one:
            held.append(memory.measure(one))
    machine, started = oarlock_bench.machine()
    return {"labels": [each.label for each in makes], "commands": [*(each.command_text() for each in makes), "python3 bench/measure.py memory_held"],
            "machine": machine, "started": started, "held": held}


def versions():
    """Of the peers: what their requirements pin, and what nginx says."""
    found = {}
    for name, wanted in (("fastapi", ("fastapi", "uvicorn", "onnxruntime")), ("flask", ("flask", "gunicorn", "gevent"))):
        text = (paths.ROOT / f"bench/peers/requirements-{name}.txt").read_text(encoding="utf-8")
        for package in wanted:
            found[package] = re.search(rf"^{package}==(\S+)", text, re.MULTILINE)[1]
    said = subprocess.run(["/usr/sbin/nginx", "-v"], stderr=subprocess.PIPE, check=True).stderr.decode()
    found["nginx"] = said.strip().rsplit("/", 1)[1]
    return found


EXPERIMENTS = {
    "call_onnxruntime": against_raw("relu_1x16", "onnxruntime", 60, 15),
    "call_openvino": against_raw("relu_1x16", "openvino", 60, 15),
    "resnet50_onnxruntime": against_raw("resnet50", "onnxruntime", 80, 60),
    "resnet50_openvino": against_raw("resnet50", "openvino", 80, 60),
    "http_json": http_json,
    "http_binary": http_binary,
    "open_loop_both": open_loop_both,
    "open_loop_ours": open_loop_ours,
    "start_up": start_up,
    "memory_held": memory_held,
    **network_experiments.EXPERIMENTS,
    **runtime_experiments.EXPERIMENTS,
    **capi_experiments.EXPERIMENTS,
    **go_experiments.EXPERIMENTS,
}

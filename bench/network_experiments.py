"""What a request over the network costs beside the least that its protocol takes, whether one port costs more than two, and
what clients that ask nothing cost. As experiments.py: each function returns what docs/performance/NAME.json will hold."""
import contextlib
import subprocess

import memory
import oarlock_bench
import paths
import question
import server
from runtime_experiments import points_of

PICTURE = "image_602k"
# Model and connections. One connection tells what a request costs; eight, what the machine bears.
GRPC_POINTS = ((question.MODEL, 1), (question.MODEL, 8), (PICTURE, 1))
BINARY_POINTS = ((question.MODEL, 8), (PICTURE, 1))
IDLE_CONNECTIONS, STREAMS = 1000, 100
READY_S = 120


def compare(setting, urls, connections, *flags, rounds=20, duration_s=20):
    return oarlock_bench.run(setting.output(), urls[0], "--concurrency", str(connections), *flags,
                             *setting.schedule(rounds, duration_s), against=urls[1:])


def clients_program(name, *arguments):
    """One of the programs in bench/peers that need others' clients."""
    return [str(word) for word in (paths.venv("clients"), f"bench/peers/{name}", *arguments)]


def grpc_answer(ours, model):
    """A file with the message that our server answers with."""
    path = paths.WORK / f"answer_{model}.pb"
    command = clients_program("grpc_answer.py", f"127.0.0.1:{ours.port}", model, path)
    subprocess.run(command, cwd=paths.ROOT, stdin=subprocess.DEVNULL, timeout=READY_S, check=True)
    return path


def against_echo(setting, labels, where, make_echo, urls_of, *flags):
    points, commands = [], []
    for model, connections in where:
        setting.progress(f"{model}, {connections} connections")
        with server.ours(model) as ours, make_echo(ours, model) as echo:
            points.append(({"model": model, "connections": connections},
                           compare(setting, urls_of(ours, echo, model), connections, *flags)))
            commands += [ours.command_text(), echo.command_text()]
    document = points_of(labels, points)
    return {**document, "commands": [*commands, *document["commands"]]}


def grpc_echo(setting):
    return against_echo(setting, ["Oarlock", "grpc_echo"], GRPC_POINTS,
                        lambda ours, model: server.grpc_echo(grpc_answer(ours, model)),
                        lambda ours, echo, model: [each.url(f"/v2/models/{model}", "grpc") for each in (ours, echo)])


def http_echo_binary(setting):
    return against_echo(setting, ["Oarlock", "http_echo"], BINARY_POINTS,
                        lambda ours, model: server.http_echo(question.store_binary_answer(ours, model, f"answer_{model}.bin")),
                        lambda ours, echo, model: [ours.url(f"/v2/models/{model}"), echo.url("/v2/models/http_echo")], "--binary")


def one_port(setting):
    points = []
    with server.ours(question.MODEL) as one, server.ours_on_two_ports(question.MODEL) as two:
        for scheme in ("http", "grpc"):
            setting.progress(scheme)
            urls = [one.url(question.PATH, scheme), two.url(question.PATH, scheme)]
            points.append(({"scheme": scheme}, compare(setting, urls, 8, rounds=40, duration_s=30)))
        commands = [one.command_text(), two.command_text()]
    document = points_of(["one port", "two ports"], points)
    return {**document, "commands": [*commands, *document["commands"]]}


def grpc_binary(setting):
    with server.ours(PICTURE) as ours, server.fastapi(PICTURE) as fastapi:
        path = f"/v2/models/{PICTURE}"
        result, command = compare(setting, [ours.url(path, "grpc"), fastapi.url(path)], 1, "--binary")
        commands = [ours.command_text(), fastapi.command_text(), command]
    return {"labels": ["Oarlock, gRPC", "FastAPI, HTTP"], "commands": commands, "result": result}


@contextlib.contextmanager
def idle_clients(one, kind, count):
    """That many connections to a server that say nothing more, or streams; held until the `with` ends."""
    command = clients_program("idle_clients.py", f"127.0.0.1:{one.port}", question.MODEL, kind, count)
    process = subprocess.Popen(command, cwd=paths.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        if process.stdout.readline() != b"ready\n":
            raise RuntimeError(f"`{paths.command_text(command)}` did not connect")
        yield paths.command_text(command)
    finally:
        process.stdin.close()
        process.wait(server.END_S)
        process.stdout.close()


def idle(setting):
    held, points, commands = [], [], []
    # Room for all of them, and time: they are to stay until the end.
    flags = ("--limit", "http_connections_max=4096", "--limit", "http_idle_timeout_ms=3600000")
    with server.ours(question.MODEL, flags=flags) as crowded, server.ours(question.MODEL, flags=flags) as quiet, \
            contextlib.ExitStack() as clients:
        commands += [crowded.command_text(), quiet.command_text()]
        memory.measure(crowded)
        for kind, count in (("http", IDLE_CONNECTIONS), ("grpc", IDLE_CONNECTIONS), ("stream", STREAMS)):
            setting.progress(kind)
            before = memory.rss_bytes(crowded)
            commands.append(clients.enter_context(idle_clients(crowded, kind, count)))
            held.append({"kind": kind, "count": count, "rss_bytes": memory.rss_bytes(crowded) - before})
        for scheme in ("http", "grpc"):
            urls = [each.url(question.PATH, scheme) for each in (crowded, quiet)]
            points.append(({"scheme": scheme}, compare(setting, urls, 1, rounds=40, duration_s=10)))
    document = points_of(["among idle clients", "alone"], points)
    return {**document, "commands": [*commands, *document["commands"]], "held": held}


EXPERIMENTS = {
    "grpc_echo": grpc_echo,
    "http_echo_binary": http_echo_binary,
    "one_port": one_port,
    "grpc_binary": grpc_binary,
    "idle": idle,
}

"""One call of `oarlock bench`: what it measured, and how it was called."""
import json
import subprocess

import paths

LIMIT_S = 1200


class Schedule:
    """How long each target is measured: `rounds` blocks, `duration_s` in all. With `quick`, just long enough to try."""

    def __init__(self, rounds, duration_s, warm_up_s=1.0, quick=False):
        self.rounds, self.duration_s, self.warm_up_s = rounds, duration_s, warm_up_s
        if quick:
            self.rounds = min(rounds, 4)
            self.duration_s = duration_s / rounds * self.rounds / 4
            self.warm_up_s = warm_up_s / 5

    def flags(self):
        return ["--rounds", str(self.rounds), "--duration", f"{self.duration_s:g}", "--warm-up", f"{self.warm_up_s:g}"]


def run(output, target, *flags, against=()):
    """`output`: the directory for the results. Returns (result, command)."""
    command = [paths.OARLOCK, "bench", target]
    for other in against:
        command += ["--against", other]
    command += [*flags, "--json", "--output", output]
    return json_of(command)


def run_program(name, *arguments):
    """The same of one of the programs that the target oarlock_bench_programs builds."""
    return json_of([paths.BUILD / "bench" / name, *arguments])


def json_of(command):
    command = [str(word) for word in command]
    done = subprocess.run(command, cwd=paths.ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=LIMIT_S,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError(f"`{paths.command_text(command)}` ended with exit code {done.returncode}")
    return json.loads(done.stdout), paths.command_text(command)


def machine():
    """(fingerprint and description, time), for measurements that `oarlock bench` does not make."""
    result, _ = run(paths.WORK / "machine", paths.model("relu_16"), "--rounds", "1", "--duration", "0.01", "--warm-up", "0")
    return result["machine"], result["started"]


def random_outputs(model):
    """What a model answers to the values that `oarlock bench` sends it."""
    done = subprocess.run([paths.OARLOCK, "run", paths.model(model), "--random", "--json"], cwd=paths.ROOT,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=LIMIT_S, check=True)
    return json.loads(done.stdout)["outputs"]

"""Where things lie. Programs run with the repository as their directory, so that commands read the same everywhere."""
import os
import pathlib
import shlex

ROOT = pathlib.Path(__file__).resolve().parent.parent
# OARLOCK_BUILD: another build of the programs measured.
BUILD = pathlib.Path(os.environ.get("OARLOCK_BUILD", "build/release"))
OARLOCK = BUILD / "bin" / "oarlock"
WORK = pathlib.Path("build/bench")
MODELS = WORK / "models"
SLEEPER = MODELS / "sleep_10ms.fake"
DOCS = pathlib.Path("docs")


def model(name):
    return MODELS / f"{name}.onnx"


def venv(name, program="python"):
    return WORK / f"venv-{name}" / "bin" / program


def command_text(command, env=None):
    """As one would type it after `scripts/bench` has built everything."""
    words = [f"{name}={shlex.quote(value)}" for name, value in (env or {}).items()]
    words += [shlex.quote(str(word).replace(str(BUILD), "build/release")) for word in command]
    return " ".join(words)

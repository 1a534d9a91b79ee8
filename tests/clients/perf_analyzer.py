"""perf_analyzer, Triton's own measuring program, as tests run it: short windows, whose figures need not be steady. It looks at
three in a row; on a machine that is busy with other things some have no request, so more may be tried."""
import os
import pathlib
import subprocess

from program import WAIT_S

DIRECTORY = pathlib.Path(os.environ["OARLOCK_PERF_ANALYZER"])
LIBRARIES = DIRECTORY / "lib"
WINDOWS = 3
SHORT = ["--measurement-interval", "150", "--max-trials", "20", "--stability-percentage", "999"]


def measure(model, address, *arguments):
    """What the process left: exit code, standard output and standard error as text."""
    command = [str(DIRECTORY / "bin" / "perf_analyzer"), "-m", model, "-u", address, *SHORT, *map(str, arguments)]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=WAIT_S, check=False,
                          env={**os.environ, "LD_LIBRARY_PATH": str(LIBRARIES)})

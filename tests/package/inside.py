"""The package unpacked in a bare Debian 12, and how to run something there.

scripts/test-package sets OARLOCK_PACKAGE and OARLOCK_BARE_ROOT (a directory that holds such a system).
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ["OARLOCK_SOURCE_DIR"]).resolve()
sys.path.insert(0, str(SOURCE / "tests" / "program"))

from program import WAIT_S  # noqa: E402

PACKAGE = pathlib.Path(os.environ["OARLOCK_PACKAGE"]).resolve()
ROOT = pathlib.Path(os.environ["OARLOCK_BARE_ROOT"]).resolve()
NAME = PACKAGE.name.removesuffix(".tar.xz")
VERSION = NAME.split("-")[1]


def output(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, timeout=WAIT_S, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command}: exit code {done.returncode}\n{done.stdout.decode()}{done.stderr.decode()}")
    return done.stdout.decode()


class Inside:
    """One unpacked package in the bare system."""

    def __init__(self, folder):
        self.folder = folder  # as the system inside sees it
        self.outside = ROOT / folder.lstrip("/")
        self.outside.mkdir(parents=True)
        output("tar", "--extract", "--file", PACKAGE, "--directory", self.outside)
        self.tree = f"{folder}/{NAME}"
        # What starts a program inside, under the name that the tests of the program expect. The mount is its own.
        self.binary = self.starter("oarlock", f"{self.tree}/bin/oarlock")

    def starter(self, name, *command):
        handle, path = tempfile.mkstemp(prefix=f"oarlock-{name}-")
        words = " ".join(f"'{word}'" for word in command)
        inner = f'mount -t proc proc "$0/proc" && exec chroot "$0" /usr/bin/env -i {words} "$@"'
        with os.fdopen(handle, "w") as file:
            file.write(f"#!/bin/sh\nexec unshare --mount sh -c '{inner.replace(chr(39), chr(39) + chr(92) + chr(39) * 2)}' '{ROOT}' \"$@\"\n")
        os.chmod(path, 0o755)
        return path

    def shell(self, text):
        path = self.starter("sh", "/bin/sh", "-c", f"cd {self.tree} && {text}")
        try:
            return output(path)
        finally:
            os.unlink(path)

    def put(self, path):
        """A copy of that model inside; its path there."""
        target = self.outside / "models" / path.name
        if path.is_dir():
            shutil.copytree(path, target, dirs_exist_ok=True)
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(path, target)
        return f"{self.folder}/models/{path.name}"

    def discard(self):
        os.unlink(self.binary)
        shutil.rmtree(self.outside)

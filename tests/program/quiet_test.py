"""Nobody is told of what runs here: no name is looked up, and nothing but what was asked for is connected to. Engines may
have other ideas, so that each is loaded and run."""
import os
import subprocess
import sys
import unittest

from program import BINARY, MODELS, WAIT_S, ProgramTest

# Notes every name that is looked up, and every connection to an address.
SPY = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
static void note(const char* text) {
  const int file = open(getenv("SPY_FILE"), O_WRONLY | O_APPEND | O_CREAT, 0600);
  if (file < 0 || write(file, text, strlen(text)) < 0 || write(file, "\n", 1) < 0) abort();
  close(file);
}
int getaddrinfo(const char* name, const char* service, const struct addrinfo* hints, struct addrinfo** found) {
  (void)service, (void)hints, (void)found;
  note(name != NULL ? name : "no name");
  return EAI_FAIL;
}
int connect(int socket, const struct sockaddr* address, socklen_t size) {
  (void)socket, (void)size;
  if (address->sa_family == AF_INET || address->sa_family == AF_INET6) note("connect");
  return -1;
}
"""


class Quiet(ProgramTest):
    def setUp(self):
        self.spy, self.seen = self.directory / "spy.so", self.directory / "seen"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", self.spy, "-xc", "-"], input=SPY.encode(), check=True, timeout=WAIT_S)

    def watch(self, *command, seconds=None):
        """What was noted of the command, which is ended after so many seconds, if any."""
        self.seen.unlink(missing_ok=True)
        # A machine of tests is left alone by some; a user's is meant.
        env = {key: value for key, value in os.environ.items() if key not in ("CI", "ORT_RUNNING_UNIT_TESTS", "ORT_DISABLE_TELEMETRY")}
        env.update(LD_PRELOAD=str(self.spy), SPY_FILE=str(self.seen), HOME=str(self.directory), XDG_CACHE_HOME=str(self.directory / "cache"))
        with subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env) as process:
            try:
                process.wait(seconds or WAIT_S)
                self.assertIsNone(seconds, process.stdout.read())
                self.assertEqual(process.returncode, 0, process.stdout.read())
            except subprocess.TimeoutExpired:
                process.terminate()
                self.assertEqual(process.wait(WAIT_S), 0, process.stdout.read())
        return self.seen.read_text() if self.seen.exists() else ""

    def test_the_spy_sees(self):
        self.assertEqual(self.watch(sys.executable, "-c", "import socket\ntry: socket.getaddrinfo('a.test', 1)\nexcept OSError: pass"), "a.test\n")

    def test_engines_tell_nobody(self):
        for engine in ("onnxruntime", "openvino"):
            if os.environ.get(f"OARLOCK_TEST_{engine.upper()}") == "0":
                continue
            with self.subTest(engine):
                # What is sent is sent some seconds after the start.
                model = MODELS / "onnx" / "relu_1x16.onnx"
                self.assertEqual(self.watch(BINARY, "serve", model, "--engine", engine, "--http", "127.0.0.1:0", seconds=6), "")
                left = sorted(str(path.relative_to(self.directory)) for path in self.directory.rglob("*") if path.is_file())
                self.assertEqual(left, ["spy.so"])


if __name__ == "__main__":
    unittest.main()

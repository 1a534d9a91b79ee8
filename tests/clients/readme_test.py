"""What the README says of clients, done as its readers would do it; only the port is another one."""
import os
import pathlib
import re
import subprocess
import sys
import unittest

import perf_analyzer
from program import MODELS, SOURCE, WAIT_S, WAYBILL, ProgramTest, waybill_pictures

ADDRESS = "127.0.0.1:8080"
TOOLS = [pathlib.Path(os.environ["OARLOCK_GRPCURL"]).parent, perf_analyzer.DIRECTORY / "bin"]
README = (SOURCE / "README.md").read_text(encoding="utf-8")


def blocks(heading, language):
    """The code blocks of that language under that heading."""
    section = README.split(f"\n{heading}\n")[1].split("\n### ")[0]
    return [text for found, text in re.findall(r"^```(\w*)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL) if found == language]


def commands(text):
    """The lines that start with "$ ", each with those that continue it."""
    return [found.replace("\\\n", " ") for found in re.findall(r"^\$ ((?:.*\\\n)*.*)$", text, re.MULTILINE)]


class Readme(ProgramTest):
    def run_command(self, *words, cwd=SOURCE):
        environment = {**os.environ, "PATH": ":".join([*map(str, TOOLS), os.environ["PATH"]]),
                       "LD_LIBRARY_PATH": str(perf_analyzer.LIBRARIES)}
        done = subprocess.run(words, capture_output=True, timeout=WAIT_S, check=False, cwd=cwd, env=environment)
        self.assertEqual(done.returncode, 0, (words, done.stdout, done.stderr))
        return done.stdout

    def serve_model(self):
        model = self.directory / "model.onnx"
        model.symlink_to(MODELS / "onnx" / "relu_1x16.onnx")
        return self.serve(model)

    def test_python(self):
        program, = blocks("### Point your Triton client at it", "python")
        server = self.serve_model()
        for module in ("tritonclient.grpc", "tritonclient.http"):
            text = program.replace(ADDRESS, server.address).replace("import tritonclient.grpc", f"import {module}")
            self.assertNotEqual(text, program)
            self.assertEqual(self.run_command(sys.executable, "-c", text), b"[3. 0.]\n")

    def test_commands(self):
        text, = blocks("### Point your Triton client at it", "")
        server = self.serve_model()
        answers = {}
        for command in commands(text):
            self.assertIn(ADDRESS, command)
            short = perf_analyzer.SHORT if command.startswith("perf_analyzer") else []  # its own windows are of 5 s
            answers[command.split()[0]] = self.run_command("bash", "-c", " ".join([command.replace(ADDRESS, server.address), *short]))
        self.assertEqual(list(answers), ["perf_analyzer", "grpcurl", "curl"])
        self.assertRegex(answers["perf_analyzer"], rb"Concurrency: 4, throughput: [1-9][0-9.]* infer/sec")
        self.assertIn(b'"platform": "onnxruntime_onnx"', answers["grpcurl"])
        self.assertEqual(answers["curl"], b'{"model_name":"model","model_version":"1","outputs":[{"name":"y","datatype":"FP32",'
                                          b'"shape":[1,16],"data":[3,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}]}')

    def test_picture_by_curl(self):
        command, = [each for text in blocks("## Use it", "") for each in commands(text) if each.startswith("curl")]
        server = self.serve(WAYBILL / "models" / "waybill")
        answer = self.run_command("bash", "-c", command.replace(ADDRESS, server.address))
        path, number = waybill_pictures()[0]
        self.assertIn(str(path.relative_to(SOURCE)), command)
        self.assertIn(number.encode(), answer)


if __name__ == "__main__":
    unittest.main()

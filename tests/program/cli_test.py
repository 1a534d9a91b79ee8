"""The command line itself: help, version, exit codes, JSON, and what a terminal gets that a pipe does not."""
import json
import os
import pty
import re
import select
import shlex
import subprocess
import time
import unittest

from program import BINARY, BUILD, MODELS, SOURCE, WAIT_S, ProgramTest, needs_onnxruntime, needs_openvino, run

SUBCOMMANDS = ("inspect", "run", "serve", "bench", "convert", "cache", "engines", "doctor")
RELU = MODELS / "onnx" / "relu_1x16.onnx"
SCRIPT = "input x FP32 1,4\noutput y FP32 1,4\nop double\n"


def rows_with_a_flag():
    """(scope, flag) of every row of the configuration table that has one."""
    text = (SOURCE / "src" / "base" / "config_schema.def").read_text(encoding="utf-8")
    rows = re.findall(r'^OAR_KEY\((\w+), "[^"]*", "[^"]*", "[^"]*", "(--[^"]+)"', text, re.MULTILINE)
    assert len(rows) > 15, rows
    return rows


class Help(ProgramTest):
    def test_program_lists_every_subcommand(self):
        shown = run("--help")
        self.assertEqual(shown.code, 0, shown)
        for name in SUBCOMMANDS:
            self.assertRegex(shown.out, rf"\n  {name} +[A-Z]")
        self.assertIn("`oarlock COMMAND --help` shows a command's flags and examples", shown.out)
        self.assertEqual(shown.err, "")

    def test_every_subcommand_has_examples(self):
        for name in SUBCOMMANDS:
            with self.subTest(name):
                shown = run(name, "--help")
                self.assertEqual(shown.code, 0, shown)
                self.assertRegex(shown.out, rf"Examples:\n  oarlock {name} ")

    def test_examples_name_files_of_this_repository_that_exist(self):
        named = 0
        for name in SUBCOMMANDS:
            for word in run(name, "--help").out.split("Examples:\n")[1].split():
                if word.startswith("examples/"):
                    named += 1
                    self.assertTrue(list(SOURCE.glob(word)), f"`oarlock {name} --help` names {word}")
        self.assertGreater(named, 2)

    def test_examples_are_command_lines_that_parse(self):
        for name in SUBCOMMANDS:
            for line in re.findall(r"\n  oarlock (.+)", run(name, "--help").out):
                words = shlex.split(re.split(r"  +", line)[0])
                done = run(*words, "--help", cwd=SOURCE)
                self.assertEqual(done.code, 0, f"{words}\n{done}")

    def test_every_flag_of_the_table_is_shown_where_it_belongs(self):
        shown = {name: run(name, "--help").out for name in SUBCOMMANDS}
        shown["program"] = run("--help").out
        places = {"models": ("serve", "program"), "model": ("run", "inspect", "serve", "bench", "doctor"), "run": ("run", "bench"),
                  "bench": ("bench",), "convert": ("convert",),
                  "batching": ("run", "serve", "bench"), "serve": ("serve",), "cli": ("program",)}
        for scope, flag in rows_with_a_flag():
            found = [name for name in places[scope] if re.search(rf"\n  {flag}\b", shown[name])]
            self.assertTrue(found, f"{flag} is in no --help of {places[scope]}")

    def test_serve_lists_every_limit_with_its_default(self):
        text = (SOURCE / "src" / "base" / "limits.def").read_text(encoding="utf-8")
        rows = re.findall(r"^OAR_LIMIT\((\w+), ([\d']+),", text, re.MULTILINE)
        self.assertGreater(len(rows), 15)
        shown = run("serve", "--help").out
        for name, default in rows:
            self.assertRegex(shown, rf"\n  {name} +{default.replace(chr(39), '')}\b")

    def test_version_is_that_of_the_project(self):
        version = re.search(r"project\(oarlock VERSION ([\d.]+)", (SOURCE / "CMakeLists.txt").read_text(encoding="utf-8"))
        shown = run("--version")
        self.assertEqual((shown.code, shown.out, shown.err), (0, f"oarlock {version[1]}\n", ""))


class ExitCodes(ProgramTest):
    def test_usage_mistakes_are_2(self):
        npy = self.path("x.npy", b"")
        mistakes = {
            (): "subcommand is required",
            ("frobnicate",): "there is no 'frobnicate'; known: inspect, run, serve, bench, convert, cache, engines",
            ("inspct", RELU): "there is no 'inspct'; did you mean 'inspect'?",
            ("run",): "MODEL",
            ("run", RELU, "--frobnicate"): "--frobnicate",
            ("run", RELU, "--input"): "--input",
            ("run", RELU, "--input", "x"): "'x' must be NAME=@FILE.npy",
            ("run", RELU, "--seed", "1"): "--random",
            ("run", RELU, "--image", "a.png", "--random"): "--random",
            ("run", RELU, "--image", "a.png", "--input", f"x=@{npy}"): "--input",
            ("run", RELU, "--threads", "0"): "--threads",
            ("run", RELU, "--precision", "f64"): "'f64'; it must be f32, bf16 or f16",
            ("serve",): "give one MODEL, DIRECTORY or models.yaml",
            ("serve", RELU, "--model-dir", RELU): "give one MODEL",
            ("serve", RELU, "--limit", "http_body_bytes_max"): "must be NAME=NUMBER",
            ("serve", RELU, "--limit", "http_body_bytes_max=many"): "'http_body_bytes_max=many' must be NAME=NUMBER",
            ("serve", RELU, "--limit", "http_body_bytes_mx=1"): "did you mean 'http_body_bytes_max'?",
            ("serve", RELU, "--limit", "http_body_bytes_max=0"): "it must be from 1 to 4294967296",
            ("serve", RELU, "--http", "127.0.0.1:0", "--http-port", "0"): "--http",
            ("serve", RELU, "--http-port", "65536"): "65536",
        }
        model = self.fake(SCRIPT)
        for arguments, part in mistakes.items():
            # Mistakes that are seen only once the model is there need one that every build can load.
            words = [model if word is RELU else word for word in arguments]
            with self.subTest(words):
                self.assert_fails(run(*words), part, code=2)

    def test_failures_are_1(self):
        self.assert_fails(run("run", self.directory / "none.onnx", "--random"), "none.onnx")
        self.assert_fails(run("inspect", self.directory / "none.onnx"), "no such file or directory")
        self.assert_fails(run("serve", self.directory / "none.onnx", "--http", "127.0.0.1:0"), "none.onnx")

    def test_unknown_engine_names_itself(self):
        self.assert_fails(run("run", self.fake(SCRIPT), "--random", "--engine", "openvine"), "engine_openvine.so", "openvino")

    def test_standard_output_that_cannot_be_written_is_a_failure(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BINARY, "engines"], stdout=full, stderr=subprocess.PIPE, timeout=WAIT_S, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write to standard output", done.stderr)


class Engines(ProgramTest):
    @needs_openvino
    def test_text_says_version_formats_devices_and_plugin(self):
        shown = run("engines")
        self.assertEqual(shown.code, 0, shown)
        self.assertRegex(shown.out, r"(?m)^openvino +2026\.4\.1$")
        self.assertRegex(shown.out, r"(?m)^ +reads +paddle, onnx, openvino-ir$")
        self.assertRegex(shown.out, r"(?m)^ +devices +CPU \(.+\)")
        self.assertIn(f"{BUILD}/lib/oarlock/engines/liboarlock_engine_openvino.so", shown.out)
        self.assertNotIn("fake", shown.out)

    @needs_openvino
    def test_json_has_stable_keys(self):
        engines = {engine["name"]: engine for engine in run("engines", "--json").json()["engines"]}
        for engine in engines.values():
            self.assertEqual(list(engine),
                             ["name", "installed", "version", "path", "formats", "capabilities", "devices"])
            self.assertIs(engine["installed"], True)
            self.assertEqual(engine["devices"][0]["id"], "CPU")
        self.assertEqual((engines["openvino"]["version"], engines["openvino"]["formats"]),
                         ("2026.4.1", ["paddle", "onnx", "openvino-ir"]))

    @needs_onnxruntime
    def test_onnxruntime_is_listed_first(self):
        engine = run("engines", "--json").json()["engines"][0]
        self.assertEqual((engine["name"], engine["version"], engine["formats"]), ("onnxruntime", "1.32.0", ["onnx"]))
        self.assertEqual(engine["capabilities"], ["cancel", "shared weights"])

    def test_missing_engine_names_its_file_and_what_installs_it(self):
        shown = run("--engine-path", self.directory, "engines")
        self.assertEqual(shown.code, 0, shown)
        listed = run("--engine-path", self.directory, "engines", "--json").json()["engines"]
        self.assertEqual([engine["name"] for engine in listed], ["onnxruntime", "openvino"])
        for engine in listed:
            missing = self.directory / f"liboarlock_engine_{engine['name']}.so"
            self.assertEqual(list(engine), ["name", "installed", "error"])
            self.assertIs(engine["installed"], False)
            self.assertIn(str(missing), engine["error"])
            self.assertIn(f"there is no file '{missing}'", shown.out)
        self.assertIn("./scripts/bootstrap", shown.out)

    def test_model_without_its_engine_says_what_installs_it(self):
        failed = run("run", RELU, "--random", "--engine-path", self.directory)
        self.assert_fails(failed, "'onnx'", self.directory / "liboarlock_engine_openvino.so",
                          self.directory / "liboarlock_engine_onnxruntime.so", "./scripts/bootstrap")


class Output(ProgramTest):
    def test_failure_as_json(self):
        failed = run("run", self.directory / "none.onnx", "--random", "--json")
        self.assertEqual((failed.code, failed.out), (1, ""))
        error = json.loads(failed.err)
        self.assertEqual(list(error), ["error", "code"])
        self.assertEqual(error["code"], "NOT_FOUND")
        self.assertIn("none.onnx", error["error"])

    def test_pipe_gets_no_progress_and_no_escape_sequences(self):
        model = self.fake(SCRIPT)
        for arguments in (("run", model, "--random"), ("inspect", model), ("engines",), ("--help",)):
            with self.subTest(arguments):
                done = run(*arguments)
                self.assertEqual(done.code, 0, done)
                self.assertNotIn("\x1b", done.out + done.err)
                self.assertEqual(done.err, "")

    def test_terminal_gets_progress_on_standard_error(self):
        model = self.fake(SCRIPT)
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        with subprocess.Popen([BINARY, "run", model, "--random", "--seed", "3"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=theirs) as process:
            os.close(theirs)
            shown, until = b"", time.monotonic() + WAIT_S
            while time.monotonic() < until and select.select([ours], [], [], until - time.monotonic())[0]:
                try:
                    shown += os.read(ours, 4096)
                except OSError:  # how a terminal says that nobody has it open any more
                    break
            out = process.stdout.read().decode()
            self.assertEqual(process.wait(WAIT_S), 0)
        phases = re.findall(rf"{re.escape(str(model))}: ([a-z ]+) \.\.\.", shown.decode())
        self.assertEqual(phases, ["read", "compile", "warm up"])
        self.assertTrue(shown.endswith(b"\r\x1b[K"), "the line is wiped at the end")
        self.assertRegex(out, r"^y FP32 \[1,4\]: ")
        self.assertNotIn("\x1b", out)


if __name__ == "__main__":
    unittest.main()

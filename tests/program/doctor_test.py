"""`oarlock doctor`: what it says of set-ups that are in order, and of each way in which one can be broken."""
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import unittest

from program import BINARY, BUILD, MODELS, SOURCE, WAIT_S, WAYBILL, Finished, ProgramTest, needs_importer, needs_openvino, run

ENGINES = BUILD / "lib" / "oarlock" / "engines"
PLUGINS = BUILD / "tests" / "plugins"
SCRIPT = "input x FP32 1,4\noutput y FP32 1,4\nop double\n"


def named(report, name):
    found = [check for check in report["checks"] if check["name"] == name]
    if len(found) != 1:
        raise AssertionError(f"{len(found)} checks named {name!r}: {report}")
    return found[0]


class DoctorTest(ProgramTest):
    def examine(self, *arguments, errors):
        """The report, which must have that many errors, each with what mends it."""
        done = run("doctor", "--json", *arguments)
        self.assertEqual(done.code, 1 if errors else 0, done)
        report = json.loads(done.out)
        self.assertEqual(report["errors"], errors, report)
        self.assertEqual(report["errors"], sum(check["status"] == "error" for check in report["checks"]))
        self.assertEqual(report["warnings"], sum(check["status"] == "warning" for check in report["checks"]))
        for check in report["checks"]:
            self.assertEqual(check["status"] != "ok", bool(check.get("fix")), check)
            self.assertNotIn("\n", check["found"] + check.get("fix", ""))
        if errors:
            self.assertEqual(json.loads(done.err), {"error": f"{errors} of {len(report['checks'])} checks failed",
                                                    "code": "FAILED_PRECONDITION"})
        return report

    def assert_check(self, report, name, status, found, fix=None):
        check = named(report, name)
        self.assertEqual(check["status"], status, check)
        for part in found if isinstance(found, list) else [found]:
            self.assertIn(str(part), check["found"])
        if fix is not None:
            for part in fix if isinstance(fix, list) else [fix]:
                self.assertIn(str(part), check["fix"])

    def assert_model_fails(self, model, name, found, fix, *flags):
        """That check is the model's only error, and the last one made."""
        report = self.examine(model, *flags, errors=1)
        self.assert_check(report, name, "error", found, fix)
        self.assertEqual(report["checks"][-1]["name"], name, report)


class InOrder(DoctorTest):
    def test_report_of_this_build(self):
        report = self.examine(errors=0)
        self.assertEqual(list(report), ["version", "plugin_abi", "errors", "warnings", "checks"])
        version = re.search(r"VERSION ([\d.]+)", (SOURCE / "CMakeLists.txt").read_text(encoding="utf-8").split("project(")[1])
        self.assertEqual(report["version"], version[1])
        abi = re.search(r"#define OAR_ENGINE_ABI (\d+)u", (SOURCE / "include/oarlock/engine.h").read_text(encoding="utf-8"))
        self.assertEqual(report["plugin_abi"], int(abi[1]))
        self.assertEqual([check["name"] for check in report["checks"]][:6],
                         ["program", "cpu", "cores", "memory", "descriptors", "engines"])
        self.assert_check(report, "program", "ok", BINARY)
        self.assert_check(report, "cpu", "ok", "x86-64-v2")
        self.assert_check(report, "engines", "ok", ENGINES)
        for plugin in ENGINES.glob("liboarlock_engine_*.so"):
            engine = plugin.name.removeprefix("liboarlock_engine_").removesuffix(".so")
            self.assert_check(report, f"engine {engine}", "ok", "version ")

    def test_text_is_aligned_and_says_the_same(self):
        done = run("doctor")
        self.assertEqual((done.code, done.err), (0, ""), done)
        lines = done.out.splitlines()
        report = self.examine(errors=0)
        self.assertRegex(lines[-1], rf"^checks: {len(report['checks'])}, errors: 0, warnings: {report['warnings']}$")
        width = max(len(check["name"]) for check in report["checks"])
        words = {"ok": "ok", "warning": "warn", "error": "FAIL"}
        for check in report["checks"]:
            self.assertIn(f"{words[check['status']]:<4}  {check['name']:<{width}}  {check['found']}", lines)
            if "fix" in check:
                self.assertIn(f"{'':<{width + 6}}  fix: {check['fix']}", lines)

    def test_fake_model(self):
        report = self.examine(self.fake(SCRIPT), errors=0)
        self.assert_check(report, "files", "ok", "fake: fake.fake (")
        self.assert_check(report, "identity", "ok", "there is no model.yaml to pin it")
        self.assert_check(report, "input", "ok", "x FP32 [1,4]")
        self.assert_check(report, "output", "ok", "y FP32 [1,4]")

    @needs_openvino
    def test_waybill_model(self):
        report = self.examine(WAYBILL / "models" / "waybill", errors=0)
        self.assert_check(report, "files", "ok", ["inference.json (", "inference.pdiparams (333 KiB)", "model.yaml ("])
        self.assert_check(report, "model.yaml", "ok", "pictures in, text out")
        self.assert_check(report, "identity", "ok", "2f706250f2fe2474bc95162eedb488be52b7390bfc7d80c471d3a596313fbdb8, as model.yaml says")
        self.assert_check(report, "operators", "ok", "all supported")
        self.assert_check(report, "input", "ok", "image BYTES [-1]")
        self.assertEqual([check["found"] for check in report["checks"] if check["name"] == "output"],
                         ["text BYTES [-1]", "confidence FP32 [-1]"])


class Engines(DoctorTest):
    """An engine directory of the test's own."""

    def engines(self, **plugins):
        """That directory, with a file for each name: another file's copy, or bytes."""
        directory = self.directory / "engines"
        directory.mkdir()
        for name, content in plugins.items():
            path = directory / f"liboarlock_engine_{name}.so"
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                shutil.copy(content, path)
        return directory

    def examine_engines(self, directory, errors):
        return self.examine("--engine-path", directory, errors=errors)

    def test_no_directory(self):
        report = self.examine_engines(self.directory / "none", errors=1)
        self.assert_check(report, "engines", "error", self.directory / "none", ["unpack the package again", "--engine-path DIR"])

    def test_missing_plugin_is_an_error_only_if_it_leaves_no_engine(self):
        report = self.examine_engines(self.engines(), errors=1)
        self.assert_check(report, "engines", "error", "holds no engine that can be used")
        self.assert_check(report, "engine openvino", "warning", "liboarlock_engine_openvino.so", "./scripts/bootstrap")
        shutil.copy(ENGINES / "liboarlock_engine_fake.so", self.directory / "engines")
        report = self.examine_engines(self.directory / "engines", errors=0)
        self.assert_check(report, "engine openvino", "warning", "is not installed", "./scripts/bootstrap")
        self.assert_check(report, "engines", "ok", "")

    def test_plugin_of_another_abi(self):
        report = self.examine_engines(self.engines(fake=ENGINES / "liboarlock_engine_fake.so", other=PLUGINS / "other_abi.so"), errors=1)
        self.assert_check(report, "engine other", "error", "was built for plugin ABI 99, and this program for 1",
                          "install the plugin and the program of one version")

    def test_library_that_is_no_plugin(self):
        report = self.examine_engines(self.engines(fake=ENGINES / "liboarlock_engine_fake.so", other=PLUGINS / "no_entry.so"), errors=1)
        self.assert_check(report, "engine other", "error", "is no engine plugin: it does not export oar_engine_entry",
                          f"remove '{self.directory}/engines/liboarlock_engine_other.so'")

    def test_plugin_of_another_name(self):
        report = self.examine_engines(self.engines(other=ENGINES / "liboarlock_engine_fake.so"), errors=2)
        self.assert_check(report, "engine other", "error", "says it is 'fake'; its file name says 'other'", "remove '")

    def test_files_that_are_no_libraries(self):
        whole = (ENGINES / "liboarlock_engine_fake.so").read_bytes()
        for content in (b"", b"\x7fELF", b"garbage " * 1000, whole[:200], whole[:5000], whole[:20000]):
            with self.subTest(len(content)):
                shutil.rmtree(self.directory / "engines", ignore_errors=True)
                report = self.examine_engines(self.engines(fake=content), errors=2)
                self.assert_check(report, "engine fake", "error", "liboarlock_engine_fake.so'", ["damaged", "unpack the package again"])

    def installed_engines(self):
        """A folder of the test's own, with copies of the libraries and not links into the SDK."""
        done = subprocess.run(["cmake", "--install", BUILD, "--prefix", self.directory / "tree"], capture_output=True,
                              timeout=WAIT_S, check=False)
        self.assertEqual(done.returncode, 0, done)
        return self.directory / "tree" / "lib" / "oarlock" / "engines"

    @needs_openvino
    def test_engine_without_its_libraries(self):
        engines = self.installed_engines()
        (engines / "openvino" / "libtbb.so.12").unlink()
        report = run("doctor", "--json", "--engine-path", engines)
        self.assertIn("libtbb.so.12: cannot open shared object file", report.out)
        self.assertIn("it brings libtbb.so.12", report.out)
        library, = (engines / "openvino").glob("libopenvino.so.*")
        os.truncate(library, 1_000_000)
        report = run("doctor", "--json", "--engine-path", engines)
        self.assertIn(f"'{library}' is cut off: it has 1000000 bytes", report.out)
        self.assertEqual(report.code, 1)
        shutil.rmtree(engines / "openvino")
        report = run("doctor", "--json", "--engine-path", engines)
        self.assertRegex(report.out, r"libopenvino\.so\.\d+: cannot open shared object file")
        self.assertRegex(report.out, r"\./scripts/bootstrap and build again: it brings libopenvino\.so\.\d+")

    @needs_openvino
    def test_engine_without_the_library_of_its_device(self):
        engines = self.installed_engines()
        (engines / "openvino" / "libopenvino_intel_cpu_plugin.so").unlink()
        report = run("doctor", "--json", "--engine-path", engines)
        self.assertIn("opens and has no device", report.out)
        self.assertEqual(report.code, 1)


class Models(DoctorTest):
    def copy(self, source, *names):
        """A model of the test's own: those files of `source`, or all of them."""
        target = self.directory / source.name
        target.mkdir()
        for path in source.iterdir():
            if not names or path.name in names:
                shutil.copy(path, target)
        return target

    def test_path_that_is_not_there(self):
        self.assert_model_fails(self.directory / "none", "files", f"no such file or directory: '{self.directory}/none'",
                                "give the path of a model's program")

    def test_directory_with_two_models(self):
        self.path("a.onnx", b"a")
        self.path("b.onnx", b"b")
        self.assert_model_fails(self.directory, "files", "2 models", "exactly one")

    def test_weights_that_are_missing(self):
        model = self.copy(MODELS / "paddle" / "lenet", "inference.pdmodel")
        self.assert_model_fails(model, "content", "inference.pdiparams' are missing", "put the weights there")

    def test_weights_that_are_cut_off(self):
        model = self.copy(MODELS / "paddle" / "lenet", "inference.pdmodel", "inference.pdiparams")
        os.truncate(model / "inference.pdiparams", 1000)
        self.assert_model_fails(model, "content", ["the weights are cut off in parameter", "inference.pdiparams"],
                                "copy the file again")

    def test_weights_of_another_model(self):
        model = self.copy(MODELS / "paddle" / "lenet", "inference.pdmodel", "inference.pdiparams")
        shutil.copy(MODELS / "paddle" / "mlp" / "inference.pdiparams", model)
        self.assert_model_fails(model, "content", "do not belong to this program", "of one export")

    def test_files_of_another_identity(self):
        model = self.fake(SCRIPT)
        self.path("fake/model.yaml", f"schema: 1\nsha256: {'0' * 64}\n")
        identity = run("inspect", self.fake(SCRIPT, "bare"), "--json").json()["identity"]
        self.assert_model_fails(model, "identity", [f"the files have {identity}", f"asks for {'0' * 64}"], f"sha256: {identity}")

    def test_key_of_the_manifest_that_is_mistyped(self):
        model = self.fake(SCRIPT)
        self.path("fake/model.yaml", "schema: 1\nprepocess: {}\n")
        self.assert_model_fails(model, "model.yaml", ["model.yaml:2:1: ", "did you mean 'preprocess'?"], "docs/operations.md")

    def test_manifest_that_does_not_fit_the_model(self):
        model = self.fake(SCRIPT)
        self.path("fake/model.yaml", "schema: 1\npreprocess: {height: 8, width: 8}\n")
        self.assert_model_fails(model, "loads", "'preprocess' makes FP32 [1,3,8,8]", "make model.yaml agree")

    def test_operators_that_the_engine_lacks(self):
        model = self.fake(SCRIPT + "unsupported Frobnicate 2\nunsupported Twiddle 1\n")
        self.assert_model_fails(model, "operators", "fake has no counterpart for Frobnicate x2, Twiddle x1", "without them")

    def test_model_that_the_engine_refuses(self):
        model = self.fake(SCRIPT + "fail_load RESOURCE_EXHAUSTED no room\n")
        self.assert_model_fails(model, "loads", "no room", "export the model anew")

    def test_engine_that_does_not_read_the_format(self):
        self.assert_model_fails(MODELS / "onnx" / "relu_1x16.onnx", "model engine", "engine 'fake' does not read onnx", "", "--engine", "fake")

    @needs_importer
    def test_paddle_operators_that_cannot_be_converted(self):
        program = (WAYBILL / "models" / "waybill" / "inference.json").read_text(encoding="utf-8").replace('"1.softmax"', '"1.frobnicate"')
        self.path("odd/inference.json", program)
        shutil.copy(WAYBILL / "models" / "waybill" / "inference.pdiparams", self.path("odd/inference.pdiparams"))
        self.assert_model_fails(self.directory / "odd", "conversion", "no conversion for 1 of its operators: frobnicate x1", "without these")

    @needs_openvino
    def test_garbage_under_a_models_name(self):
        self.assert_model_fails(self.path("g.onnx", bytes(range(256)) * 16), "operators", "", "export the model anew")

    @needs_openvino
    def test_operators_that_openvino_lacks(self):
        self.assert_model_fails(MODELS / "onnx" / "unknown_operator.onnx", "operators", "Frobnicate x2, Twiddle x1",
                                "export the model without them", "--engine", "openvino")


class Limits(DoctorTest):
    """Started with less than usual."""

    def examine_with(self, *arguments, **options):
        done = subprocess.run([BINARY, "doctor", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=WAIT_S, check=False, **options)
        return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())

    def test_few_descriptors_are_a_warning(self):
        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
        done = self.examine_with(preexec_fn=few)
        self.assertEqual(done.code, 0, done)
        self.assertIn("warn  descriptors", done.out)
        self.assertIn("256 may be open; http_connections_max is 1024 and needs 1088", done.out)
        self.assertIn("--limit http_connections_max=192", done.out)

    def test_file_that_this_user_may_not_read(self):
        model = self.fake(SCRIPT)
        closed = model / "fake.fake"
        closed.chmod(0)
        options = {}
        if os.geteuid() == 0:
            # Root reads everything; somebody else must be able to reach the program and the model.
            if not self.others_reach(BINARY):
                self.skipTest(f"another user cannot reach {BINARY}")
            self.directory.chmod(0o755)
            options = {"user": 65534, "group": 65534, "extra_groups": []}
        done = self.examine_with(model, **options)
        self.assertEqual(done.code, 1, done)
        self.assertIn("FAIL  files", re.sub(" +", "  ", done.out))
        self.assertIn(f"cannot open '{closed}': Permission denied", done.out)
        self.assertIn(f"fix: let this user read it: chmod -R a+rX '{closed}'", done.out)

    @staticmethod
    def others_reach(path):
        return all(folder.stat().st_mode & 0o001 for folder in pathlib.Path(path).parents)


if __name__ == "__main__":
    unittest.main()

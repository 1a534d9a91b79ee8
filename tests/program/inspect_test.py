"""`oarlock inspect`: what a model is, for each format, and why one does not load."""
import hashlib
import shutil
import unittest

from program import MODELS, WAYBILL, ProgramTest, needs_onnxruntime, run


def digest(*paths):
    """A model's identity (src/model/model_content.h): `sha256sum A`, or `sha256sum A B | sha256sum`."""
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    if len(digests) == 1:
        return digests.popitem()[1]
    lines = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()


class Formats(ProgramTest):
    def inspect(self, path, *arguments):
        shown = run("inspect", path, "--json", *arguments)
        self.assertEqual((shown.code, shown.err), (0, ""), shown)
        return shown.json()

    def test_paddle(self):
        model = WAYBILL / "models" / "waybill"
        found = self.inspect(model)
        self.assertEqual(list(found), ["name", "format", "program", "identity", "loads", "import", "engine", "engine_version", "engines", "inputs",
                                       "outputs", "operators", "unsupported_operators"])
        self.assertEqual((found["name"], found["format"], found["loads"]), ("waybill", "paddle-pir", True))
        self.assertIn(found["import"], ("made", "cache"))
        self.assertEqual(found["identity"], digest(model / "inference.json", model / "inference.pdiparams"))
        self.assertEqual((found["engine"], found["engine_version"]), ("onnxruntime", "1.32.0"))
        verdicts = {engine["name"]: engine["verdict"] for engine in found["engines"]}
        self.assertEqual((verdicts["onnxruntime"], verdicts["openvino"]), ("chosen", "not asked"))
        self.assertEqual(found["inputs"], [{"name": "image", "datatype": "BYTES", "shape": [-1]}])
        self.assertEqual(found["outputs"], [{"name": "text", "datatype": "BYTES", "shape": [-1]},
                                            {"name": "confidence", "datatype": "FP32", "shape": [-1]}])
        self.assertEqual((found["operators"]["conv2d"], found["operators"]["softmax"]), (5, 1))
        self.assertEqual(found["unsupported_operators"], {})

    def test_text_says_the_same(self):
        model = WAYBILL / "models" / "waybill"
        shown = run("inspect", model)
        lines = shown.out.splitlines()
        for line in ("model     waybill", "format    paddle-pir", f"manifest  {model}/model.yaml", "engine    onnxruntime 1.32.0",
                     f"weights   {(model / 'inference.pdiparams').stat().st_size} bytes", "input     image BYTES [-1]",
                     "output    text BYTES [-1]", "loads     yes", f"identity  {self.inspect(model)['identity']}"):
            self.assertIn(line, lines)

    def test_onnx(self):
        path = MODELS / "onnx" / "add_two.onnx"
        found = self.inspect(path)
        self.assertEqual((found["name"], found["format"], found["identity"]), ("add_two", "onnx", digest(path)))
        self.assertEqual(found["inputs"], [{"name": "b", "datatype": "FP32", "shape": [1, 4]},
                                           {"name": "a", "datatype": "INT64", "shape": [3]}])
        self.assertEqual([each["name"] for each in found["outputs"]], ["z", "y"])
        self.assertEqual(self.inspect(MODELS / "onnx" / "add_dynamic.onnx")["inputs"][0]["shape"], [-1, 4])

    def test_openvino_ir(self):
        path = MODELS / "openvino" / "add.xml"
        found = self.inspect(MODELS / "openvino")
        self.assertEqual((found["name"], found["format"], found["loads"]), ("openvino", "openvino-ir", True))
        self.assertEqual(found["identity"], digest(path, path.with_suffix(".bin")))
        self.assertEqual(found["inputs"], [{"name": "x", "datatype": "FP32", "shape": [1, 16]}])
        self.assertEqual(self.inspect(path)["name"], "add")

    def test_paddle_2_program(self):
        model = WAYBILL / "paddle2"
        found = self.inspect(model)
        self.assertEqual((found["format"], found["loads"], found["engine"]), ("paddle", True, "onnxruntime"))
        self.assertEqual(found["identity"], digest(model / "inference.pdmodel", model / "inference.pdiparams"))

    def test_paddle_2_program_that_an_engine_reads_itself(self):
        found = self.inspect(WAYBILL / "paddle2", "--importer", "engine")
        self.assertEqual((found["format"], found["loads"], found["engine"]), ("paddle", True, "openvino"))
        self.assertNotIn("import", found)
        verdicts = {engine["name"]: engine["verdict"] for engine in found["engines"]}
        self.assertEqual(verdicts["onnxruntime"], "does not read paddle")

    def test_paddle_3_program_is_read_by_no_engine_itself(self):
        model = WAYBILL / "models" / "waybill"
        shown = run("inspect", model, "--json", "--importer", "engine")
        self.assertIn("no engine reads the format 'paddle-pir'", shown.json()["error"])

    def test_paddle_operators_that_cannot_be_converted_are_counted(self):
        program = (WAYBILL / "models" / "waybill" / "inference.json").read_text(encoding="utf-8")
        self.path("odd/inference.json", program.replace('"1.softmax"', '"1.frobnicate"').replace('"1.relu"', '"1.twiddle"'))
        shutil.copy(WAYBILL / "models" / "waybill" / "inference.pdiparams", self.path("odd/inference.pdiparams"))
        found = self.inspect(self.directory / "odd")
        self.assertEqual((found["loads"], found["unsupported_operators"]), (False, {"frobnicate": 1, "twiddle": 5}))
        self.assertIn("no conversion for 2 of its operators: frobnicate x1, twiddle x5", found["error"])

    def test_unsupported_operators_are_counted(self):
        path = MODELS / "onnx" / "unknown_operator.onnx"
        found = self.inspect(path)
        self.assertEqual((found["loads"], found["unsupported_operators"]), (False, {"Frobnicate": 2, "Twiddle": 1}))
        self.assertNotIn("inputs", found)
        shown = run("inspect", path).out
        self.assertIn("\nunsupported operator Frobnicate x2\nunsupported operator Twiddle x1\nloads     no: ", shown)
        self.assert_fails(run("run", path, "--random"), "unknown_operator.onnx", "Frobnicate")

    @needs_onnxruntime
    def test_auto_takes_the_first_engine_that_loads_and_says_why(self):
        found = self.inspect(MODELS / "onnx" / "relu_1x16.onnx")
        self.assertEqual(found["engine"], "onnxruntime")
        self.assertEqual([(engine["name"], engine["verdict"]) for engine in found["engines"]][:2],
                         [("onnxruntime", "chosen"), ("openvino", "not asked")])
        # ONNX Runtime computes in the model's types only; so bfloat16 goes to the next one.
        found = self.inspect(MODELS / "onnx" / "relu_1x16.onnx", "--precision", "bf16")
        self.assertEqual(found["engine"], "openvino")
        self.assertEqual(found["engines"][0]["verdict"], "refused")
        self.assertIn("precision: f32", found["engines"][0]["reason"])
        shown = run("inspect", MODELS / "onnx" / "relu_1x16.onnx", "--precision", "bf16").out
        self.assertIn("\n          onnxruntime: refused: engine 'onnxruntime' cannot load", shown)
        self.assertIn("\n          openvino: chosen\n", shown)

    @needs_onnxruntime
    def test_shared_weights_are_for_the_engine_that_has_them(self):
        path = MODELS / "onnx" / "external_large.onnx"
        self.assertEqual(self.inspect(path, "--weights", "shared")["engine"], "onnxruntime")
        found = self.inspect(path, "--weights", "shared", "--engine", "openvino")
        self.assertFalse(found["loads"])
        self.assertIn("the engine openvino always packs weights", found["error"])
        self.assert_fails(run("inspect", path, "--weights", "mapped"), "weights 'mapped'; it must be packed or shared", code=2)

    def test_torchscript_is_refused(self):
        for name in ("model.pt", "model.pth"):
            path = self.path(name, b"PK\3\4")
            self.assert_fails(run("inspect", path), f"'{path}'", "TorchScript is not in this release; export to ONNX")


class Directories(ProgramTest):
    def test_missing_empty_and_ambiguous(self):
        self.assert_fails(run("inspect", self.directory / "none"), f"no such file or directory: '{self.directory}/none'")
        self.assert_fails(run("inspect", self.directory), f"no model in '{self.directory}'", ".pdmodel", ".onnx", ".xml")
        self.path("b.onnx", b"b")
        self.path("a.pdmodel", b"a")
        self.assert_fails(run("inspect", self.directory), "2 models", "a.pdmodel, b.onnx", "give the path of one of them")

    def test_files_that_are_no_model(self):
        for name, part in (("x.txt", "no model file by its name"), ("x.pdiparams", "holds weights only"),
                           ("x.json", "no Paddle 3 program")):
            self.assert_fails(run("inspect", self.path(name, b"{}")), name, part)
        self.assert_fails(run("inspect", "/dev/null"), "'/dev/null' is neither a file nor a directory")
        self.assert_fails(run("inspect", self.path("empty.onnx", b"")), "empty.onnx' is empty")

    def test_any_json_may_lie_beside_a_model(self):
        shutil.copy(MODELS / "onnx" / "relu_1x16.onnx", self.path("model.onnx"))
        self.path("config.json", b'{"a": 1}')
        self.assertIn("format    onnx\n", run("inspect", self.directory).out)

    def test_garbage_in_a_model_file_is_no_crash(self):
        for name in ("g.onnx", "g.pdmodel", "g.xml"):
            with self.subTest(name):
                done = run("run", self.path(name, bytes(range(256)) * 16), "--random")
                self.assert_fails(done, name)

    def test_name_is_that_of_the_directory_however_it_is_written(self):
        model = MODELS / "paddle" / "mlp"
        for path, cwd in ((f"{model}/", None), (".", model), ("../mlp/", model), (f"{model}/../mlp", None)):
            self.assertIn("model     mlp\n", run("inspect", path, cwd=cwd).out)


if __name__ == "__main__":
    unittest.main()

"""`oarlock convert` and `oarlock cache`: Paddle models as ONNX, in a file and kept for the next start."""
import shutil
import unittest

from program import MODELS, WAYBILL, ProgramTest, needs_openvino, run

PIR = WAYBILL / "models" / "waybill"
LENET = MODELS / "paddle_architectures" / "lenet"


class Convert(ProgramTest):
    def test_the_file_runs_as_the_model_does(self):
        for program in ("legacy26.pdmodel", "pir30.json", "pir33.json"):
            with self.subTest(program):
                target = self.directory / "lenet.onnx"
                made = run("convert", LENET / program, "-o", target)
                self.assertEqual((made.code, made.err), (0, ""), made)
                self.assertEqual(made.out, f"{target}: {target.stat().st_size} bytes, operator set 17\n")
                arguments = ("--input", f"image=@{LENET / 'in.image.npy'}", "--json")
                as_onnx = run("run", target, *arguments).json()["outputs"]
                self.assertEqual(as_onnx, run("run", LENET / program, *arguments).json()["outputs"])

    def test_json_says_what_was_written(self):
        target = self.directory / "m.onnx"
        made = run("convert", PIR, "--output", target, "--opset", "13", "--json").json()
        self.assertEqual(made, {"model": str(target), "model_bytes": target.stat().st_size, "opset": 13})
        shown = run("inspect", target, "--json").json()
        self.assertEqual([(port["name"], port["shape"]) for port in shown["inputs"]], [("image", [-1, 1, 32, -1])])
        self.assertEqual([port["name"] for port in shown["outputs"]], ["fetch_name_0"])

    def test_mistakes_are_named(self):
        target = self.directory / "m.onnx"
        self.assert_fails(run("convert", PIR), "where to? give -o FILE.onnx", code=2)
        self.assert_fails(run("convert", PIR, "-o", target, "--opset", "18"), "--opset", code=2)
        self.assert_fails(run("convert", MODELS / "onnx" / "relu_1x16.onnx", "-o", target), "is onnx; Paddle models can be converted")
        self.assert_fails(run("convert", PIR, "-o", self.directory / "none" / "m.onnx"), "cannot write", "No such file")
        self.assertFalse(target.exists())

    def test_foreign_cut_off_and_trailing_weights_are_refused(self):
        program = self.path("m/inference.json", (PIR / "inference.json").read_bytes())
        weights = (PIR / "inference.pdiparams").read_bytes()
        for data, part in ((weights[:-1], "the weights are cut off in parameter"), (weights + b"x", "1 bytes are left"),
                           (weights[400:], "do not belong to this program"), (b"", "cut off in parameter")):
            self.path("m/inference.pdiparams", data)
            self.assert_fails(run("convert", program, "-o", self.directory / "m.onnx"), part)
        (self.directory / "m" / "inference.pdiparams").unlink()
        self.assert_fails(run("run", program, "--random"), "its weights", "are missing")

    @needs_openvino
    def test_operators_that_nobody_has_are_named_by_both(self):
        program = (WAYBILL / "paddle2" / "inference.pdmodel").read_bytes()
        self.path("m/inference.pdmodel", program.replace(b"\x1a\x07softmax", b"\x1a\x07softmix"))
        shutil.copy(WAYBILL / "paddle2" / "inference.pdiparams", self.path("m/inference.pdiparams"))
        for choice, parts in (("oarlock", ["no conversion for 1 of its operators: softmix x1"]),
                              ("engine", ["engine 'openvino' cannot load", "softmix"]),
                              ("auto", ["no conversion for 1 of its operators: softmix x1", "engine 'openvino' cannot load"])):
            with self.subTest(choice):
                self.assert_fails(run("run", self.directory / "m", "--random", "--importer", choice), *parts)

    @needs_openvino
    def test_an_engines_own_reader_answers_the_same(self):
        arguments = ("--input", f"image=@{LENET / 'in.image.npy'}", "--json", "--engine", "openvino")
        ours, its = (run("run", LENET / "legacy26.pdmodel", *arguments, "--importer", choice).json()["outputs"][0]["data"]
                     for choice in ("oarlock", "engine"))
        self.assertEqual(len(ours), 20)
        for mine, other in zip(ours, its, strict=True):
            self.assertAlmostEqual(mine, other, places=6)

    def test_a_newer_version_is_a_warning(self):
        program = (PIR / "inference.json").read_text(encoding="utf-8")
        self.path("m/inference.json", program.replace('"version":4', '"version":9'))
        shutil.copy(PIR / "inference.pdiparams", self.path("m/inference.pdiparams"))
        made = run("convert", self.directory / "m", "-o", self.directory / "m.onnx")
        self.assertEqual(made.code, 0, made)
        self.assertIn("warning: the program is of PIR version 9, newer than 4", made.err)


class Cache(ProgramTest):
    def cache(self, action, *arguments):
        return run("cache", action, "--cache-dir", self.directory / "cache", *arguments)

    def start(self, *arguments):
        shown = run("inspect", LENET / "pir33.json", "--json", "--cache-dir", self.directory / "cache", *arguments)
        self.assertEqual(shown.code, 0, shown)
        return shown

    def test_the_second_start_makes_nothing(self):
        self.assertEqual(self.start().json()["import"], "made")
        self.assertEqual(self.start().json()["import"], "cache")
        entry, = self.cache("list", "--json").json()["entries"]
        self.assertEqual(entry["source"], str(LENET / "pir33.json"))
        self.assertEqual(entry["identity"], self.start().json()["identity"])
        self.assertIn(entry["key"][:12], self.cache("list").out)

    def test_damage_is_told_and_mended(self):
        self.start()
        kept, = (self.directory / "cache").glob("*.onnx")
        data = bytearray(kept.read_bytes())
        data[len(data) // 2] ^= 1
        kept.write_bytes(data)
        told = self.cache("verify")
        self.assertEqual(told.code, 1, told)
        self.assertIn("damaged  ", told.out)
        self.assertIn("1 of 1 entries are damaged", told.err)
        again = self.start()
        self.assertEqual(again.json()["import"], "made")
        self.assertIn("is damaged and is made anew", again.err)
        self.assertEqual(self.cache("verify").code, 0)

    def test_clear_takes_everything(self):
        self.start()
        self.assertRegex(self.cache("clear").out, r"^1 entries removed, \d+ bytes, from ")
        self.assertEqual(list((self.directory / "cache").iterdir()), [])
        self.assertIn("nothing is kept in", self.cache("list").out)
        self.assertEqual(self.cache("clear", "--json").json()["removed"], 0)
        self.assert_fails(run("cache", "list", "--cache-dir", "none"), "keeps nothing; give a directory", code=2)
        self.assert_fails(self.cache("frobnicate"), "it must be list, verify or clear", code=2)

    def test_none_keeps_nothing(self):
        shown = run("inspect", LENET / "pir33.json", "--json", "--cache-dir", "none", cwd=self.directory)
        self.assertEqual((shown.json()["import"], shown.err), ("made", ""))
        self.assertEqual(list(self.directory.iterdir()), [])

    def test_a_cache_that_cannot_be_written_is_a_warning(self):
        shown = run("run", LENET / "pir33.json", "--random", "--cache-dir", "/proc/none")
        self.assertEqual(shown.code, 0, shown)
        self.assertIn("oarlock: warning: pir33: converted models are not kept: cannot make the cache directory", shown.err)


if __name__ == "__main__":
    unittest.main()

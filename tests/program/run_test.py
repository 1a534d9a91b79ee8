"""`oarlock run` on arrays: golden answers, files written, and everything that can be wrong with model, input and output."""
import os
import shutil
import struct
import unittest

from program import MODELS, ProgramTest, run
from samples import npy_bytes, read_npy

MLP = MODELS / "paddle" / "mlp"
LENET = MODELS / "paddle" / "lenet"
ADD_TWO = MODELS / "onnx" / "add_two.onnx"


class Answers(ProgramTest):
    def run_golden(self, model, golden, name):
        out = self.directory / "out"
        done = run("run", model, "--input", f"{name}=@{golden}/in.{name}.npy", "--output-dir", out)
        self.assertEqual((done.code, done.err), (0, ""), done)
        written, = out.iterdir()
        descr, shape, values = read_npy(written)
        wanted = read_npy(golden / "out.0.npy")
        self.assertEqual((descr, shape), wanted[:2])
        self.assert_close(values, wanted[2])
        self.assertIn(f"  -> {written}\n", done.out)
        shutil.rmtree(out)
        return written.name

    def test_golden_paddle_outputs_named_after_the_models(self):
        for model, name in ((MLP, "x"), (LENET, "image")):
            with self.subTest(model.name):
                self.assertEqual(self.run_golden(model, model, name), "save_infer_model_scale_0.tmp_0.npy")

    def test_separate_parameters_give_the_same_answers(self):
        for golden, name in ((MLP, "x"), (LENET, "image")):
            program = (golden / "inference.pdmodel").read_bytes()
            weights = (golden / "inference.pdiparams").read_bytes()
            joined = self.path(f"{golden.name}/joined/__model__", program).parent
            self.path(f"{golden.name}/joined/__params__", weights)
            self.run_golden(joined, golden, name)
            separate = self.path(f"{golden.name}/separate/__model__", program).parent
            for parameter, record in zip(parameter_names(program), records(weights), strict=True):
                (separate / parameter).write_bytes(record)
            self.run_golden(separate, golden, name)
            self.assertIn(f"weights   {len(weights)} bytes, one file per variable\n", run("inspect", separate).out)
            (separate / parameter).write_bytes(record[:-1])
            self.assert_fails(run("run", separate, "--random"), "cut off", f"'{parameter}'")
            (separate / parameter).write_bytes(record + b"\0\0")
            self.assert_fails(run("run", separate, "--random"), f"'{parameter}'", "2 bytes too many")
            (separate / parameter).unlink()
            self.assert_fails(run("run", separate, "--random"), f"weights of '{parameter}'", "No such file")

    def test_two_inputs_as_json_and_as_files(self):
        a = self.path("a.npy", npy_bytes("<i8", (3,), [1, -2, 2**30]))
        b = self.path("b.npy", npy_bytes("<f4", (1, 4), [0.5, 1, 2, -1]))
        out = self.directory / "new" / "out"
        done = run("run", ADD_TWO, "--json", "--input", f"a=@{a}", "--input", f"b=@{b}", "--output-dir", out)
        outputs = done.json()["outputs"]
        self.assertEqual(list(done.json()), ["model", "outputs", "times_ms"])
        self.assertEqual(outputs, [{"name": "z", "datatype": "FP32", "shape": [1, 4], "data": [1.5, 2, 3, 0]},
                                   {"name": "y", "datatype": "INT64", "shape": [3], "data": [2, -1, 2**30 + 1]}])
        self.assertEqual(read_npy(out / "y.npy"), ("<i8", (3,), [2, -1, 2**30 + 1]))
        self.assertEqual(read_npy(out / "z.npy"), ("<f4", (1, 4), [1.5, 2, 3, 0]))
        self.assertEqual(sorted(os.listdir(out)), ["y.npy", "z.npy"])

    def test_random_is_the_same_for_the_same_seed(self):
        def data(*arguments):
            return run("run", MLP, "--random", "--json", *arguments).json()["outputs"][0]["data"]
        self.assertEqual(data("--seed", 7), data("--seed", 7))
        self.assertEqual(data(), data("--seed", 0))
        self.assertNotEqual(data("--seed", 7), data("--seed", 8))

    def test_random_fills_only_what_is_not_given(self):
        b = self.path("b.npy", npy_bytes("<f4", (1, 4), [1, 2, 3, 4]))
        outputs = run("run", ADD_TWO, "--random", "--json", "--input", f"b=@{b}").json()["outputs"]
        self.assertEqual(outputs[0]["data"], [2, 3, 4, 5])

    def test_ir_and_external_weights(self):
        x = self.path("x.npy", npy_bytes("<f4", (1, 16), [1] * 16))
        for model in (MODELS / "openvino", MODELS / "onnx" / "external.onnx"):
            done = run("run", model, "--json", "--input", f"x=@{x}")
            self.assertEqual(done.json()["outputs"][0]["data"], [1 + i for i in range(16)], done)


def fields(message):
    """(number, value) of a protobuf message; bytes for what is length-delimited."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
    while at < len(message):
        key = varint()
        if key & 7 == 2:
            size = varint()
            yield key >> 3, message[at:at + size]
            at += size
        elif key & 7 == 0:
            yield key >> 3, varint()
        else:
            size = {1: 8, 5: 4}[key & 7]
            yield key >> 3, message[at:at + size]
            at += size


def parameter_names(program):
    """Names of the persistable variables of a ProgramDesc, in byte order, as the combined weights have them."""
    names = set()
    for block in (value for number, value in fields(program) if number == 1):
        for variable in (dict(fields(value)) for number, value in fields(block) if number == 3):
            kind = dict(fields(variable[2]))[1]
            if variable.get(3) and kind not in (9, 10, 15, 17):  # feed, fetch, reader, raw
                names.add(variable[1].decode())
    return sorted(names, key=str.encode)


def records(weights):
    """The records of combined Paddle weights: header, description, data."""
    at = 0
    while at < len(weights):
        size, = struct.unpack_from("<i", weights, at + 16)  # after two versions and no levels
        description = list(fields(weights[at + 20:at + 20 + size]))
        count = 1
        for number, value in description:
            count *= value if number == 2 else 1
        end = at + 20 + size + count * {5: 4, 3: 8, 2: 4}[dict(description)[1]]
        yield weights[at:end]
        at = end


class WrongInputs(ProgramTest):
    def refuse(self, arguments, *parts, model=ADD_TWO, code=1):
        out = self.directory / "out"
        self.assert_fails(run("run", model, *arguments, "--output-dir", out), *parts, code=code)
        self.assertEqual(os.listdir(out), [], "a failure leaves no files")

    def arrays(self, **of):
        good = {"a": ("<i8", (3,), [1, 2, 3]), "b": ("<f4", (1, 4), [1, 2, 3, 4])}
        return [word for name, array in {**good, **of}.items() if array
                for word in ("--input", f"{name}=@{self.path(f'{name}.npy', npy_bytes(*array))}")]

    def test_dtype_shape_name_missing_and_twice(self):
        self.refuse(self.arrays(a=("<i4", (3,), [1, 2, 3])), "input 'a' is INT32; model 'add_two' takes INT64")
        self.refuse(self.arrays(b=("<f4", (4,), [1, 2, 3, 4])), "input 'b' has shape [4]; model 'add_two' takes [1,4]")
        self.refuse(self.arrays(b=("<f4", (2, 4), [0] * 8)), "shape [2,4]", "takes [1,4]")
        self.refuse([*self.arrays(a=("<i8", (3,), [1, 2, 2**40])), "--engine", "openvino"],
                    f"input 'a' has {2**40} at element 2", "from -2147483648")
        self.refuse(self.arrays(b=None), "input 'b' (FP32 [1,4]) of model 'add_two' is missing")
        self.refuse(self.arrays() + self.arrays(b=None), "input 'a' is given twice")
        image = self.path("i.npy", npy_bytes("<f4", (1, 1, 28, 28), [0] * 784))
        self.refuse(["--input", f"imag=@{image}"], "model 'lenet' has no input 'imag'; did you mean 'image'?", model=LENET)

    def test_files_that_are_no_arrays(self):
        good = npy_bytes("<f4", (1, 4), [1, 2, 3, 4])
        for content, part in ((b"", "not a .npy file"), (b"PK\3\4 zip", "not a .npy file"), (good[:40], "cut off"),
                              (good[:-1], "takes 16 bytes; the file has 15"), (good + b"\0", "takes 16 bytes; the file has 17"),
                              (good.replace(b"'<f4'", b"'>f4'"), "'>f4'"), (good.replace(b"'<f4'", b"'|O'  "), "'|O'"),
                              (good.replace(b"(1, 4, )", b"(1, -4,)"), "(1, -4,)"),
                              (good.replace(b"(1, 4, )", b"(1, " + b"9" * 18 + b")").replace(b"9", b"9", 1), "bytes"),
                              (good.replace(b"False", b"True "), "Fortran order")):
            with self.subTest(part):
                bad = self.path("bad.npy", content)
                self.refuse(["--input", f"b=@{bad}"], "bad.npy", part)
        self.refuse(["--input", "b=@none.npy"], "cannot open 'none.npy'")
        self.refuse(["--input", "b=@/"], "'/' is not a regular file")
        self.refuse(["--input", "b.npy"], "'b.npy' must be NAME=@FILE.npy", code=2)

    def test_output_directory_that_cannot_be(self):
        blocked = self.path("file", b"")
        for path in (blocked, blocked / "below", "/proc/oarlock-out"):
            failed = run("run", MLP, "--random", "--output-dir", path)
            self.assert_fails(failed, f"cannot make --output-dir '{path}'")
        self.assert_fails(run("run", MLP, "--random", "--output-dir", "/proc/self"), "cannot write '/proc/self/")
        self.assertEqual(os.listdir(self.directory), ["file"])


class WrongWeights(ProgramTest):
    def model(self, weights):
        shutil.copy(MLP / "inference.pdmodel", self.path("mlp/inference.pdmodel"))
        return self.path("mlp/inference.pdiparams", weights).parent

    def test_truncated_foreign_longer_and_missing(self):
        weights = (MLP / "inference.pdiparams").read_bytes()
        names = parameter_names((MLP / "inference.pdmodel").read_bytes())
        at = 0
        for name, record in zip(names, records(weights), strict=True):
            for cut in (at, at + 10, at + len(record) - 1):
                self.assert_fails(run("run", self.model(weights[:cut]), "--random"), "inference.pdiparams", "cut off",
                                  f"in parameter '{name}' (record at byte {at})")
            at += len(record)
        self.assert_fails(run("run", self.model(weights + b"abc"), "--random"), "3 bytes are left after",
                          f"at byte {len(weights)}")
        foreign = self.model((LENET / "inference.pdiparams").read_bytes())
        self.assert_fails(run("run", foreign, "--random"), "the weights do not belong to this program", f"'{names[0]}'")
        (foreign / "inference.pdiparams").unlink()
        self.assert_fails(run("run", foreign, "--random"), f"{len(names)} parameters", "inference.pdiparams' are missing")


class Manifests(ProgramTest):
    def manifest(self, text):
        for name in ("inference.pdmodel", "inference.pdiparams"):
            shutil.copy(MLP / name, self.path(f"mlp/{name}"))
        return self.path("mlp/model.yaml", text).parent

    def test_identity_that_differs_shows_both(self):
        identity = run("inspect", MLP, "--json").json()["identity"]
        self.assertEqual(run("run", self.manifest(f"schema: 1\nsha256: {identity}\n"), "--random").code, 0)
        other = "0" * 63 + "1"
        self.assert_fails(run("run", self.manifest(f"schema: 1\nsha256: {other}\n"), "--random"), identity, other, "model.yaml")
        self.assert_fails(run("run", self.manifest("schema: 1\nsha256: abc\n"), "--random"), "model.yaml:2:9",
                          "'sha256' is 'abc'; it must be 64 lower-case hexadecimal digits")

    def test_mistakes_name_their_place(self):
        for text, *parts in (("preproces: {}", ":2:1: unknown key 'preproces'; did you mean 'preprocess'?"),
                             ("preprocess: {height: 1, widht: 2}", ":2:25: unknown key 'widht'; did you mean 'width'?"),
                             ("preprocess: {height: 1}", "'preprocess.width' is missing"),
                             ("preprocess: {height: 0, width: 1}", ":2:22: ", "'preprocess.height' is '0'", "from 1 to 65535"),
                             ("preprocess: {height: 1, width: 1, color: pink}", "'pink'", "gray|rgb|bgr"),
                             ("preprocess: {height: 8, width: 8}", "'preprocess' makes FP32 [1,3,8,8]", "input 'x' takes"),
                             ("postprocess: {}", "needs either 'ctc' or 'top_k'"),
                             ("postprocess: {top_k: {k: 0}}", ":2:26: ", "'postprocess.top_k.k' is '0'"),
                             ("postprocess: {top_k: {labels: ../labels.txt}}", "'../labels.txt'", "without '..'"),
                             ("postprocess: {top_k: {labels: /etc/passwd}}", "'/etc/passwd'", "beside"),
                             ("postprocess: {output: z, top_k: {}}", "'postprocess.output' is 'z'", "save_infer_model")):
            with self.subTest(text):
                self.assert_fails(run("run", self.manifest(f"schema: 1\n{text}\n"), "--random"), "model.yaml", *parts)
        self.assert_fails(run("run", self.manifest("preprocess: {}\n"), "--random"), "model.yaml:1:1", "'schema: 1' is missing")


if __name__ == "__main__":
    unittest.main()

"""examples/c and examples/cpp, and the snippets of the README, built as their readers would and run on small models."""
import os
import re
import subprocess
import unittest

from program import BUILD, MODELS, SOURCE, WAIT_S, ProgramTest, needs_onnxruntime

RELU = MODELS / "onnx" / "relu_1x16.onnx"
FAKE = MODELS / "fake" / "add.fake"


def command(*words, cwd=None):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=WAIT_S, check=False, cwd=cwd)
    return done.returncode, done.stdout, done.stderr


class Examples(ProgramTest):
    def built(self, folder):
        """The directory of the example's programs, built with find_package()."""
        where = self.directory / folder
        for words in (("cmake", "-G", "Ninja", "-S", SOURCE / "examples" / folder, "-B", where, f"-DCMAKE_PREFIX_PATH={BUILD}",
                       "-DCMAKE_C_FLAGS=-Wall -Wextra -Wpedantic -Wconversion -Werror",
                       "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Wconversion -Werror"),
                      ("cmake", "--build", where)):
            code, out, err = command(*words)
            self.assertEqual(code, 0, out + err)
        return where

    def check_classify(self, program):
        """y = x + 1 over the ramp from -1 to 1."""
        code, out, err = command(program, FAKE, "fake")
        self.assertEqual((code, err), (0, ""), out)
        lines = [line.split() for line in out.splitlines()]
        self.assertEqual(lines[0][:4], ["model", "add", "on", "fake"])
        self.assertEqual(out.splitlines()[1:4], ["input   x FP32, 16 elements", "        used where it lies",
                                                 "output  y, 16 elements; the largest:"])
        self.assertEqual(lines[4:], [["15", "1.875"], ["14", "1.75"], ["13", "1.625"], ["12", "1.5"], ["11", "1.375"], ["copies", "0"]])
        code, out, err = command(program, self.directory / "nowhere.onnx")
        self.assertEqual((code, out), (1, ""))
        self.assertRegex(err, r"^classify: .*NOT_FOUND: .*nowhere\.onnx.*\n$")
        code, out, err = command(program)
        self.assertEqual((code, err), (2, "usage: classify MODEL [ENGINE]\n"))

    def check_relu(self, program):
        """The largest values of relu, and then those that it made equal."""
        code, out, err = command(program, RELU, "onnxruntime")
        self.assertEqual((code, err), (0, ""), out)
        self.assertIn("used where it lies", out)
        self.assertRegex(out, r"\n +15 0\.875\n +14 0\.75\n +13 0\.625\n +12 0\.5\n +11 0\.375\ncopies +0\n$")

    def test_c(self):
        self.check_classify(self.built("c") / "classify")

    def test_cpp(self):
        where = self.built("cpp")
        self.check_classify(where / "classify")
        code, out, err = command(where / "load_generator", FAKE, 2, "0.05")
        self.assertEqual((code, err), (0, ""), out)
        found = re.fullmatch(r"2 threads, (\d+) answers, ([0-9.e+]+) /s, p50 ([0-9.e-]+) ms, p99 ([0-9.e-]+) ms\n", out)
        self.assertTrue(found, out)
        self.assertGreater(int(found[1]), 0)
        self.assertLessEqual(float(found[3]), float(found[4]))
        code, out, err = command(where / "load_generator", FAKE, 0)
        self.assertEqual((code, out, err), (2, "", "usage: load_generator MODEL [THREADS] [SECONDS]\n"))
        code, out, err = command(where / "load_generator", self.directory / "nowhere.onnx", 1, 1)
        self.assertEqual((code, out), (1, ""))
        self.assertIn("NOT_FOUND", err)

    @needs_onnxruntime
    def test_relu(self):
        self.check_relu(self.built("c") / "classify")
        self.check_relu(self.built("cpp") / "classify")


class Readme(ProgramTest):
    """Each ```c and ```cpp block of the README is a program; it finds model.onnx where it is run."""

    def programs(self, language):
        text = (SOURCE / "README.md").read_text(encoding="utf-8")
        return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)

    def run_program(self, language, suffix, *compiler):
        found = self.programs(language)
        self.assertTrue(found, f"the README has no ```{language} block")
        os.symlink(RELU, self.directory / "model.onnx")
        for index, text in enumerate(found):
            source, program = self.path(f"readme{index}{suffix}", text), self.directory / f"readme{index}"
            code, out, err = command(*compiler, "-Wall", "-Wextra", "-Wpedantic", "-Werror", source, "-o", program,
                                     "-I", SOURCE / "include", "-L", BUILD / "lib", "-loarlock", f"-Wl,-rpath,{BUILD}/lib")
            self.assertEqual(code, 0, out + err)
            code, out, err = command(program, cwd=self.directory)
            self.assertEqual((code, out, err), (0, "3 0\n", ""))

    @needs_onnxruntime
    def test_c(self):
        self.run_program("c", ".c", "cc", "-std=c11")

    @needs_onnxruntime
    def test_cpp(self):
        self.run_program("cpp", ".cc", "c++", "-std=c++17")


if __name__ == "__main__":
    unittest.main()

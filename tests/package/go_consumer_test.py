"""A Go program of somebody else's: it gets the module through a proxy of modules, is built here, and finds the package's
library in the bare system in each of the ways that package oarlock knows.
"""
import os
import pathlib
import shutil
import subprocess
import unittest

from inside import SOURCE, VERSION, Inside, output
from module_proxy import MODULE, serve
from program import MODELS, WAIT_S, ProgramTest, run

CONSUMER = SOURCE / "tests" / "package" / "consumers" / "go"
GO = SOURCE / "scripts" / "go"
NAME = f"liboarlock.so.{VERSION.split('.', maxsplit=1)[0]}"
ANSWER = "relu_1x16 onnxruntime 15\n"

# Nothing but a version, and that is of another time.
STUB = "unsigned oar_version(void) { return 9 << 16 | 2 << 8 | 1; }"


class GoConsumer(ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.inside = Inside(f"/opt/go-consumer-{os.getpid()}")
        cls.addClassCleanup(cls.inside.discard)
        cls.model = cls.inside.put(MODELS / "onnx" / "relu_1x16.onnx")
        cls.work = cls.inside.outside / "work"
        cls.work.mkdir()
        cls.environment = {
            **os.environ, "GOPROXY": serve(SOURCE, f"v{VERSION}", cls.work / "proxy"), "GOSUMDB": "off", "GOWORK": "off",
            "GOMODCACHE": str(cls.work / "modules"), "GOFLAGS": "-modcacherw -buildvcs=false", "CGO_ENABLED": "1"}
        cls.project = cls.work / "project"
        shutil.copytree(CONSUMER, cls.project)
        cls.go("mod", "init", "example.com/consumer")
        cls.go("get", f"{MODULE}/oarlock@v{VERSION}")
        cls.go("build", "-o", "consumer", ".")

    @classmethod
    def go(cls, *arguments):
        return output(GO, *arguments, cwd=cls.project, env=cls.environment)

    def place(self, *folders, program=None):
        """The program in a folder of its own, among others; its path inside."""
        place = pathlib.PurePosixPath("places", self.id().rsplit(".", maxsplit=1)[1], *folders)
        (self.inside.outside / place).mkdir(parents=True, exist_ok=True)
        shutil.copy(program or self.project / "consumer", self.inside.outside / place / "consumer")
        return f"{self.inside.folder}/{place}/consumer"

    def outside(self, path):
        """A path inside, as it is called here."""
        return self.inside.outside / path.removeprefix(f"{self.inside.folder}/")

    def link(self, path, target):
        self.outside(path).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(target, self.outside(path))

    def stub(self, path):
        """A library of another version."""
        self.outside(path).parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", self.outside(path)], input=STUB.encode(), timeout=WAIT_S,
                       check=True)

    def start(self, program, *arguments, environment=()):
        binary = self.inside.starter("go-consumer", *environment, program)
        self.addCleanup(os.unlink, binary)
        return run(self.model, *arguments, binary=binary)

    def check(self, program, *arguments, environment=()):
        done = self.start(program, *arguments, environment=environment)
        self.assertEqual((done.code, done.out, done.err), (0, ANSWER, ""), done)

    def refused(self, program, *arguments, environment=()):
        """How it ends where there is no library of use: the lines of its message."""
        done = self.start(program, *arguments, environment=environment)
        self.assertEqual((done.code, done.out), (1, ""), done)
        return done.err.splitlines()

    def test_module_is_whole_and_lean(self):
        there = {str(path.relative_to(self.work / "modules" / f"{MODULE}@v{VERSION}"))
                 for path in (self.work / "modules" / f"{MODULE}@v{VERSION}").rglob("*") if path.is_file()}
        self.assertLessEqual({"go.mod", "LICENSE", "oarlock/predictor.go", "internal/cabi/oarlock.h", "internal/cabi/shim.c"}, there)
        self.assertEqual([name for name in there if name.startswith("cmd/oargen")], [], "it is a module of its own")
        self.assertEqual((self.project / "go.mod").read_text(encoding="utf-8").count(f"{MODULE} v{VERSION}"), 1)
        self.assertEqual(self.go("list", "-m", "all").splitlines(), ["example.com/consumer", f"{MODULE} v{VERSION}"], "it needs others")

    def test_library_in_the_programs_own_directory(self):
        shutil.copy(self.project / "consumer", self.outside(self.inside.tree) / "lib" / "go-consumer")
        self.check(f"{self.inside.tree}/lib/go-consumer")

    def test_library_in_lib_beside_the_program(self):
        program = self.place()
        self.link(str(pathlib.PurePosixPath(program).with_name("lib")), f"{self.inside.tree}/lib")
        self.check(program)

    def test_library_in_lib_beside_the_programs_directory(self):
        shutil.copy(self.project / "consumer", self.outside(self.inside.tree) / "bin" / "go-consumer")
        self.check(f"{self.inside.tree}/bin/go-consumer")

    def test_library_where_the_system_looks(self):
        self.check(self.place(), environment=[f"LD_LIBRARY_PATH={self.inside.tree}/lib"])

    def test_library_by_option(self):
        self.check(self.place(), f"{self.inside.tree}/lib/liboarlock.so")

    def test_program_that_is_started_through_a_link(self):
        shutil.copy(self.project / "consumer", self.outside(self.inside.tree) / "bin" / "go-linked")
        self.link(f"{self.inside.folder}/elsewhere/consumer", f"{self.inside.tree}/bin/go-linked")
        self.check(f"{self.inside.folder}/elsewhere/consumer")

    def test_no_library_anywhere(self):
        program = self.place("bin")
        folder = program.removesuffix("/bin/consumer")
        lines = self.refused(program)
        self.assertIn(f"no liboarlock.so of version {VERSION} was found", lines[0])
        tried = [f"{folder}/bin/{NAME}", f"{folder}/bin/lib/{NAME}", f"{folder}/lib/{NAME}", NAME]
        self.assertEqual([line.split(":")[0].strip() for line in lines[1:5]], tried)
        for line in lines[1:5]:
            self.assertIn("No such file or directory", line)
        rest = "\n".join(lines[5:])
        self.assertIn(f"oarlock-{VERSION}-linux-x86_64.tar.xz", rest)
        self.assertIn("ln -s ", rest)
        self.assertIn("oarlock.RuntimeOptions{Library: ", rest)

    def test_option_that_names_nothing(self):
        lines = self.refused(self.place(), "/nowhere/liboarlock.so")
        self.assertEqual(lines[1], "  /nowhere/liboarlock.so: cannot open shared object file: No such file or directory")
        self.assertNotIn(NAME, lines[2], "nothing else is tried where it was told")

    def test_library_of_another_version_is_passed_over(self):
        program = self.place()
        self.stub(str(pathlib.PurePosixPath(program).with_name(NAME)))
        self.check(program, environment=[f"LD_LIBRARY_PATH={self.inside.tree}/lib"])

    def test_library_of_another_version_alone(self):
        program = self.place()
        stub = str(pathlib.PurePosixPath(program).with_name(NAME))
        self.stub(stub)
        lines = self.refused(program)
        self.assertIn(f"no liboarlock.so of version {VERSION} was found", lines[0])
        self.assertEqual(lines[1], f"  {stub}: it is of version 9.2.1")
        self.assertEqual(self.refused(program, stub)[1], f"  {stub}: it is of version 9.2.1")

    def test_file_that_is_no_library_of_ours(self):
        lines = self.refused(self.place(), "/lib/x86_64-linux-gnu/libc.so.6")
        self.assertEqual(lines[1], "  /lib/x86_64-linux-gnu/libc.so.6: it has no oar_version: it is another library")

    def test_vendored(self):
        self.go("mod", "vendor")
        self.addCleanup(shutil.rmtree, self.project / "vendor")
        self.assertTrue((self.project / "vendor" / MODULE / "internal" / "cabi" / "oarlock.h").is_file())
        self.go("build", "-mod=vendor", "-o", "vendored", ".")
        self.check(self.place(program=self.project / "vendored"), f"{self.inside.tree}/lib/liboarlock.so")


if __name__ == "__main__":
    unittest.main()

"""Programs of others: built here against the unpacked package in each of the three ways, and run in the bare system.

While they are linked, the libraries that the package brings are hidden from the linker where this system has them too:
what liboarlock.so needs must be found in the package, without a flag that says so.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

from inside import SOURCE, VERSION, Inside, output
from program import MODELS, WAIT_S, ProgramTest, run

sys.path.insert(0, str(SOURCE / "packaging"))

from libraries import system_libraries  # noqa: E402

CONSUMERS = SOURCE / "tests" / "package" / "consumers"


def needed_by_tools():
    """Sonames without which nothing is compiled here."""
    tools = [output("cc", f"-print-prog-name={name}").strip() for name in ("cc1", "cc1plus", "collect2", "as", "ld")]
    tools += ["cc", "c++", "make", "ninja", "cmake", "pkg-config", "mount", "unshare", "env"]
    return {soname for tool in tools for soname in re.findall(r"^\s+(\S+) =>", output("ldd", shutil.which(tool)), re.MULTILINE)}


class Consumers(ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.inside = Inside(f"/opt/consumers-{os.getpid()}")
        cls.addClassCleanup(cls.inside.discard)
        cls.tree = cls.inside.outside / pathlib.PurePath(cls.inside.tree).name
        cls.library = f"{cls.inside.tree}/lib"  # as the system inside sees it
        cls.model = cls.inside.put(MODELS / "onnx" / "relu_1x16.onnx")
        hidden = {path.name for path in (cls.tree / "lib").glob("*.so*")} - needed_by_tools()
        cls.hidden = {name: path for name, path in system_libraries().items() if name in hidden}

    def project(self, name):
        return pathlib.Path(shutil.copytree(CONSUMERS / name, self.directory / name))

    def build(self, project, *command, **environment):
        """Runs a command there, where an empty file is in the place of each hidden library."""
        mounts = " && ".join(f"mount --bind /dev/null '{path}'" for path in self.hidden.values())
        done = subprocess.run(["unshare", "--mount", "sh", "-c", f'{mounts} && exec "$@"', "sh", *map(str, command)], check=False,
                              cwd=project, env={**os.environ, **environment}, capture_output=True, text=True, timeout=WAIT_S)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn("warning", done.stdout + done.stderr)

    def check(self, program, *environment):
        """It answers in the bare system, where importer, server and DLPack are there too."""
        shutil.copy(program, self.inside.outside / "consumer")
        binary = self.inside.starter("consumer", *environment, f"{self.inside.folder}/consumer")
        self.addCleanup(os.unlink, binary)
        done = run(self.model, binary=binary)
        self.assertEqual((done.code, done.out, done.err), (0, f"{VERSION} 7 15\n", ""), done)

    def test_libraries_are_hidden(self):
        self.assertIn("libfmt.so.9", self.hidden)
        self.assertTrue([name for name in self.hidden if name.startswith("libabsl_")])

    def test_plain(self):
        project = self.project("plain")
        self.build(project, "./build.sh", self.tree)
        self.check(project / "consumer", f"LD_LIBRARY_PATH={self.library}")

    def test_plain_with_a_path_of_its_own(self):
        project = self.project("plain")
        self.build(project, "./build.sh", self.tree, f"-Wl,-rpath,{self.library}")
        self.check(project / "consumer")

    def test_pkgconfig(self):
        project = self.project("pkgconfig")
        self.build(project, "make", f"LDFLAGS=-Wl,-rpath,{self.library}", PKG_CONFIG_PATH=f"{self.tree}/lib/pkgconfig")
        self.check(project / "consumer")
        version = output("pkg-config", "--modversion", "oarlock", env={**os.environ, "PKG_CONFIG_PATH": f"{self.tree}/lib/pkgconfig"})
        self.assertEqual(version, f"{VERSION}\n")

    def test_cmake(self):
        project = self.project("cmake")
        self.build(project, "cmake", "-S", ".", "-B", "build", f"-DCMAKE_PREFIX_PATH={self.tree}", f"-DCMAKE_BUILD_RPATH={self.library}")
        self.build(project, "cmake", "--build", "build")
        self.check(project / "build" / "consumer")

    def test_cmake_refuses_another_version(self):
        project = self.project("cmake")
        lists = (project / "CMakeLists.txt").read_text(encoding="utf-8")
        (project / "CMakeLists.txt").write_text(lists.replace("oarlock 0.1", "oarlock 0.2"), encoding="utf-8")
        done = subprocess.run(["cmake", "-S", project, "-B", project / "build", f"-DCMAKE_PREFIX_PATH={self.tree}"], check=False,
                              capture_output=True, text=True, timeout=WAIT_S)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("oarlockConfig.cmake, version: " + VERSION, done.stderr)


if __name__ == "__main__":
    unittest.main()

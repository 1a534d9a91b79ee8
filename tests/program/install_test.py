"""What `cmake --install` leaves: a tree that runs wherever it is put, and needs nothing but itself and the system."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from program import BUILD, MODELS, SOURCE, WAIT_S, WAYBILL, ProgramTest, run, waybill_pictures

MODEL = WAYBILL / "models" / "waybill"


def output(*command, env=None):
    done = subprocess.run([str(word) for word in command], capture_output=True, timeout=WAIT_S, check=False, env=env)
    if done.returncode != 0:
        raise AssertionError(f"{command}: exit code {done.returncode}\n{done.stdout.decode()}{done.stderr.decode()}")
    return done.stdout.decode()


class InstallTest(ProgramTest):
    """Installed once, moved, and looked at."""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="oarlock-install-")
        cls.addClassCleanup(directory.cleanup)
        first = pathlib.Path(directory.name) / "first"
        output("cmake", "--install", BUILD, "--prefix", first)
        cls.tree = pathlib.Path(directory.name) / "moved" / "elsewhere"
        cls.tree.parent.mkdir()
        first.rename(cls.tree)

    def run_installed(self, *arguments):
        # Nothing but where to keep converted models: neither a search path nor a library path may be what makes it run.
        return run(*arguments, binary=self.tree / "bin" / "oarlock", cwd=self.directory,
                   env={"XDG_CACHE_HOME": str(self.directory / "cache")})

    def binaries(self):
        return [self.tree / "bin" / "oarlock", *sorted(path for path in self.tree.rglob("*.so*") if not path.is_symlink())]

    def test_tree(self):
        files = {str(path.relative_to(self.tree)) for path in self.tree.rglob("*") if path.is_file()}
        for name in ("bin/oarlock", "include/oarlock/engine.h", "lib/oarlock/engines/liboarlock_engine_openvino.so",
                     "lib/oarlock/engines/openvino/libtbb.so.12", "lib/liboarlock.so", "lib/liboarlock.so.0", "lib/liboarlock.so.0.1.0",
                     "lib/cmake/oarlock/oarlockConfig.cmake", "lib/cmake/oarlock/oarlockConfigVersion.cmake", "lib/pkgconfig/oarlock.pc"):
            self.assertIn(name, files)
        headers = {str(path.relative_to(SOURCE)) for path in (SOURCE / "include").rglob("*.h*")}
        self.assertEqual({name for name in files if name.startswith("include/")}, headers)
        self.assertEqual(os.readlink(self.tree / "lib" / "liboarlock.so"), "liboarlock.so.0")
        self.assertFalse([name for name in files if "fake" in name or "test" in name or name.endswith((".a", ".py"))])

    def test_engines_are_those_of_the_tree(self):
        shown = self.run_installed("engines", "--json")
        self.assertEqual((shown.code, shown.err), (0, ""), shown)
        installed = {engine["name"]: engine for engine in shown.json()["engines"] if engine["installed"]}
        plugins = sorted(self.tree.glob("lib/oarlock/engines/liboarlock_engine_*.so"))
        self.assertEqual(sorted(engine["path"] for engine in installed.values()), [str(path) for path in plugins])
        self.assertEqual(installed["openvino"]["version"], "2026.4.1")

    def test_pictures_give_the_values_of_the_build_tree(self):
        model = self.directory / "waybill"
        shutil.copytree(MODEL, model)
        arguments = ("run", model, "--json", "--image", *[path for path, _ in waybill_pictures()])
        installed, built = self.run_installed(*arguments).json(), run(*arguments).json()
        for document in (installed, built):
            for image in document["images"]:
                del image["times_ms"]
        self.assertEqual(installed, built)
        self.assertEqual(len(installed["images"]), 20)

    def test_every_format_is_read(self):
        for model in ("paddle/mlp", "onnx/relu_1x16.onnx", "openvino"):
            done = self.run_installed("run", SOURCE / "tests" / "models" / model, "--random")
            self.assertEqual((done.code, done.err), (0, ""), done)

    def test_libraries_are_the_systems_or_the_trees(self):
        self.assertGreater(len(self.binaries()), 6)
        for path in self.binaries():
            with self.subTest(path.name):
                needed = output("ldd", path, env={"PATH": os.environ["PATH"]})
                self.assertNotIn("not found", needed)
                self.assertNotIn("libpython", needed)
                for library in re.findall(r"=> (/\S+)", needed):
                    self.assertTrue(library.startswith(("/lib/", "/lib64/", "/usr/lib/", f"{self.tree}/")), library)

    def test_search_paths_stay_in_the_tree(self):
        for path in self.binaries():
            with self.subTest(path.name):
                dynamic = output("readelf", "-d", path)
                for entry in re.findall(r"R(?:UN)?PATH\).*\[(.*)\]", dynamic):
                    for part in filter(None, entry.split(":")):
                        self.assertRegex(part, r"^\$ORIGIN(/|$)")
                        self.assertTrue(self.is_in_tree(path.parent / part.replace("$ORIGIN", ".")), f"{path}: {part}")

    def is_in_tree(self, path):
        return pathlib.Path(os.path.normpath(path)).is_relative_to(self.tree)

    def test_each_header_compiles_by_itself(self):
        for header in sorted((self.tree / "include").rglob("*.h*")):
            name = header.relative_to(self.tree / "include")
            cpp = (".cc", "c++", "-std=c++17")
            for suffix, *compiler in [cpp] if header.suffix == ".hpp" else [(".c", "cc", "-std=c11"), cpp]:
                with self.subTest(name, suffix=suffix):
                    source = self.path(f"use{suffix}", f"#include <{name}>\nint main(void) {{ return OAR_MAX_RANK == 8 ? 0 : 1; }}\n")
                    output(*compiler, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-I", self.tree / "include", source)

    def test_program_without_its_engine_says_what_to_do(self):
        alone = self.directory / "bin" / "oarlock"
        alone.parent.mkdir()
        shutil.copy(self.tree / "bin" / "oarlock", alone)
        self.assert_fails(run("run", MODEL, "--image", waybill_pictures()[0][0], binary=alone, env={}),
                          self.directory / "lib/oarlock/liboarlock_importer.so", "install Oarlock anew")
        self.assert_fails(run("run", MODELS / "onnx" / "relu_1x16.onnx", "--random", binary=alone, env={}),
                          self.directory / "lib/oarlock/engines/liboarlock_engine_openvino.so", "./scripts/bootstrap")


if __name__ == "__main__":
    unittest.main()

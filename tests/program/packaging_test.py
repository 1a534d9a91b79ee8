"""What scripts/package refuses: a library that is nowhere, one that would not be found, a file of unknown licence."""
import pathlib
import shutil
import subprocess
import sys
import unittest

from program import BUILD, SOURCE, WAIT_S, ProgramTest

PACKAGING = SOURCE / "packaging"
sys.path.insert(0, str(PACKAGING))

import notices  # noqa: E402


def command(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=WAIT_S, check=False)


class Libraries(ProgramTest):
    """Trees of one program, linked to a library that is called libghost.so."""

    def link(self, *rpath):
        """bin/program, which needs libghost.so, which needs zlib; the library is left in lib/."""
        for name in ("tree/bin", "tree/lib"):
            (self.directory / name).mkdir(parents=True)
        ghost = self.directory / "tree" / "lib" / "libghost.so"
        self.path("ghost.c", "const char* zlibVersion(void); const char* ghost(void) { return zlibVersion(); }\n")
        self.path("program.c", "const char* ghost(void); int main(void) { return ghost() ? 0 : 1; }\n")
        zlib = next(pathlib.Path(folder) for folder in ("/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu")
                    if (pathlib.Path(folder) / "libz.so.1").exists()) / "libz.so.1"
        for words in (("-shared", "-fPIC", self.directory / "ghost.c", "-o", ghost, "-Wl,-soname,libghost.so", zlib),
                      (self.directory / "program.c", "-o", self.directory / "tree/bin/program", ghost, f"-Wl,-rpath-link,{zlib.parent}",
                       *rpath)):
            done = command("cc", *words)
            self.assertEqual(done.returncode, 0, done.stderr)
        return ghost

    def bundle(self):
        return command(sys.executable, PACKAGING / "libraries.py", "bundle", self.directory / "tree")

    def test_what_is_needed_in_turn_is_brought(self):
        self.link("-Wl,-rpath,$ORIGIN/../lib", "-Wl,--disable-new-dtags")
        done = self.bundle()
        self.assertEqual((done.returncode, done.stdout), (0, "bundled 1 libraries: libz.so.1\n"), done.stderr)
        self.assertTrue((self.directory / "tree/lib/libz.so.1").is_file())
        self.assertEqual(self.bundle().stdout, "bundled 0 libraries: \n")

    def test_runpath_does_not_reach_what_is_needed_in_turn(self):
        self.link("-Wl,-rpath,$ORIGIN/../lib", "-Wl,--enable-new-dtags")
        done = self.bundle()
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, "package: lib/libghost.so needs libz.so.1 and would not look for it in lib/\n")

    def test_library_that_is_nowhere(self):
        self.link("-Wl,-rpath,$ORIGIN/../lib", "-Wl,--disable-new-dtags").unlink()
        done = self.bundle()
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, "package: bin/program needs libghost.so, which is neither in the tree nor on this system\n")


class Notices(ProgramTest):
    def test_file_of_unknown_origin_is_named(self):
        tree = self.directory / "tree"
        done = command("cmake", "--install", BUILD, "--prefix", tree)
        self.assertEqual(done.returncode, 0, done.stderr)
        shutil.copy(SOURCE / "LICENSE", tree)
        make = (sys.executable, PACKAGING / "notices.py", tree, BUILD)
        self.assertIn("\n== boost", command(*make).stdout)
        self.path("tree/lib/oarlock/engines/mystery.bin", b"who made this?")
        done = command(*make)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr, "package: no licence is known for lib/oarlock/engines/mystery.bin\n")

    def test_sdk_without_a_licence_is_named(self):
        self.path("deps/engine-1.2/libs/libengine.so.1", b"bytes of the engine")
        installed = self.path("tree/libengine.so.1", b"bytes of the engine")
        sdks = notices.Sdks(self.directory / "deps")
        root = sdks.root_of(installed)
        self.assertEqual(root, self.directory / "deps" / "engine-1.2")
        with self.assertRaisesRegex(notices.Missing, "engine-1.2 holds no licence file"):
            sdks.component(root)
        self.path("deps/engine-1.2/engine.dist-info/licenses/LICENSE", "Do as you like.\n")
        component = sdks.component(root)
        self.assertEqual((component.name, component.texts), ("engine 1.2", [("engine.dist-info/licenses/LICENSE", "Do as you like.")]))

    def test_same_name_with_other_bytes_is_not_the_sdks(self):
        self.path("deps/engine-1.2/libs/libengine.so.1", b"bytes of the engine")
        sdks = notices.Sdks(self.directory / "deps")
        self.assertIsNone(sdks.root_of(self.path("tree/libengine.so.1", b"bytes of our engine")))


if __name__ == "__main__":
    unittest.main()

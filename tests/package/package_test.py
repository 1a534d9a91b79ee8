"""The package, unpacked on a bare Debian 12: it is whole, runs from anywhere, and serves, with each of its engines.

The program runs inside (inside.py), with an empty environment; it is asked from outside, over the network that both share.
"""
import hashlib
import math
import os
import re
import shutil
import unittest

from inside import NAME, PACKAGE, ROOT, SOURCE, VERSION, Inside, output
from program import MODELS, WAYBILL, ProgramTest, run, waybill_pictures

# A sample of each format that an engine may read.
SAMPLES = {"onnx": MODELS / "onnx" / "relu_1x16.onnx", "openvino-ir": MODELS / "openvino", "paddle": MODELS / "paddle" / "mlp"}


class PackageTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        folder = f"/opt/test-{os.getpid()}"
        cls.inside = Inside(folder)
        cls.addClassCleanup(cls.inside.discard)
        cls.engines = run("engines", "--json", binary=cls.inside.binary).json()["engines"]

    def test_bare_system_is_bare(self):
        packages = output("dpkg-query", f"--admindir={ROOT}/var/lib/dpkg", "-W", "-f", "${Package}\n").split()
        self.assertEqual([name for name in packages if name.endswith("-dev") or name.startswith(("libfmt", "libabsl"))], [])
        bundled = {library.name for library in (self.inside.outside / NAME / "lib").glob("*.so*")}
        there = {path.name for path in ROOT.glob("usr/lib/**/*.so*")}
        self.assertIn("libfmt.so.9", bundled)
        # dpkg's own; the absence of any other would show.
        self.assertEqual(bundled & there, {"libz.so.1"})

    def test_sums_are_right_and_name_every_file(self):
        self.assertNotIn("FAILED", self.inside.shell("sha256sum -c SHA256SUMS"))
        tree = self.inside.outside / NAME
        files = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file() and not path.is_symlink()}
        named = {line.split("  ", 1)[1] for line in (tree / "SHA256SUMS").read_text().splitlines()}
        self.assertEqual(named, files - {"SHA256SUMS"})
        digest, name = (PACKAGE.parent / f"{PACKAGE.name}.sha256").read_text().split()
        self.assertEqual((digest, name), (hashlib.sha256(PACKAGE.read_bytes()).hexdigest(), PACKAGE.name))

    def test_version_and_engines(self):
        shown = run("--version", binary=self.inside.binary)
        self.assertEqual((shown.code, shown.out, shown.err), (0, f"oarlock {VERSION}\n", ""))
        self.assertTrue(self.engines)
        for engine in self.engines:
            with self.subTest(engine["name"]):
                self.assertTrue(engine["installed"], engine)
                self.assertEqual(engine["path"], f"{self.inside.tree}/lib/oarlock/engines/liboarlock_engine_{engine['name']}.so")
                self.assertTrue(engine["devices"], engine)

    def test_doctor_finds_nothing_wrong(self):
        for arguments in ((), (self.inside.put(WAYBILL / "models" / "waybill"),)):
            report = run("doctor", "--json", *arguments, binary=self.inside.binary).json()
            self.assertEqual(report["errors"], 0, report)
            names = {check["name"] for check in report["checks"] if check["status"] == "ok"}
            self.assertLessEqual({f"engine {engine['name']}" for engine in self.engines}, names)

    def test_each_engine_serves_each_format_it_reads(self):
        for engine in self.engines:
            formats = [name for name in engine["formats"] if name in SAMPLES]
            self.assertTrue(formats, engine)
            for name in formats:
                with self.subTest(engine=engine["name"], format=name):
                    server = self.serve(self.inside.put(SAMPLES[name]), "--engine", engine["name"], "--model-name", "m",
                                        binary=self.inside.binary)
                    port, = server.ask("GET", "/v2/models/m").json()["inputs"]
                    shape = [abs(dim) for dim in port["shape"]]
                    answer = server.infer("m", {"inputs": [{**port, "shape": shape, "data": [1.0] * math.prod(shape)}]})
                    self.assertEqual(answer.status, 200, answer)
                    values = answer.json()["outputs"][0]["data"]
                    # Of relu, the values themselves; of the others, that they are numbers.
                    self.assertEqual(values if name == "onnx" else [1.0] * 16, [1.0] * 16)
                    self.assertTrue(values and all(math.isfinite(value) for value in values), values)
                    server.stop()

    def test_waybill_example_reads_a_picture(self):
        server = self.serve(self.inside.put(WAYBILL / "models" / "waybill"), binary=self.inside.binary)
        path, number = waybill_pictures()[0]
        answer = server.ask("POST", "/v2/models/waybill/infer", path.read_bytes(), {"Inference-Header-Content-Length": "0"})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual([each["name"] for each in answer.json()["outputs"]], ["text", "confidence"])
        length = int.from_bytes(answer.binary()[:4], "little")
        self.assertEqual(answer.binary()[4:4 + length].decode(), number)

    def test_second_copy_elsewhere_runs_too(self):
        second = Inside(f"/srv/another place {os.getpid()}")
        self.addCleanup(second.discard)
        engines = run("engines", "--json", binary=second.binary).json()["engines"]
        self.assertEqual([each["name"] for each in engines], [each["name"] for each in self.engines])
        self.assertTrue(all(each["path"].startswith(second.tree) for each in engines), engines)

    def test_environment_cannot_swap_a_bundled_library(self):
        """RPATH comes before LD_LIBRARY_PATH: a stray library of the same name is not taken."""
        stray = self.inside.outside / "stray"
        stray.mkdir()
        for library in (self.inside.outside / NAME / "lib").glob("*.so*"):
            (stray / library.name).write_bytes(b"no library")
        shown = self.inside.shell(f"LD_LIBRARY_PATH={self.inside.folder}/stray bin/oarlock --version")
        self.assertTrue(shown.startswith("oarlock "))

    def test_third_parties_are_named_with_their_licences(self):
        text = (self.inside.outside / NAME / "THIRD_PARTY_NOTICES").read_text(encoding="utf-8")
        head, _, rest = text.partition("\n== ")
        tree = self.inside.outside / NAME
        for path in tree.rglob("*.so*"):
            name = str(path.relative_to(tree))
            if not re.search(r"(^|/)liboarlock[_.]", name):  # not one of ours
                self.assertRegex(head, rf"[ ,]{re.escape(name)}(,|$|\n)", "a file of somebody else's without a notice")
        for component in ("boost", "rapidjson", "cli11", "abseil"):
            self.assertIn(f"  {component}", head, "compiled in, and not named")
        self.assertIn("Boost Software License", rest)
        self.assertIn("Apache License", rest)

    def test_readme_says_what_the_binaries_need(self):
        text = (self.inside.outside / NAME / "README").read_text(encoding="utf-8")
        self.assertRegex(text, r"\n  glibc 2\.\d+, libstdc\+\+ with GLIBCXX_3\.4\.\d+\n")
        self.assertNotIn("@", text)

    def test_binaries_of_ours_are_stripped(self):
        tree = self.inside.outside / NAME
        for path in [tree / "bin" / "oarlock", tree / "lib" / "liboarlock.so", *tree.glob("lib/oarlock/**/liboarlock_*.so")]:
            self.assertNotIn(".debug_", output("readelf", "-S", "-W", path), path.name)

    def test_packing_the_same_files_again_gives_the_same_bytes(self):
        """Other times, other owners, another umask, another order of creation. A few of the files: all take a minute."""
        names = ("LICENSE", "README", "SHA256SUMS", "bin/oarlock", "include/oarlock/engine.h")
        made = []
        for index, order in enumerate((names, reversed(names))):
            copy = self.directory / str(index) / NAME
            for name in order:
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self.inside.outside / NAME / name, copy / name)
                os.utime(copy / name, (index * 1000, index * 1000))
                os.chmod(copy / name, (0o755 if name.startswith("bin/") else 0o644) & ~(0o027 * index))
                os.chown(copy / name, index, index)
            output(SOURCE / "packaging" / "archive", copy, self.directory / f"{index}.tar.xz", "1700000000")
            made.append((self.directory / f"{index}.tar.xz").read_bytes())
        self.assertEqual(*(hashlib.sha256(data).hexdigest() for data in made))

    def test_archive_is_sorted_and_belongs_to_root(self):
        lines = output("tar", "--list", "--verbose", "--numeric-owner", "--file", PACKAGE).splitlines()
        names = [line.split(None, 5)[5] for line in lines]
        self.assertEqual(names, sorted(names, key=lambda name: name.rstrip("/").split("/")))
        self.assertEqual({line.split()[1] for line in lines}, {"0/0"})
        self.assertEqual(len({tuple(line.split()[3:5]) for line in lines}), 1, "one time for all files")


if __name__ == "__main__":
    unittest.main()

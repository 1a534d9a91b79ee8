"""The headers and the shared library as others meet them: each C and C++ takes the headers, and the library shows and
needs no more than it says.

    header_test.py SOURCE_DIR LIBRARY C_COMPILER CXX_COMPILER
"""
import itertools
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SOURCE, LIBRARY, CC, CXX = sys.argv[1:5]
INCLUDE = pathlib.Path(SOURCE) / "include"
HEADERS = ["oarlock/types.h", "oarlock/oarlock.h", "oarlock/engine.h"]
# What is not to come into a host's process with the library.
UNWANTED = ["protobuf", "grpc", "onnx", "tbb", "openvino"]
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Headers(unittest.TestCase):
    def compile(self, compiler, standard, suffix, text):
        with tempfile.TemporaryDirectory() as directory:
            unit = pathlib.Path(directory) / ("unit" + suffix)
            unit.write_text(text)
            done = subprocess.run([compiler, f"-std={standard}", "-pedantic", *WARNINGS, f"-I{INCLUDE}", "-fsyntax-only", unit],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, f"{compiler} {standard}:\n{text}\n{done.stderr}")

    def compile_all(self, compiler, standard, suffix):
        twice = [[header, header] for header in HEADERS]
        for headers in twice + [list(order) for order in itertools.permutations(HEADERS)]:
            text = "".join(f'#include "{header}"\n' for header in headers)
            self.compile(compiler, standard, suffix, text + "int main(void) { return 0; }\n")

    def test_each_is_c11_alone_twice_and_in_any_order(self):
        self.compile_all(CC, "c11", ".c")

    def test_each_is_cxx17_and_cxx20(self):
        for standard in ["c++17", "c++20"]:
            self.compile_all(CXX, standard, ".cc")

    def test_c_callers_may_use_it_without_a_warning(self):
        self.compile(CC, "c11", ".c", '#include "oarlock/oarlock.h"\n'
                     "int main(void) { oar_tensor t = {0}; oar_error* e = NULL; const int64_t d[] = {1};\n"
                     "  if (oar_tensor_allocate(OAR_DTYPE_F32, d, 1, &t, &e) != OAR_OK) oar_error_free(e);\n"
                     "  return oar_tensor_release(t, NULL) == OAR_OK ? 0 : 1; }\n")

    def test_cxx_callers_are_told_that_nothing_throws(self):
        self.compile(CXX, "c++17", ".cc", '#include "oarlock/oarlock.h"\n'
                     'static_assert(noexcept(oar_version()), "");\nint main() {}\n')

    def test_no_type_of_a_library_behind_it_is_named(self):
        for header in HEADERS:
            text = (INCLUDE / header).read_text()
            for word in ["absl", "std::", "protobuf", "grpc"]:
                self.assertNotIn(word, text, header)


class Library(unittest.TestCase):
    def declared(self):
        text = (INCLUDE / "oarlock/oarlock.h").read_text()
        names = re.findall(r"^OAR_API [^(]*?(oar_\w+)\(", text, re.MULTILINE)
        self.assertGreater(len(names), 50)
        return set(names)

    def test_it_shows_what_the_header_declares_and_nothing_else(self):
        shown = set()
        for line in output("nm", "-D", "--defined-only", LIBRARY).splitlines():
            _, kind, name = line.split()
            if kind == "A":  # the name of the version itself
                continue
            shown.add(name.split("@")[0])
        self.assertEqual(shown, self.declared())

    def test_it_needs_none_of_the_libraries_that_a_host_may_have_too(self):
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-dW", LIBRARY))
        self.assertIn("libc.so.6", needed)
        for library in needed:
            for word in UNWANTED:
                self.assertNotIn(word, library.lower())

    def test_nothing_of_the_standard_library_is_interposed_by_it(self):
        weak = [line for line in output("nm", "-DC", "--defined-only", LIBRARY).splitlines() if " W " in line or " V " in line]
        self.assertEqual(weak, [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

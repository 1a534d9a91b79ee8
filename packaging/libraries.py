"""The shared libraries of an installed tree: brings in those that it needs, and says what it asks of the system.

  libraries.py bundle TREE   copies into TREE/lib what programs and plugins need beyond glibc and GCC's runtime
  libraries.py needs TREE    "glibc 2.34, libstdc++ with GLIBCXX_3.4.30"

Libraries are looked for as ld.so does it (docs/decisions/007-package-libraries.md), within the tree only. What is not
found there is copied from the system that built it, byte for byte. Anything still unresolved is an error.
"""
import pathlib
import re
import shutil
import subprocess
import sys

# What every Debian has: dpkg itself needs them. Copies of glibc or libstdc++ would meet the system's in one process.
SYSTEM = {"ld-linux-x86-64.so.2", "libc.so.6", "libdl.so.2", "libgcc_s.so.1", "libm.so.6", "libpthread.so.0",
          "libresolv.so.2", "librt.so.1", "libstdc++.so.6"}


def readelf(option, path):
    return subprocess.run(["readelf", "--wide", option, str(path)], check=True, capture_output=True, text=True).stdout


class Elf:
    """One program or shared object: what it needs and where it looks."""

    def __init__(self, path):
        self.path = path
        dynamic = readelf("--dynamic", path)
        self.needed = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
        self.runpath = self._folders(r"\(RUNPATH\).*\[(.*)\]", dynamic)
        self.rpath = self._folders(r"\(RPATH\).*\[(.*)\]", dynamic)

    def _folders(self, pattern, dynamic):
        found = re.search(pattern, dynamic)
        if not found:
            return []
        return [pathlib.Path(part.replace("$ORIGIN", str(self.path.parent))) for part in found[1].split(":") if part]

    def search(self, programs):
        """Folders in ld.so's order. A RUNPATH counts for its own object alone and turns the programs' RPATH off."""
        if self.runpath:
            return self.runpath
        return self.rpath + [folder for program in programs for folder in program.rpath if not program.runpath]


def is_elf(path):
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def elves(tree):
    for path in sorted(tree.rglob("*")):
        if path.is_file() and not path.is_symlink() and is_elf(path):
            yield Elf(path)


def system_libraries():
    """soname -> path, of this machine."""
    shown = subprocess.run(["/sbin/ldconfig", "-p"], check=True, capture_output=True, text=True).stdout
    found = {}
    for soname, path in re.findall(r"^\t(\S+) \(libc6,x86-64[^)]*\) => (\S+)$", shown, re.MULTILINE):
        found.setdefault(soname, pathlib.Path(path).resolve())
    return found


def bundle(tree):
    library, system, copied, wrong = tree / "lib", system_libraries(), [], []
    waiting = list(elves(tree))
    programs = [elf for elf in waiting if elf.path.parent == tree / "bin"]
    while waiting:
        elf = waiting.pop(0)
        folders = elf.search(programs)
        for soname in elf.needed:
            if soname in SYSTEM or any((folder / soname).exists() for folder in folders):
                continue
            if soname not in system:
                wrong.append(f"{elf.path.relative_to(tree)} needs {soname}, which is neither in the tree nor on this system")
                continue
            if library.resolve() not in [folder.resolve() for folder in folders]:
                wrong.append(f"{elf.path.relative_to(tree)} needs {soname} and would not look for it in lib/")
                continue
            target = library / soname
            shutil.copyfile(system[soname], target)
            target.chmod(0o644)
            copied.append(soname)
            waiting.append(Elf(target))
    if wrong:
        sys.exit("package: " + "\npackage: ".join(wrong))
    print(f"bundled {len(copied)} libraries: {' '.join(sorted(copied))}")


def highest(versions):
    return max(versions, key=lambda version: [int(part) for part in version.split(".")])


def needs(tree):
    wanted = {"GLIBC": set(), "GLIBCXX": set()}
    for elf in elves(tree):
        for name, version in re.findall(r"Name: (GLIBC|GLIBCXX)_([0-9.]+)\s", readelf("--version-info", elf.path)):
            wanted[name].add(version)
    print(f"glibc {highest(wanted['GLIBC'])}, libstdc++ with GLIBCXX_{highest(wanted['GLIBCXX'])}")


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("bundle", "needs"):
        sys.exit(__doc__)
    {"bundle": bundle, "needs": needs}[sys.argv[1]](pathlib.Path(sys.argv[2]).resolve())

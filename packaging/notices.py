"""THIRD_PARTY_NOTICES of an installed tree, to standard output: who made what is in it, and under which licence.

  notices.py TREE BUILD

Nothing is listed by hand. A file of the tree is ours (the repository holds it, or the build made it), an engine's (a
file of the same bytes lies in an SDK under .deps/), or Debian's (the same bytes lie in an installed package); what our
binaries have compiled in is read from the build's own record of the headers they include. A file of no known origin, or
an origin without a licence, is an error.
"""
import hashlib
import pathlib
import re
import subprocess
import sys
import textwrap

from libraries import is_elf, system_libraries

SOURCE = pathlib.Path(__file__).resolve().parent.parent
DOCUMENTS = pathlib.Path("/usr/share/doc")
COMMON = pathlib.Path("/usr/share/common-licenses")
# The C and C++ libraries and the compiler's own headers: what of them ends in a program is exempt by the GCC Runtime
# Library Exception, or is interface alone.
COMPILER = re.compile(r"libc6-dev|libcrypt-dev|linux-libc-dev|libstdc\+\+-\d+-dev|libgcc-\d+-dev")
LICENCE_FILE = re.compile(r"licen[cs]e|copying|notice|third.?party|copyright", re.IGNORECASE)


class Missing(Exception):
    """A file or a package about which nothing is known."""


class Component:
    """One third party's work: what of it is in the tree, and its licence texts as (title, text)."""

    def __init__(self, name, texts):
        self.name, self.texts, self.parts = name, texts, []


def output(*command, accept=(0,)):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode not in accept:
        raise Missing(f"{command[0]} failed: {done.stderr.strip()}")
    return done.stdout


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_copy(path, original):
    return original.is_file() and digest(original) == digest(path)


def licence_text(path):
    return path.read_text(encoding="utf-8", errors="replace").strip("\n")


class Sdks:
    """The unpacked SDKs of engines: .deps/NAME-VERSION/."""

    def __init__(self, root):
        self.roots = sorted(path for path in root.iterdir() if path.is_dir() and path.name != "downloads")
        self.files = {}  # size -> [(path, root)]
        for sdk in self.roots:
            for path in sdk.rglob("*"):
                if path.is_file():
                    self.files.setdefault(path.stat().st_size, []).append((path, sdk))

    def root_of(self, path):
        """The SDK that holds these very bytes; None if no one does."""
        candidates = self.files.get(path.stat().st_size, [])
        return next((sdk for other, sdk in candidates if digest(other) == digest(path)), None)

    @staticmethod
    def component(sdk):
        texts = [(str(path.relative_to(sdk)), licence_text(path)) for path in sorted(sdk.rglob("*"))
                 if path.is_file() and LICENCE_FILE.search(path.name) and path.suffix not in (".h", ".hpp", ".so")]
        if not texts:
            raise Missing(f"{sdk} holds no licence file; keep those of its wheel when it is unpacked")
        return Component(sdk.name.replace("-", " ", 1), texts)


def debian_owner(paths):
    """path -> Debian package, for those that belong to one. Tries both sides of the merged /usr."""
    spelled = {}
    for path in paths:
        spelled[str(path)] = path
        spelled[str(path).removeprefix("/usr")] = path
    words, owners = list(spelled), {}
    for begin in range(0, len(words), 1000):
        for line in output("dpkg-query", "--search", *words[begin:begin + 1000], accept=(0, 1)).splitlines():
            packages, _, path = line.partition(": ")
            if path in spelled:
                owners[spelled[path]] = packages.split(",")[0].split(":")[0]
    return owners


def debian_component(package):
    copyright_file = DOCUMENTS / package / "copyright"
    if not copyright_file.exists():
        raise Missing(f"the Debian package {package} has no {copyright_file}")
    source, version = output("dpkg-query", "-W", "-f", "${source:Package}\n${Version}\n", package).split("\n")[:2]
    return Component(f"{source} {version} (Debian)", [(f"copyright of {package}", licence_text(copyright_file))])


def compiled_in(build, targets):
    """Every file outside of this repository that the objects of these targets include."""
    objects = [path for path in output("ninja", "-C", build, "-t", "inputs", *targets).splitlines() if path.endswith(".o")]
    headers = set()
    for line in output("ninja", "-C", build, "-t", "deps", *objects).splitlines():
        if line.startswith("    "):
            path = (build / line.strip()).resolve()
            if not path.is_relative_to(build.resolve()):
                headers.add(path)
    if not objects or not headers:
        raise Missing(f"{build} keeps no record of what its objects include")
    return headers


class Notices:
    """The components of one tree, each once."""

    def __init__(self, tree, build):
        self.tree, self.build, self.components, self.unknown = tree, build, {}, []
        self.sdks, self.system = Sdks(SOURCE / ".deps"), system_libraries()

    def add(self, key, make, part):
        component = self.components.get(key)
        if component is None:
            made = make()
            component = self.components.setdefault(made.name, made)
            self.components[key] = component
        if part not in component.parts:
            component.parts.append(part)

    def add_files(self):
        own = []
        for path in sorted(self.tree.rglob("*")):
            name = str(path.relative_to(self.tree))
            if not path.is_file() or path.is_symlink():
                continue
            sdk = self.sdks.root_of(path)
            if sdk:
                self.add(sdk, lambda sdk=sdk: self.sdks.component(sdk), name)
            elif is_elf(path) and (self.build / name).is_file():  # of other bytes where it is stripped
                own.append(name)
            elif any(is_copy(path, root / name) for root in (SOURCE, self.build)):
                continue
            elif path.name in self.system and digest(self.system[path.name]) == digest(path):
                package = debian_owner([self.system[path.name]]).get(self.system[path.name])
                if not package:
                    raise Missing(f"{self.system[path.name]} belongs to no Debian package")
                self.add(package, lambda package=package: debian_component(package), name)
            else:
                self.unknown.append(name)
        return own

    def add_compiled_in(self, own):
        outside = {path for path in compiled_in(self.build, own) if not path.is_relative_to(SOURCE) or ".deps" in path.parts}
        sdk_roots = {sdk.resolve(): sdk for sdk in self.sdks.roots}
        debian = set()
        for path in sorted(outside):
            sdk = next((sdk for root, sdk in sdk_roots.items() if path.is_relative_to(root)), None)
            if sdk:
                self.add(sdk, lambda sdk=sdk: self.sdks.component(sdk), "compiled in")
            elif not path.is_relative_to("/usr/lib/gcc"):
                debian.add(path)
        owners = debian_owner(debian)
        self.unknown += [str(path) for path in sorted(debian - set(owners))]
        for package in sorted(set(owners.values())):
            if not COMPILER.fullmatch(package):
                self.add(package, lambda package=package: debian_component(package), "compiled in")

    def text(self):
        components = sorted({id(each): each for each in self.components.values()}.values(), key=lambda each: each.name)
        lines = ["Oarlock itself is under the Apache License 2.0: see LICENSE. It contains or was compiled with:", ""]
        for each in components:
            lines += textwrap.wrap(f"  {each.name}: {', '.join(sorted(each.parts))}", 118, subsequent_indent="      ",
                                   break_long_words=False, break_on_hyphens=False)
        common, printed = set(), set()
        for each in components:
            lines += ["", f"== {each.name} " + "=" * max(0, 112 - len(each.name))]
            for title, text in each.texts:
                common.update(re.findall(r"/usr/share/common-licenses/([A-Za-z0-9.+-]*[A-Za-z0-9])", text))
                lines += ["", f"-- {title}", "", text if text not in printed else "(the same text as above)"]
                printed.add(text)
        for name in sorted(common):
            if (COMMON / name).is_file():
                lines += ["", f"-- /usr/share/common-licenses/{name}, which the texts above refer to", "", licence_text(COMMON / name)]
        return "\n".join(lines) + "\n"


def main(tree, build):
    notices = Notices(tree, build)
    notices.add_compiled_in(notices.add_files())
    if notices.unknown:
        raise Missing("no licence is known for " + ", ".join(notices.unknown[:20]))
    sys.stdout.write(notices.text())


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve())
    except Missing as error:
        sys.exit(f"package: {error}")

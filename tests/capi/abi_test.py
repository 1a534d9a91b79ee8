"""liboarlock.so and its headers against the ABI of the last release, api/abi: what programs were linked with is still
there, still takes what it took, and numbers still mean what they meant. New functions and values are fine, and so are
structs with a struct_size that grow at their end.

    abi_test.py check SOURCE_DIR LIBRARY
    abi_test.py renew SOURCE_DIR LIBRARY     writes the baseline anew; with a release, and never to make a check pass
"""
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree

# abidiff's answer is a sum of these.
ERROR, USAGE, CHANGED, INCOMPATIBLE = 1, 2, 4, 8


def describe(source, library):
    command = ["abidw", "--headers-dir", source / "include" / "oarlock", "--drop-private-types", "--exported-interfaces-only",
               "--no-corpus-path", "--no-comp-dir-path", "--no-elf-needed", "--no-show-locs", "--no-linux-kernel-mode", library]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # The same wherever it was built.
    return told.replace(f"path='{source}/", "path='")


def values_of(source):
    """The numbers of the headers, a line each: they are compiled into programs, and no symbol shows them."""
    values = {}
    for header in sorted((source / "include" / "oarlock").glob("*.h")):
        text = header.read_text()
        values.update(re.findall(r"^ +(OAR_\w+) = (-?\w+)", text, re.MULTILINE))
        values.update(re.findall(r"^#define (OAR_\w+) (UINT64_C\(\w+\)|\w+)$", text, re.MULTILINE))
    return values


class Description:
    """What a description says of structs, {name: (size in bits, [(member, offset in bits, type)])}, and of functions,
    {name: [type of each argument, of the result]}."""

    def __init__(self, text):
        root = xml.etree.ElementTree.fromstring(text)
        self.by_id = {element.get("id"): element for element in root.iter() if element.get("id")}
        self.structs = {}
        for element in root.iter("class-decl"):
            if element.get("is-declaration-only") or not element.get("name", "").startswith("oar_"):
                continue
            members = []
            for member in element.iter("data-member"):
                variable = member.find("var-decl")
                members.append((variable.get("name"), int(member.get("layout-offset-in-bits")),
                                self.type(variable.get("type-id"))))
            self.structs[element.get("name")] = (int(element.get("size-in-bits", 0)), members)
        self.functions = {element.get("name"): [self.type(each.get("type-id")) for each in element]
                          for element in root.iter("function-decl") if element.get("elf-symbol-id")}

    def type(self, type_id):
        element = self.by_id[type_id]
        inner = element.get("type-id")
        if element.tag == "pointer-type-def":
            return self.type(inner) + "*"
        if element.tag == "qualified-type-def":
            return "const " + self.type(inner)
        if element.tag == "array-type-def":
            return self.type(inner) + "".join(f"[{each.get('length')}]" for each in element.iter("subrange"))
        return element.get("name", element.tag)


def changed_structs(old, new):
    wrong = []
    for name, (size, members) in old.structs.items():
        if name not in new.structs:
            wrong.append(f"struct {name} is gone")
            continue
        new_size, new_members = new.structs[name]
        if new_members[:len(members)] != members:
            wrong.append(f"struct {name}: {members} became {new_members}")
        elif new_size != size and (not members or members[0][0] != "struct_size"):
            wrong.append(f"struct {name} has {new_size // 8} bytes, was {size // 8}, and no struct_size to tell them apart")
    return wrong


def changed_signatures(old, new):
    return [f"{name} takes and gives {new.functions[name]}, was {types}"
            for name, types in old.functions.items() if new.functions.get(name, types) != types]


def changed_values(old, new):
    return [f"{name} is {new.get(name, 'gone')}, was {value}" for name, value in old.items() if new.get(name) != value]


def changed_functions(source, library, baseline):
    # Structs, and which function takes which, are looked at above: abidiff can let pass what grows only together with
    # other changes of it.
    command = ["abidiff", "--exported-interfaces-only", "--no-added-syms", "--no-show-locs", "--suppressions", source / "api" / "abi" / "structs.suppr",
               baseline, library]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode & (ERROR | USAGE):
        return [f"abidiff answers {done.returncode}: {done.stderr}{done.stdout}"]
    return [done.stdout] if done.returncode & (CHANGED | INCOMPATIBLE) else []


def check(source, library, baseline):
    renew = f"    python3 {sys.argv[0]} renew {source} {library}"
    if not baseline.exists():
        return f"there is no {baseline}; it is written by\n{renew}"
    old, new = Description(baseline.read_text()), Description(describe(source, library))
    old_values = dict(line.split(" ", 1) for line in (baseline.parent / "values").read_text().splitlines())
    wrong = changed_structs(old, new) + changed_signatures(old, new) + changed_values(old_values, values_of(source))
    wrong += changed_functions(source, library, baseline)
    if not wrong:
        return None
    return "\n".join(wrong) + (f"\nPrograms that were linked with the last release would break. Keep the old one and add a "
                               f"new one; or, if this is a new major version, renew the baseline:\n{renew}")


def main():
    verb, source, library = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve()
    for tool in ["abidw", "abidiff"]:
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is missing: scripts/bootstrap installs it (abigail-tools)")
    baseline = source / "api" / "abi" / "liboarlock.abi"
    if verb == "renew":
        baseline.write_text(describe(source, library))
        (baseline.parent / "values").write_text("".join(f"{name} {value}\n" for name, value in values_of(source).items()))
        return
    wrong = check(source, library, baseline)
    if wrong:
        sys.exit(wrong)
    print(f"as in {baseline.relative_to(source)}")


if __name__ == "__main__":
    main()

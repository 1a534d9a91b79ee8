"""liboarlock.so against the ABI of the last release, api/abi/liboarlock.abi: what programs were linked with is still
there, and still takes what it took. New functions are fine, and so are structs that grow at their end.

    abi_test.py check SOURCE_DIR LIBRARY
    abi_test.py renew SOURCE_DIR LIBRARY     writes the baseline anew; with a release, and never to make a check pass
"""
import pathlib
import shutil
import subprocess
import sys

# abidiff's answer is a sum of these.
ERROR, USAGE, CHANGED, INCOMPATIBLE = 1, 2, 4, 8


def describe(source, library):
    command = ["abidw", "--headers-dir", source / "include" / "oarlock", "--drop-private-types", "--no-corpus-path",
               "--no-comp-dir-path", "--no-show-locs", "--no-linux-kernel-mode", library]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def check(source, library, baseline):
    if not baseline.exists():
        return f"there is no {baseline}; write one by: python3 {sys.argv[0]} renew {source} {library}"
    command = ["abidiff", "--no-added-syms", "--no-show-locs", "--suppressions", source / "api" / "abi" / "grown.suppr",
               "--headers-dir2", source / "include" / "oarlock", "--drop-private-types", baseline, library]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0:
        return None
    if done.returncode & (ERROR | USAGE):
        return f"abidiff answers {done.returncode}: {done.stderr}{done.stdout}"
    return (f"{done.stdout}\nPrograms that were linked with the last release would break. Keep the old function and add "
            f"a new one; or, if this is a new major version, renew the baseline:\n"
            f"    python3 {sys.argv[0]} renew {source} {library}")


def main():
    verb, source, library = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve()
    for tool in ["abidw", "abidiff"]:
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is missing: scripts/bootstrap installs it (abigail-tools)")
    baseline = source / "api" / "abi" / "liboarlock.abi"
    if verb == "renew":
        baseline.write_text(describe(source, library))
        return
    wrong = check(source, library, baseline)
    if wrong:
        sys.exit(wrong)
    print(f"as in {baseline.relative_to(source)}")


if __name__ == "__main__":
    main()

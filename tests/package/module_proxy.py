"""The Go module of the working tree as a proxy of modules serves one: a directory that GOPROXY=file://... names.

What goes into the zip, and how its files are called, is as golang.org/x/mod/zip says: MODULE@VERSION/PATH; regular files
only; nothing of folders that are modules of their own or named vendor; a licence, of the repository where the module has
none. https://go.dev/ref/mod#goproxy-protocol has the names beside it.
"""
import json
import pathlib
import subprocess
import zipfile

MODULE = "github.com/oarlock/oarlock/go"


def module_files(source):
    """(path in the module, file) of what git has or would have."""
    root = source / "go"
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "."], cwd=root, check=True,
                            capture_output=True).stdout.decode()
    paths = [pathlib.PurePosixPath(name) for name in sorted(set(listed.split("\0")) - {""})]
    others = {path.parent for path in paths if path.name == "go.mod"} - {pathlib.PurePosixPath(".")}
    for path in paths:
        file = root / path
        if others.isdisjoint(path.parents) and "vendor" not in path.parts and file.is_file() and not file.is_symlink():
            yield str(path), file


def serve(source, version, directory):
    """Lays the module out below `directory`, and returns what GOPROXY is to be."""
    folder = directory / MODULE / "@v"
    folder.mkdir(parents=True)
    files = dict(module_files(source))
    files.setdefault("LICENSE", source / "LICENSE")
    (folder / "list").write_text(f"{version}\n", encoding="utf-8")
    (folder / f"{version}.info").write_text(json.dumps({"Version": version}), encoding="utf-8")
    (folder / f"{version}.mod").write_bytes(files["go.mod"].read_bytes())
    with zipfile.ZipFile(folder / f"{version}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in sorted(files.items()):
            archive.write(file, f"{MODULE}@{version}/{name}")
    return f"file://{directory},off"

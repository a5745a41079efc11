# Sourced by the other scripts: installs the helpers that tests, the image and
# the benchmark run against. Everything is pinned, and kept where it can be
# found again; nothing here is needed to build or to run closeroll.

VERSITYGW_VERSION=v1.8.0
STATICCHECK_VERSION=v0.7.0
GOVULNCHECK_VERSION=v1.1.4

say()  { printf '%s\n' "$*"; }
step() { printf '  %-12s %s\n' "$1" "$2"; }
die()  { printf '%s: error: %s\n' "${0##*/}" "$1" >&2
         [ $# -lt 2 ] || printf '%s: hint: %s\n' "${0##*/}" "$2" >&2
         exit 1; }

# need_home gives HOME a value where a bare machine has none: the go command
# and the cache below live under it.
need_home() {
  [ -n "${HOME:-}" ] && [ -d "$HOME" ] && return
  HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
  export HOME=${HOME:-/tmp}
}

# need_go refuses a go command older than go.mod asks for.
need_go() {
  command -v go >/dev/null || export PATH="$PATH:/usr/local/go/bin"
  command -v go >/dev/null || die "there is no go command" "install Go 1.26 or later"
  go list -m >/dev/null || die "this go command cannot read go.mod" "install Go 1.26 or later"
}

# need_packages installs those of the named Debian packages that are missing.
# A server among them is not started: the tests start their own, on loopback.
need_packages() {
  local missing=() p policy=/usr/sbin/policy-rc.d
  for p in "$@"; do
    dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null | grep -qx installed || missing+=("$p")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || die "these Debian packages are missing: ${missing[*]}" "install them, or run this as root"
  step install "${missing[*]}"
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy
  else
    policy=
  fi
  local ok=0
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends "${missing[@]}"; } >/dev/null 2>&1 || ok=$?
  [ -z "$policy" ] || rm -f $policy
  [ $ok = 0 ] || die "apt-get could not install: ${missing[*]}" "run: apt-get install ${missing[*]}"
}

# cached_tool NAME MODULE-PATH VERSION builds a Go program once, keeps it in
# the user's cache, and leaves its path in $tool. It returns 1, with the first
# line of the reason in $tool_error, where it cannot be built.
cached_tool() {
  local bin="${XDG_CACHE_HOME:-$HOME/.cache}/closeroll/bin" new
  tool="$bin/$1-$3"
  [ -x "$tool" ] && return 0
  step build "$1 $3 (kept in $bin)"
  mkdir -p "$bin"
  new=$(mktemp -d "$bin/new.XXXXXX")
  # The caller's GOFLAGS are for this module, not for a tool's.
  if ! (cd "$new" && GOFLAGS='' GOBIN="$new" CGO_ENABLED=0 go install "$2@$3") 2>"$new/log"; then
    tool_error=$(grep -v downloading "$new/log" | head -n 1)
    rm -rf "$new"
    return 1
  fi
  mv "$new/${2##*/}" "$tool"
  rm -rf "$new"
}

# need_versitygw builds the S3 server of the store tests and names it to them.
need_versitygw() {
  [ -z "${CLOSEROLL_VERSITYGW:-}" ] || return 0
  cached_tool versitygw github.com/versity/versitygw/cmd/versitygw $VERSITYGW_VERSION ||
    die "versitygw could not be built: $tool_error"
  export CLOSEROLL_VERSITYGW=$tool
}

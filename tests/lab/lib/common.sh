# shellcheck shell=bash
# What every script of the laboratory uses: where things are, messages, time.
# Sourced; the caller has set -euo pipefail.

LAB_LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_DIR=$(dirname "$LAB_LIB")
TOP=$(cd "$LAB_DIR/../.." && pwd)
LAB_CACHE=${VMRECON_CACHE:-$TOP/.lab}
export LAB_DIR TOP LAB_CACHE

# Tools of the administrator live in sbin, which not every caller has in PATH.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() { printf '%s\n' "$*" >&2; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Seconds since the epoch, without starting a process.
now() { printf '%(%s)T' -1; }

# minutes_seconds SECONDS -> "4:05"
minutes_seconds() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# need_root: the laboratory makes namespaces and taps.
need_root() {
  [[ $EUID -eq 0 ]] || die "this needs root: it makes a network namespace and taps"
}

# wait_for SECONDS COMMAND…: polls until the command succeeds; 1 on timeout. What
# counts is how often it has asked, five times for each second: on a machine that is
# busy asking takes longer, as does what is waited for.
wait_for() {
  local left=$(($1 * 5))
  shift
  until "$@"; do
    ((left-- > 0)) || return 1
    sleep 0.2
  done
}

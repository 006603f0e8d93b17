# shellcheck shell=bash
# Tests written in shell speak TAP: one line a case, the plan at the end.

TAP_COUNT=0
TAP_FAILED=0

# ok_if DESCRIPTION COMMAND…: the case passes if the command does; what the
# command prints is shown when it does not
ok_if() {
  local what=$1 output
  shift
  TAP_COUNT=$((TAP_COUNT + 1))
  if output=$("$@" 2>&1); then
    echo "ok $TAP_COUNT - $what"
  else
    TAP_FAILED=$((TAP_FAILED + 1))
    echo "not ok $TAP_COUNT - $what"
    diag "$*" "$output"
  fi
}

# not_if DESCRIPTION COMMAND…: the case passes if the command fails
not_if() {
  local what=$1
  shift
  ok_if "$what" fails "$@"
}

fails() { ! "$@"; }

# finds GREP-ARGUMENT…: at the end of a pipe, where grep -q would leave at the
# first match and its writer, cut off, would be a failure (pipefail)
finds() { [[ -n $(grep "$@") ]]; }

# diag TEXT…: lines that explain
diag() { printf '%s\n' "$@" | sed 's/^/# /'; }

# skip_case DESCRIPTION REASON
skip_case() {
  TAP_COUNT=$((TAP_COUNT + 1))
  echo "ok $TAP_COUNT - $1 # SKIP $2"
}

# measured_if DESCRIPTION CLOSE FAR COMMAND…: what a real guest says of itself beside what
# is told of it. The command gets a distance as its last argument, prints both values, and
# succeeds if they are no farther apart. A machine that is shared, or an emulator that is
# slow, moves both by some points, which no definition is to blame for; a wrong one is
# wrong by more than FAR. In between the case is skipped, with its figures, unless
# VMRECON_EXACT is 1: for a quiet machine.
measured_if() {
  local what=$1 close=$2 far=$3 said
  shift 3
  if [[ ${VMRECON_EXACT:-0} == 1 ]] || "$@" "$close" >/dev/null || ! said=$("$@" "$far"); then
    ok_if "$what" "$@" "$close"
  else
    skip_case "$what" "measured, and not so close: $(paste -sd ' ' <<<"$said")"
  fi
}

# skip_all REASON: the whole test does not apply here
skip_all() {
  echo "1..0 # SKIP $1"
  exit 0
}

# done_testing: the plan, and the exit code
done_testing() {
  echo "1..$TAP_COUNT"
  ((TAP_FAILED == 0))
}

# within A B PERCENT: A differs from B by at most PERCENT of B; both positive
within() {
  awk -v a="$1" -v b="$2" -v p="$3" 'BEGIN {
    d = a > b ? a - b : b - a
    percent = 100
    if (b > 0)
      percent = 100 * d / b
    printf "%s against %s: %.2f %% apart\n", a, b, percent
    exit !(a > 0 && b > 0 && d <= p * b / 100)
  }'
}

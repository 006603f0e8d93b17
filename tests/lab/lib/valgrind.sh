# shellcheck shell=bash
# The daemon under valgrind, and what of its findings is ours: collectd, librrd
# and others lose a little at exit, and that is not ours to mend.

# valgrind_command LOG: what the daemon is started through, in VALGRIND
valgrind_command() {
  VALGRIND=(valgrind --leak-check=full --show-leak-kinds=definite --num-callers=30 --log-file="$1")
}

# valgrind_ours WHAT LOG…: the records (blocks of lines) that match WHAT and name
# a function or a module of ours. The directory of a module names nobody: a
# test's own is called after the project.
valgrind_ours() {
  awk -v what="$1" '
    function flush() { if (record ~ what && record ~ /vmrecon|vr_/) print record; record = "" }
    /^==[0-9]+== *$/ { flush(); next }
    { gsub(/\/[^ )]*\//, ""); record = record $0 "\n" }
    END { flush() }' "${@:2}"
}

valgrind_none() {
  local found
  found=$(valgrind_ours "$@")
  [[ -z $found ]] || { echo "$found"; return 1; }
}

# valgrind_verdict LOG…: two cases
valgrind_verdict() {
  ok_if "no memory error of ours" valgrind_none 'Invalid|uninitialised|Mismatched|overlap|Syscall param' "$@"
  ok_if "nothing of ours definitely lost" valgrind_none 'definitely lost' "$@"
}

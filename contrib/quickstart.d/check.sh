# shellcheck shell=bash
# Every test there is. Results are test cases, counted from TAP, not programs.

check_arguments() {
  full=no
  while (($# > 0)); do
    case $1 in
      --full) full=yes; shift ;;
      -h | --help) usage; exit 0 ;;
      *) say "quickstart check: unknown argument '$1'"; usage >&2; exit 2 ;;
    esac
  done
}

CHECK_PASSED=0
CHECK_FAILED=0
CHECK_SKIPPED=0
CHECK_FAILURES=()

# count NAME PASSED FAILED SKIPPED LOG: what came of the part that ends here
count() {
  CHECK_PASSED=$((CHECK_PASSED + $2))
  CHECK_FAILED=$((CHECK_FAILED + $3))
  CHECK_SKIPPED=$((CHECK_SKIPPED + $4))
  say "      $1: $2 passed, $3 failed$( (($4 == 0)) || echo ", $4 skipped"), $(minutes_seconds $(($(now) - CHECK_BEGAN)))"
  CHECK_BEGAN=$(now)
  (($3 == 0)) || CHECK_FAILURES+=("$1: $5")
}

# tap_result STATUS <LOG: prints "passed failed skipped". A plan that was not
# kept, none at all, or an exit status without a failed case is a failure too.
tap_result() {
  awk -v status="$1" '
    /^not ok/ { if ($0 ~ /# *TODO/) skipped++; else failed++; seen++; next }
    /^ok/ { if (toupper($0) ~ /# *SKIP/) skipped++; else passed++; seen++; next }
    /^1\.\.[0-9]+/ { planned = substr($1, 4) + 0; plan = 1 }
    /^Bail out!/ { bailed = 1 }
    END {
      if (!plan || planned != seen || bailed || (status != 0 && failed == 0)) failed++
      if (plan && planned == 0 && seen == 0 && status == 0) { failed = 0; skipped = 1 }
      print passed + 0, failed + 0, skipped + 0
    }'
}

# run_part LOG COMMAND…: in the background, so that a signal to this script
# reaches its trap at once, and the command by that
run_part() {
  local log=$1 status=0
  shift
  setpriv --pdeathsig TERM "$@" </dev/null >>"$log" 2>&1 &
  LAB_PIDS=("$!")
  wait "$!" || status=$?
  LAB_PIDS=()
  return "$status"
}

# run_tap TEST LOG: one executable that speaks TAP, at most 10 minutes
run_tap() {
  local status=0 result
  run_part "$2" timeout -k 15 600 "$1" || status=$?
  read -r -a result < <(tap_result "$status" <"$2")
  count "$(basename "$1")" "${result[@]}" "$2"
}

# How many damaged files of each kind the fuzzer feeds to the sanitizer build:
# about a minute's, or half an hour's.
fuzz_rounds() { if [[ $full == yes ]]; then echo 2000000; else echo 60000; fi; }

# make_check DIR NAME [VARIABLE=VALUE…]: automake has counted the cases of the units
make_check() {
  local log=$CHECK_LOGS/$2.log passed failed skipped
  run_part "$log" env "${@:3}" make -C "$1" -k check || true
  summed() { sed 's/\x1b\[[0-9;]*m//g' "$log" | awk -v key="$1" '$1 == "#" && $2 == key ":" {n += $3} END {print n + 0}'; }
  passed=$(summed PASS)
  skipped=$(summed SKIP)
  failed=$(($(summed FAIL) + $(summed ERROR) + $(summed XPASS)))
  # No summary: it did not build.
  (($(summed TOTAL) > 0)) || failed=1
  count "$2" "$passed" "$failed" "$skipped" "$log"
}

# check_build NAME DIR CONFIGURE-ARGUMENT…: building without warnings is a case
check_build() {
  local name=$1 dir=$2
  shift 2
  if build_in "$dir" "$CHECK_LOGS/$name.log" "$@"; then
    count "$name" 1 0 0 "$CHECK_LOGS/$name.log"
  else
    count "$name" 0 1 0 "$CHECK_LOGS/$name.log"
    return 1
  fi
}

# The one unit test that is about many threads, where there is no time for all.
check_threads() {
  local test=tests/unit/live/test_stream_faults log=$CHECK_LOGS/build-threads.log
  if configure_in "$TOP/build-tsan" "$log" --enable-werror --enable-sanitizers=thread &&
    make -C "$TOP/build-tsan" -j"$(nproc)" "$test" >>"$log" 2>&1; then
    CMOCKA_MESSAGE_OUTPUT=TAP run_tap "$TOP/build-tsan/$test" "$CHECK_LOGS/threads.log"
  else
    count build-threads 0 1 0 "$log"
  fi
}

check_integration() {
  local test
  export VMRECON_BUILD=$TOP/build-check
  export VMRECON_TRAIN=$VMRECON_BUILD/root/bin/vmrecon-train
  for test in "$TOP"/tests/integration/test-*; do
    [[ -x $test && ! -d $test ]] || continue
    run_tap "$test" "$CHECK_LOGS/$(basename "$test").log"
  done
}

# Introspection on the kernels of other Debian suites: from one vCPU to four, and
# with RAM that the hole below 4 GiB splits.
check_kernels() {
  local suite guest
  for suite in bullseye bookworm trixie; do
    for guest in 1x256 2x256 4x5120; do
      KERNEL_SUITE=$suite KERNEL_VCPUS=${guest%x*} KERNEL_MEMORY=${guest#*x} \
        run_tap "$TOP/tests/lab/introspect/kernel" "$CHECK_LOGS/kernel-$suite-$guest.log"
    done
  done
}

check_summary() {
  local failure
  for failure in "${CHECK_FAILURES[@]+"${CHECK_FAILURES[@]}"}"; do
    echo "failed: $failure"
    grep -aE '^not ok|error:|: FAIL|^FAIL|^ERROR' "${failure##*: }" | head -n 10 | sed 's/^/    /' || true
  done
  ((CHECK_SKIPPED == 0)) || echo "$CHECK_SKIPPED skipped"
  echo "$CHECK_PASSED passed, $CHECK_FAILED failed"
  ((CHECK_FAILED == 0 && CHECK_PASSED > 0))
}

# Tests make mount namespaces, which a plain chroot cannot have.
check_has_root() {
  unshare --mount true 2>/dev/null || [[ -n ${VMRECON_OWN_ROOT:-} ]] ||
    exec "$LAB_DIR/own-root" "$TOP/contrib/quickstart" check "$@"
}

check() {
  local full
  check_arguments "$@"
  need_root
  check_has_root "$@"
  want_packages "${PACKAGES_BUILD[@]}" "${PACKAGES_LAB[@]}" "${PACKAGES_DEMO[@]}" "${PACKAGES_CHECK[@]}"
  lab_trap
  # A test that is told to end takes its guests down first.
  LAB_STOP_SECONDS=20
  CHECK_BEGAN=$(now)
  CHECK_LOGS=$TOP/build-check/logs
  mkdir -p "$CHECK_LOGS"
  if [[ $full == yes ]]; then phases 90 20 2400 180 15 900 2700; else phases 90 20 180 30 15 900; fi

  phase "building with warnings as errors"
  rm -f "$CHECK_LOGS"/*.log
  check_build build-werror "$TOP/build-check" --enable-werror || { check_summary; return 1; }
  phase "unit tests"
  make_check "$TOP/build-check" units
  phase "unit tests with AddressSanitizer and UndefinedBehaviorSanitizer"
  if check_build build-sanitizers "$TOP/build-asan" --enable-werror --enable-sanitizers; then
    make_check "$TOP/build-asan" units-sanitizers FUZZ_ROUNDS="$(fuzz_rounds)"
  fi
  if [[ $full == yes ]]; then
    phase "unit tests with ThreadSanitizer"
    check_build build-tsan "$TOP/build-tsan" --enable-werror --enable-sanitizers=thread &&
      make_check "$TOP/build-tsan" units-tsan
  else
    phase "many threads, with ThreadSanitizer"
    check_threads
  fi
  phase "the guest image"
  "$LAB_DIR/image" >"$CHECK_LOGS/image.log" 2>&1 || count image 0 1 0 "$CHECK_LOGS/image.log"
  phase "integration tests, with valgrind and with real guests"
  check_integration
  if [[ $full == yes ]]; then
    phase "introspection on other kernels"
    check_kernels
  fi
  check_summary
}

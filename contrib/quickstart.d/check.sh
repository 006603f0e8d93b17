# shellcheck shell=bash
# Every test there is, side by side as far as processors go (jobs.sh). Results are
# test cases, counted from TAP, not programs.

check_arguments() {
  tier=whole
  while (($# > 0)); do
    case $1 in
      --full) tier=full; shift ;;
      --quick) tier=quick; shift ;;
      -h | --help) usage; exit 0 ;;
      *) say "quickstart check: unknown argument '$1'"; usage >&2; exit 2 ;;
    esac
  done
}

CHECK_PASSED=0
CHECK_FAILED=0
CHECK_SKIPPED=0
CHECK_FAILURES=()
CHECK_UNSTEADY=()
declare -A CHECK_FIRST_LOG=()

# count NAME SECONDS LOG PASSED FAILED SKIPPED: what came of a part that has ended;
# fails if a case has
count() {
  CHECK_PASSED=$((CHECK_PASSED + $4))
  CHECK_FAILED=$((CHECK_FAILED + $5))
  CHECK_SKIPPED=$((CHECK_SKIPPED + $6))
  say "      $1: $4 passed, $5 failed$( (($6 == 0)) || echo ", $6 skipped"), $(minutes_seconds "$2")"
  (($5 == 0)) || CHECK_FAILURES+=("$1: $3")
  (($5 == 0))
}

# tap_result STATUS <LOG: prints "passed failed skipped". A plan that was not
# kept, none at all, or an exit status without a failed case is a failure too.
tap_result() {
  awk -v status="$1" '
    /^not ok/ { if ($0 ~ /# *(TODO|SKIP)/) skipped++; else failed++; seen++; next }
    /^ok/ { if (toupper($0) ~ /# *SKIP/) skipped++; else passed++; seen++; next }
    /^1\.\.[0-9]+/ { planned = substr($1, 4) + 0; plan = 1 }
    /^Bail out!/ { bailed = 1 }
    END {
      if (!plan || planned != seen || bailed || (status != 0 && failed == 0)) failed++
      if (plan && planned == 0 && seen == 0 && status == 0) { failed = 0; skipped = 1 }
      print passed + 0, failed + 0, skipped + 0
    }'
}

# What a job comes to: NAME STATUS SECONDS LOG. Of the three kinds of jobs, the first
# speaks TAP, the second is automake's, which has counted the cases of the units, and
# the third is one case.
report_tap() {
  local result
  read -r -a result < <(tap_result "$2" <"$4")
  count "$1" "$3" "$4" "${result[@]}"
}

# A test with daemons or guests shares the machine with the others, and an emulated
# guest that gets no processor for a while tells so. One that fails runs once more,
# alone; if it passes then, the summary names it as unsteady: a defect, but not of what
# is tested.
report_test() {
  local result
  read -r -a result < <(tap_result "$2" <"$4")
  if ((result[1] > 0)) && [[ -z ${CHECK_FIRST_LOG[$1]:-} ]]; then
    CHECK_FIRST_LOG[$1]=${4%.log}.first.log
    mv "$4" "${CHECK_FIRST_LOG[$1]}"
    say "      $1: ${result[1]} failed, $(minutes_seconds "$3"); once more, alone"
    return "$JOB_AGAIN"
  fi
  ((result[1] > 0)) || [[ -z ${CHECK_FIRST_LOG[$1]:-} ]] || CHECK_UNSTEADY+=("$1: ${CHECK_FIRST_LOG[$1]}")
  count "$1" "$3" "$4" "${result[@]}"
}

report_make() {
  local passed failed skipped log=$4
  summed() { sed 's/\x1b\[[0-9;]*m//g' "$log" | awk -v key="$1" '$1 == "#" && $2 == key ":" {n += $3} END {print n + 0}'; }
  passed=$(summed PASS)
  skipped=$(summed SKIP)
  failed=$(($(summed FAIL) + $(summed ERROR) + $(summed XPASS)))
  # No summary: it did not build.
  (($(summed TOTAL) > 0)) || failed=1
  count "$1" "$3" "$log" "$passed" "$failed" "$skipped"
}

report_case() {
  if (($2 == 0)); then count "$1" "$3" "$4" 1 0 0; else count "$1" "$3" "$4" 0 1 0; fi
}

# How many damaged files of each kind the fuzzer feeds to the sanitizer build:
# about a minute's, or half an hour's.
fuzz_rounds() { if [[ $tier == full ]]; then echo 2000000; else echo 60000; fi; }

# building FUNCTION ARGUMENT…: the command of a job that calls a function of build.sh
building() {
  # shellcheck disable=SC2016
  BUILDING=(bash -c '. "$0/tests/lab/lib/common.sh" && . "$0/contrib/quickstart.d/build.sh" && "$@"' "$TOP" "$@")
}

# Building without warnings is a case.
job_build() { # NAME SECONDS AFTER DIR CONFIGURE-ARGUMENT…
  local log=$CHECK_LOGS/$1.log
  building build_in "$4" "$log" "${@:5}"
  job "$1" cpu "$2" "" "$3" report_case "$log" "${BUILDING[@]}"
}

# Unit tests of several builds have names of files in common, so no two at once.
job_units() { # NAME SECONDS AFTER DIR [VARIABLE=VALUE…]
  job "$1" cpu "$2" units "$3" report_make "$CHECK_LOGS/$1.log" env "${@:5}" make -C "$4" -k -j"$(nproc)" check
}

# One executable that speaks TAP. The limit is for one that hangs, on a busy machine:
# half an hour more than is meant to pass.
job_tap() { job_of report_tap "$@"; } # NAME CLASS SECONDS LOCK AFTER COMMAND…

job_of() { # REPORT NAME CLASS SECONDS LOCK AFTER COMMAND…
  job "$2" "$3" "$4" "$5" "$6" "$1" "$CHECK_LOGS/$2.log" timeout -k 15 $((1800 + $4)) "${@:7}"
}

# Coverage-guided fuzzing, some seconds of each harness; an hour of all of them under
# --full. One job for each, so that others get their turn between; the first builds.
jobs_of_fuzzing() {
  local harness seconds=3 harnesses
  read -r -a harnesses < <("$TOP/tests/fuzz/run" --list)
  [[ $tier != full ]] || seconds=$((3600 / ${#harnesses[@]}))
  job_tap build-fuzz cpu 90 "" build-werror "$TOP/tests/fuzz/run" --seconds 1 --build "$TOP/build-fuzz" "${harnesses[0]}"
  for harness in "${harnesses[@]}"; do
    job_tap "fuzz-$harness" cpu $((seconds + 10)) "" build-fuzz \
      "$TOP/tests/fuzz/run" --jobs 1 --seconds "$seconds" --build "$TOP/build-fuzz" "$harness"
  done
}

# The one unit test that is about many threads, where there is no time for all.
jobs_of_threads() {
  local test=tests/unit/live/test_stream_faults dir=$TOP/build-tsan log=$CHECK_LOGS/build-threads.log
  thread_test() { configure_in "$1" "$2" --enable-werror --enable-sanitizers=thread && make_in "$1" "$2" "$3"; }
  building eval "$(declare -f thread_test); thread_test $(printf '%q ' "$dir" "$log" "$test")"
  job build-threads cpu 40 "" build-werror report_case "$log" "${BUILDING[@]}"
  job_tap threads cpu 20 units build-threads env CMOCKA_MESSAGE_OUTPUT=TAP "$dir/$test"
}

jobs_of_lint() {
  local lint=$TOP/tests/lint
  job_tap lint-format quick 4 "" "" "$lint/format"
  job_tap lint-pages quick 2 "" "" "$lint/pages"
  job_tap lint-pages-self-test quick 1 "" "" "$lint/pages" --self-test
  job_tap lint-house quick 2 "" build-werror "$lint/house" --build "$TOP/build-check"
  job_tap lint-house-self-test quick 6 "" "" "$lint/house" --self-test
}

# job_test NAME: one of tests/integration, as the comment in it says; with the guest
# image, if it boots that, and with a host that has KVM, if it asks for one
job_test() {
  local test=$TOP/tests/integration/$1 class seconds lock after=build-werror
  read -r class seconds lock < <(job_line "$test")
  ! grep -qE '^(scenario|introspect)_begin' "$test" || after=image
  ! grep -q '^on_kvm_host' "$test" || after=kvm-image
  job_of report_test "$1" "$class" "$seconds" "$lock" "$after" "$test"
}

# Guests, taps and QMP sockets that come and go, beside users who are not trusted.
job_soak() {
  local minutes=2
  [[ $tier != full ]] || minutes=60
  job_of report_test soak quick $((minutes * 60 + 60)) "" build-werror env SOAK_MINUTES="$minutes" "$TOP/tests/lab/soak"
}

jobs_of_integration() {
  local test
  for test in "$TOP"/tests/integration/test-*; do
    [[ ! -x $test || -d $test ]] || job_test "$(basename "$test")"
  done
}

# What needs minutes where collectd runs once in a minute.
job_every_minute() {
  job_tap every-minute guests 520 "" image env VMRECON_FULL=1 "$TOP/tests/integration/test-any-interval"
}

# Introspection on the kernels of other Debian suites: from one vCPU to four, and
# with RAM that the hole below 4 GiB splits.
jobs_of_kernels() {
  local suite guest
  for suite in bullseye bookworm trixie; do
    for guest in 1x256 2x256 4x5120; do
      job_tap "kernel-$suite-$guest" cpu 100 kernels image env KERNEL_SUITE="$suite" KERNEL_VCPUS="${guest%x*}" \
        KERNEL_MEMORY="${guest#*x}" "$TOP/tests/lab/introspect/kernel"
    done
  done
}

# The drop-ins for systemd, in a guest that it has started.
job_drop_ins() { job_tap drop-ins guests 900 "" test-package "$TOP/tests/lab/systemd/drop-ins"; }

# An hour of a central's life: what 2 400 guests send, with pairs. Memory stays.
job_central() {
  job_tap central-hour quick 3700 "" build-werror env VMRECON_BUILD="$TOP/build-check" "$TOP/tests/bench/central/run" --full
}

# The jobs of each tier. That of every day has a test of the reader and one that
# trains, and replays in the target what it has trained.
check_jobs() {
  job_units units 60 build-werror "$TOP/build-check"
  jobs_of_lint
  if [[ $tier == quick ]]; then
    job_test test-read-rights
    job_test test-target-replay
    return
  fi
  local seconds=180
  [[ $tier != full ]] || seconds=2400
  job_build build-sanitizers 70 build-werror "$TOP/build-asan" --enable-werror --enable-sanitizers
  job_units units-sanitizers "$seconds" build-sanitizers "$TOP/build-asan" \
    FUZZ_ROUNDS="$(fuzz_rounds)"
  if [[ $tier == full ]]; then
    job_build build-tsan 90 build-werror "$TOP/build-tsan" --enable-werror --enable-sanitizers=thread
    job_units units-tsan 300 build-tsan "$TOP/build-tsan"
  else
    jobs_of_threads
  fi
  jobs_of_fuzzing
  job_soak
  job image quick 10 "" "" report_image "$CHECK_LOGS/image.log" "$LAB_DIR/image"
  # Where KVM works here, it is not used, and quickly made.
  job kvm-image quick 60 "" image report_image "$CHECK_LOGS/kvm-image.log" "$LAB_DIR/kvm/image"
  jobs_of_integration
  [[ $tier != full ]] || job_every_minute
  [[ $tier != full ]] || jobs_of_kernels
  [[ $tier != full ]] || job_drop_ins
  [[ $tier != full ]] || job_central
}

# An image that is there is no case; one that cannot be made is a failed one.
report_image() { (($2 == 0)) || report_case "$@"; }

# told WORD 'NAME: LOG'…: a heading for each, and the lines of its log that say why: of a
# case of TAP with what explains it
told() {
  local word=$1 each
  shift
  for each in "$@"; do
    echo "$word: $each"
    awk '/^not ok|error:|: FAIL|^FAIL|^ERROR/ {print; why = 6; next} /^# / && why-- > 0 {print; next} {why = 0}' \
      "${each##*: }" | head -n 30 | cut -c 1-200 | sed 's/^/    /' || true
  done
}

check_summary() {
  told 'unsteady (failed, then passed alone)' "${CHECK_UNSTEADY[@]+"${CHECK_UNSTEADY[@]}"}"
  told failed "${CHECK_FAILURES[@]+"${CHECK_FAILURES[@]}"}"
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
  local tier
  check_arguments "$@"
  need_root
  check_has_root "$@"
  want_packages "${PACKAGES_BUILD[@]}" "${PACKAGES_LAB[@]}" "${PACKAGES_DEMO[@]}" "${PACKAGES_CHECK[@]}"
  lab_trap
  # A test that is told to end takes its guests down first.
  LAB_STOP_SECONDS=20
  CHECK_LOGS=$TOP/build-check/logs
  mkdir -p "$CHECK_LOGS"
  rm -f "$CHECK_LOGS"/*.log
  export VMRECON_BUILD=$TOP/build-check
  export VMRECON_TRAIN=$VMRECON_BUILD/root/bin/vmrecon-train

  job_build build-werror 30 "" "$TOP/build-check" --enable-werror --with-mpi
  phases 30 0
  phase "building with warnings as errors"
  run_jobs
  [[ ${JOB_STATE[build-werror]} == succeeded ]] || { check_summary; return 1; }
  check_jobs
  PHASE_SECONDS[1]=$(job_estimate)
  phase "tests, side by side"
  run_jobs
  check_summary
}

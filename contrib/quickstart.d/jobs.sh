# shellcheck shell=bash
# Jobs side by side, as far as the machine's processors go. What a job needs of
# them is its class; a test names its own in a comment near its top:
#
#   # check: CLASS SECONDS [LOCK]
#
# quick   waits nearly all of its time: for intervals, for timeouts
# guests  boots guests under emulation, which need half a processor or less
# cpu     keeps a processor busy
# alone   measures what others would disturb: nothing runs beside it
#
# SECONDS is what it usually takes: long ones begin first. Of two jobs that name
# one LOCK only one runs. Tests without the comment count as guests, 60.

JOB_AGAIN=75 # what a REPORT returns for a job that is to run once more, with nothing beside it

JOB_NAMES=()
declare -A JOB_CLASS=() JOB_SECONDS=() JOB_LOCK=() JOB_AFTER=() JOB_LOG=() JOB_COMMAND=() JOB_REPORT=() JOB_STATE=()
declare -A JOB_NAME_OF_PID=() JOB_BEGAN=()

# job NAME CLASS SECONDS LOCK AFTER REPORT LOG COMMAND…: to be run once the job
# AFTER has succeeded ("" for at once). What it prints goes to LOG; at its end
# REPORT NAME STATUS SECONDS LOG is called, whose failure fails those after it, unless
# it asks for another run.
job() {
  local name=$1
  JOB_NAMES+=("$name")
  JOB_CLASS[$name]=$2 JOB_SECONDS[$name]=$3 JOB_LOCK[$name]=$4 JOB_AFTER[$name]=$5
  JOB_REPORT[$name]=$6 JOB_LOG[$name]=$7
  shift 7
  JOB_COMMAND[$name]=$(printf '%q ' "$@")
  JOB_STATE[$name]=waits
}

# job_line FILE: "CLASS SECONDS LOCK" of a test
job_line() {
  local class=guests seconds=60 lock=
  read -r class seconds lock < <(sed -n '1,20s/^# check: *//p' "$1" | head -n 1) || class=guests seconds=60
  echo "$class $seconds $lock"
}

# What a class takes of the processors, in percent of one.
job_weight() {
  case ${JOB_CLASS[$1]} in
    quick) echo 15 ;;
    guests) echo 50 ;;
    cpu) echo 100 ;;
    alone) echo $((JOB_PROCESSORS * 100)) ;;
    *) die "$1: no such class of jobs: ${JOB_CLASS[$1]}" ;;
  esac
}

# job_fits NAME: may it begin now?
job_fits() {
  local name=$1 other busy=0 lock=${JOB_LOCK[$1]} after=${JOB_AFTER[$1]}
  [[ -z $after || ${JOB_STATE[$after]} == succeeded ]] || return 1
  for other in "${JOB_NAME_OF_PID[@]}"; do
    [[ -z $lock || ${JOB_LOCK[$other]} != "$lock" ]] || return 1
    busy=$((busy + $(job_weight "$other")))
  done
  ((busy + $(job_weight "$name") <= JOB_PROCESSORS * 100))
}

# In the background, so that a signal to this script reaches its trap at once,
# and the job by that.
job_begin() {
  local name=$1 command
  eval "command=(${JOB_COMMAND[$name]})"
  setpriv --pdeathsig TERM "${command[@]}" </dev/null >>"${JOB_LOG[$name]}" 2>&1 &
  LAB_PIDS+=("$!")
  JOB_NAME_OF_PID[$!]=$name
  JOB_STATE[$name]=runs
  JOB_BEGAN[$name]=$(now)
}

# job_end PID STATUS
job_end() {
  local name=${JOB_NAME_OF_PID[$1]} pid keep=() verdict=0
  unset "JOB_NAME_OF_PID[$1]"
  for pid in "${LAB_PIDS[@]}"; do
    [[ $pid == "$1" ]] || keep+=("$pid")
  done
  LAB_PIDS=("${keep[@]+"${keep[@]}"}")
  "${JOB_REPORT[$name]}" "$name" "$2" $(($(now) - JOB_BEGAN[$name])) "${JOB_LOG[$name]}" || verdict=$?
  case $verdict in
    0) JOB_STATE[$name]=succeeded ;;
    "$JOB_AGAIN") JOB_STATE[$name]=waits JOB_CLASS[$name]=alone ;;
    *) JOB_STATE[$name]=failed ;;
  esac
}

# jobs_by_length: names of those that wait, the longest first
jobs_by_length() {
  local name
  for name in "${JOB_NAMES[@]}"; do
    [[ ${JOB_STATE[$name]} != waits ]] || echo "$(job_length "$name") $name"
  done | sort -srn -k1,1 | cut -d' ' -f2
}

# job_length NAME: its seconds, with those of the jobs that wait for it
job_length() {
  local name longest=0 length
  for name in "${JOB_NAMES[@]}"; do
    [[ ${JOB_AFTER[$name]} == "$1" ]] || continue
    length=$(job_length "$name")
    ((length <= longest)) || longest=$length
  done
  echo $((JOB_SECONDS[$1] + longest))
}

# job_estimate: seconds that those that wait will take together, about
job_estimate() {
  local name work=0 longest=0 length
  JOB_PROCESSORS=$(nproc)
  for name in "${JOB_NAMES[@]}"; do
    [[ ${JOB_STATE[$name]} == waits ]] || continue
    work=$((work + $(job_weight "$name") * JOB_SECONDS[$name]))
    length=$(job_length "$name")
    ((length <= longest)) || longest=$length
  done
  work=$((work / JOB_PROCESSORS / 100))
  echo $((work > longest ? work : longest))
}

# job_await: waits until a job has ended, JOB_PID. The shell may have noticed and
# forgotten one that was quick, of which "wait -n" knows nothing any more, "wait" does.
job_await() {
  while :; do
    for JOB_PID in "${!JOB_NAME_OF_PID[@]}"; do
      kill -0 "$JOB_PID" 2>/dev/null || return 0
    done
    wait -n "${!JOB_NAME_OF_PID[@]}" 2>/dev/null || true
  done
}

# run_jobs: all of them; those that wait for one that failed are left out, since
# that has been reported
run_jobs() {
  local name waiting status
  JOB_PROCESSORS=$(nproc)
  while :; do
    mapfile -t waiting < <(jobs_by_length)
    for name in "${waiting[@]}"; do
      ! job_fits "$name" || job_begin "$name"
    done
    ((${#JOB_NAME_OF_PID[@]} > 0)) || return 0
    job_await
    status=0
    wait "$JOB_PID" || status=$?
    job_end "$JOB_PID" "$status"
  done
}

# shellcheck shell=bash
# Processes that belong to the laboratory: each is recorded by its id when it
# starts and stopped by that id when the script ends, however it ends. Should
# the script itself be killed outright, the kernel ends them (parent death
# signal), and with the last of them goes the network namespace and its taps.

LAB_PIDS=()
LAB_AT_EXIT=()
# How long a process may take to end before it is killed.
LAB_STOP_SECONDS=5
# By process id, where it is not TERM.
declare -A LAB_STOP_SIGNAL=()

# What serves the guests starts a child for each connection, and a guest that is
# gone never closes one: a process namespace ends the children too.
LAB_CONTAINED=(unshare --pid --fork --kill-child=KILL)

# What the script was called with that sources this.
LAB_ARGUMENTS=("$@")

# own_processes: starts the script again in a process namespace of its own. Its
# readers see no guest of others, nobody else's reader takes its guests' QMP
# sockets, /proc hides no process from any user, and when the script ends the
# kernel ends all that it started.
own_processes() {
  [[ -n ${VMRECON_OWN_PROCESSES:-} ]] ||
    VMRECON_OWN_PROCESSES=yes exec unshare --pid --fork --kill-child=KILL --mount-proc "$0" "${LAB_ARGUMENTS[@]}"
}

# shown_to_nobody: does /proc show processes of others to a user without rights?
shown_to_nobody() {
  setpriv --reuid 65534 --regid 65534 --clear-groups cat /proc/1/stat >/dev/null 2>&1
}

# open_proc: where /proc hides them (hidepid), starts the script again with a /proc
# that does not. In the machine's own process namespace, since the kernel reports
# programs that begin to nobody outside of it.
open_proc() {
  shown_to_nobody && return
  [[ -z ${VMRECON_OPEN_PROC:-} ]] || skip_all "/proc hides processes of others, whatever is mounted there"
  # shellcheck disable=SC2016
  VMRECON_OPEN_PROC=yes exec unshare --mount --propagation private \
    bash -c 'mount -t proc -o hidepid=0 proc /proc && exec "$0" "$@"' "$0" "${LAB_ARGUMENTS[@]}"
}

# lab_spawn LOGFILE COMMAND…: starts it in the background; id in LAB_PID
lab_spawn() {
  local log=$1
  shift
  setpriv --pdeathsig KILL "$@" </dev/null >>"$log" 2>&1 &
  LAB_PID=$!
  LAB_PIDS+=("$LAB_PID")
}

# lab_spawn_contained LOGFILE COMMAND…: the same for one that leaves children
lab_spawn_contained() {
  local log=$1
  shift
  lab_spawn "$log" "${LAB_CONTAINED[@]}" "$@"
  # unshare ignores TERM.
  LAB_STOP_SIGNAL["$LAB_PID"]=KILL
}

lab_alive() { kill -0 "$1" 2>/dev/null; }

lab_gone() { ! lab_alive "$1"; }

# lab_stop PID [SECONDS]: TERM, and KILL after a while (default 10 s)
lab_stop() {
  local pid=$1 keep=() other
  for other in "${LAB_PIDS[@]}"; do
    [[ $other == "$pid" ]] || keep+=("$other")
  done
  LAB_PIDS=("${keep[@]+"${keep[@]}"}")
  kill -"${LAB_STOP_SIGNAL[$pid]:-TERM}" "$pid" 2>/dev/null || true
  wait_for "${2:-10}" lab_gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
}

# lab_at_exit COMMAND: evaluated on the way out, last given first
lab_at_exit() { LAB_AT_EXIT+=("$1"); }

lab_cleanup() {
  local status=$? i
  trap '' INT TERM HUP
  trap - EXIT
  # Without errexit, and without the shell's word on each job that was killed.
  set +e
  exec 2>/dev/null
  for ((i = ${#LAB_PIDS[@]} - 1; i >= 0; i--)); do
    kill -"${LAB_STOP_SIGNAL[${LAB_PIDS[i]}]:-TERM}" "${LAB_PIDS[i]}" 2>/dev/null
  done
  for ((i = ${#LAB_PIDS[@]} - 1; i >= 0; i--)); do
    wait_for "$LAB_STOP_SECONDS" lab_gone "${LAB_PIDS[i]}" || kill -KILL "${LAB_PIDS[i]}" 2>/dev/null
    wait "${LAB_PIDS[i]}" 2>/dev/null
  done
  for ((i = ${#LAB_AT_EXIT[@]} - 1; i >= 0; i--)); do
    eval "${LAB_AT_EXIT[i]}"
  done
  exit "$status"
}

# lab_trap: from here on the script cleans up after itself.
lab_trap() {
  trap lab_cleanup EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
}

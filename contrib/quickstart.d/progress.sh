# shellcheck shell=bash
# What is being done and how long is left. Phases are declared with the seconds
# that they usually take, so that the time left is that of all that is to come.

PHASE_SECONDS=()
PHASE=0
PHASE_BEGAN=0

# phases SECONDS…: the usual length of each phase to come
phases() {
  PHASE_SECONDS=("$@")
  PHASE=0
}

# left_after SPENT: seconds left, of this phase and those after it
seconds_left() {
  local left=$((PHASE_SECONDS[PHASE - 1] - $1)) i
  ((left > 0)) || left=0
  for ((i = PHASE; i < ${#PHASE_SECONDS[@]}; i++)); do
    left=$((left + PHASE_SECONDS[i]))
  done
  echo "$left"
}

# phase TEXT: the next phase begins
phase() {
  PHASE=$((PHASE + 1))
  PHASE_BEGAN=$(now)
  PHASE_TEXT=$1
  say "[$PHASE/${#PHASE_SECONDS[@]}] $1 (about $(minutes_seconds "${PHASE_SECONDS[PHASE - 1]}"); $(minutes_seconds "$(seconds_left 0)") left in all)"
}

# phase_wait SECONDS CHECK…: sits the phase out, shows the time, and runs CHECK
# every second, which ends the script when something has died
phase_wait() {
  local seconds=$1 spent shown=0
  shift
  while spent=$(($(now) - PHASE_BEGAN)) && ((spent < seconds)); do
    "$@"
    if [[ -t 2 ]]; then
      printf '\r      %s: %s to go; %s left in all ' "$PHASE_TEXT" \
        "$(minutes_seconds $((seconds - spent)))" "$(minutes_seconds "$(seconds_left "$spent")")" >&2
    elif ((spent >= shown + 60)); then
      shown=$spent
      say "      $(minutes_seconds $((seconds - spent))) to go; $(minutes_seconds "$(seconds_left "$spent")") left in all"
    fi
    sleep 1
  done
  [[ -t 2 ]] && printf '\r%*s\r' 78 '' >&2
  return 0
}

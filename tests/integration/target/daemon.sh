# shellcheck shell=bash
# A real collectd that is fed by a test instead of by guests: lines of PUTVAL go
# through a pipe into the exec plugin, with times of the test's own choosing.
# No namespace, no guest, no root beyond what exec needs.

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=tests/lab/lib/common.sh
. "$here/../../lab/lib/common.sh"
# shellcheck source=tests/lab/lib/processes.sh
. "$here/../../lab/lib/processes.sh"
# shellcheck source=tests/lab/lib/tap.sh
. "$here/../../lab/lib/tap.sh"

# T: seconds since the epoch at which every test's stream begins.
T=1700000000
declare -A DAEMON_PID=()
# What the daemon is started through: ip netns exec, valgrind.
DAEMON_WRAPPER=()

# The module under test: as installed by the check, or as make has left it.
find_module() {
  local candidate
  for candidate in "${VMRECON_BUILD:-.}"/root/lib/collectd/target_vmrecon.so \
    "${VMRECON_BUILD:-.}"/plugins/.libs/target_vmrecon.so; do
    [[ ! -e $candidate ]] || { readlink -f "$candidate"; return; }
  done
  return 1
}

# own_network: starts the test again in a network namespace of its own
own_network() {
  [[ $EUID -eq 0 ]] || skip_all "needs root for a network namespace"
  if [[ -z ${VMRECON_OWN_NETWORK:-} ]]; then
    VMRECON_OWN_NETWORK=1 exec unshare --net --mount "$0"
  fi
  ip link set lo up
}

# target_begin: scratch directory $WORK with plugins/ and models/
target_begin() {
  local theirs
  # exec starts programs for other users only.
  [[ $EUID -eq 0 ]] || skip_all "needs root: collectd's exec plugin runs a program as nobody"
  MODULE=$(find_module) || die "target_vmrecon.so is not built (VMRECON_BUILD names the build folder)"
  theirs=$(collectd -h | sed -n 's/^ *Plugin directory *//p')
  WORK=$(mktemp -d "${TMPDIR:-/tmp}/vmrecon-target.XXXXXX")
  chmod 755 "$WORK"
  lab_trap
  [[ -n ${VMRECON_KEEP:-} ]] || lab_at_exit 'rm -rf "$WORK"'
  mkdir "$WORK/plugins" "$WORK/models"
  cp "$MODULE" "$theirs"/{csv,exec,logfile,match_regex,network,rrdtool,target_set,unixsock,write_graphite}.so "$WORK/plugins/"
  cp "$here/../../../contrib/models/generic.json" "$WORK/models/"
}

# daemon NAME <CONFIGURATION: starts a collectd that hears what feed NAME sends.
# Files in $WORK/NAME: csv/, log, input (the pipe).
daemon() {
  local dir=$WORK/$1
  mkdir -p "$dir/csv"
  [[ -p $dir/input ]] || mkfifo -m 644 "$dir/input"
  cat - >"$dir/collectd.conf" <<END
Hostname "server"
FQDNLookup false
Interval 1
WriteThreads 5
BaseDir "$dir"
PIDFile "$dir/pid"
PluginDir "$WORK/plugins"
TypesDB "${TYPES_DB:-/usr/share/collectd/types.db}"
LoadPlugin logfile
<Plugin logfile>
  File "$dir/log"
  PrintSeverity true
  LogLevel info
</Plugin>
$(cat)
LoadPlugin exec
<Plugin exec>
  Exec "nobody" "$(command -v cat)" "$dir/input"
</Plugin>
END
  daemon_start "$1"
}

# daemon_start NAME: starts it (again), and opens its pipe
daemon_start() {
  local dir=$WORK/$1
  : >"$dir/log"
  lab_spawn "$dir/stdout" "${DAEMON_WRAPPER[@]}" collectd -f -C "$dir/collectd.conf"
  DAEMON_PID[$1]=$LAB_PID
  wait_for 30 grep -q 'Initialization complete' "$dir/log" ||
    die "collectd did not start: $(cat "$dir/stdout" "$dir/log")"
  # Stays open, so that the reader does not see an end after each write.
  exec {PIPE}<>"$dir/input"
}

# at_rest NAME: waits until what it writes has come to rest: a value waits for the one
# before it, and ends with the daemon
at_rest() {
  local size before='' tries
  for tries in {1..10}; do
    size=$(find "$WORK/$1" -path '*/csv/*' -type f -printf '%s\n' 2>/dev/null | awk '{n += $1} END {print n + 0}')
    [[ $size != "$before" ]] || break
    before=$size
    sleep 0.6
  done
}

daemon_stop() {
  at_rest "$1"
  lab_stop "${DAEMON_PID[$1]}" 30
}

# daemon_kill NAME: outright; exec's child, which would go on reading, after it
daemon_kill() {
  local child
  child=$(pgrep -P "${DAEMON_PID[$1]}" cat)
  kill -KILL "${DAEMON_PID[$1]}"
  kill -KILL "$child"
  wait "${DAEMON_PID[$1]}" 2>/dev/null || true
}

# feed NAME <LINES
feed() { cat >"$WORK/$1/input"; }

# inputs_through NAME: how many values, our answers aside, its csv plugin has
# written, each after the target was through with it
inputs_through() {
  find "$WORK/$1/csv" -type f -not -path '*/virt_*' -exec cat {} + 2>/dev/null |
    grep -vc '^epoch' || true
}

# feed_in_step NAME VALUES <LINES: like feed, but no write thread is ever left
# behind by more than VALUES values, however busy the machine: patience counts
# seconds of the stream, and a thousand of them go by in one of the clock's.
# The first SERIES lines (1) go ahead alone: two threads that make one file at
# once lose rows in the csv plugin.
feed_in_step() {
  local base sent=0 lines=${SERIES:-1} part deadline
  base=$(inputs_through "$1")
  while mapfile -t -n "$lines" part && ((${#part[@]} > 0)); do
    printf '%s\n' "${part[@]}" | feed "$1"
    sent=$((sent + ${#part[@]})) lines=$2 deadline=$(($(now) + 30))
    until (($(inputs_through "$1") >= base + sent)); do
      (($(now) < deadline)) || die "$1 did not take $sent values in"
      sleep 0.02
    done
  done
  at_rest "$1"
}

# guest_stream NAME FROM TO [HOST]: a guest's values at T+FROM .. T+TO: one vCPU
# runs 0.5 s/s and waits 0.1 s/s; the tap counts 1000 and 300 bytes/s, the disk
# 4096 and 8192; the guest faults 100 times a second, 3 of them on disk.
guest_stream() {
  awk -v g="${4:-hv}/vmrecon-$1" -v from="$2" -v to="$3" -v T=$T '
    function put(series, values) { printf "PUTVAL \"%s/%s\" interval=1 %d:%s\n", g, series, T + t, values }
    BEGIN {
      for (t = from; t <= to; t++) {
        put("gauge-accelerator", 1)
        put("count-vcpus", 1)
        put("derive-vcpu_run", sprintf("%.0f", 5e8 * t))
        put("derive-vcpu_wait", sprintf("%.0f", 1e8 * t))
        put("if_octets-tap", sprintf("%d:%d", 1000 * t, 300 * t))
        put("disk_octets-block", sprintf("%d:%d", 4096 * t, 8192 * t))
        put("vmpage_faults-balloon", sprintf("%d:%d", 100 * t, 3 * t))
      }
    }'
}

# rows NAME HOST/PLUGIN/TYPE: what the csv plugin wrote, without headings
rows() { cat "$WORK/$1/csv/$2"-[0-9][0-9][0-9][0-9]-* 2>/dev/null | grep -v '^epoch'; }

# value NAME SERIES SECOND [COLUMN]: the value at T+SECOND; column 2 is the first
value() { rows "$1" "$2" | awk -F, -v t=$((T + $3)) -v c="${4:-2}" '$1 + 0 == t {v = $c} END {print v}'; }

has_value() { [[ -n $(value "$@") ]]; }

# value_is EXPECTED NAME SERIES SECOND [COLUMN]: within a while, since the five
# write threads overtake each other
value_is() { wait_for 10 value_is_now "$@" >/dev/null || value_is_now "$@"; }

value_is_now() {
  local expected=$1 got
  shift
  got=$(value "$@")
  echo "$* is '$got', not '$expected'"
  awk -v a="$got" -v b="$expected" 'BEGIN {exit !(a != "" && a - b < 1e-6 && b - a < 1e-6)}'
}

# feed_guest NAME GUEST FROM TO: a guest's whole stream. Its beginning goes ahead
# alone: two threads that make one file at once lose rows in the csv plugin.
feed_guest() {
  guest_stream "$2" "$3" $(($3 + 3)) | feed "$1"
  wait_for 20 has_files "$1" "hv/virt_inferred-$2" || true
  guest_stream "$2" $(($3 + 4)) "$4" | feed "$1"
}
has_files() {
  local before
  before=$(find "$WORK/$1/csv/$2" -type f 2>/dev/null | wc -l)
  sleep 0.5
  ((before > 0 && before == $(find "$WORK/$1/csv/$2" -type f | wc -l)))
}

log_lines() { grep -c -- "$2" "$WORK/$1/log" || true; }

# log_says NAME PATTERN [TIMES]
log_says() {
  local n
  n=$(log_lines "$1" "$2")
  echo "$n lines match $2:"
  cat "$WORK/$1/log"
  if [[ -n ${3:-} ]]; then ((n == $3)); else ((n > 0)); fi
}

# value_is_nan NAME SERIES SECOND
value_is_nan() {
  local got
  got=$(value "$@")
  echo "$* is '$got'"
  [[ $got == nan || $got == -nan ]]
}

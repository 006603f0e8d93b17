# shellcheck shell=bash
# The plugin vmrecon_net in a real daemon, with processes that look like guests
# and hold taps on a bridge, in a network namespace of the test's own. Names hold
# $RUN_ID, which no other run on this machine has.

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
for part in common processes net collectd tap; do
  # shellcheck source=/dev/null
  . "$here/../../lab/lib/$part.sh"
done
LAB_BUILD=${VMRECON_BUILD:-$TOP/build-check}
RUN_ID=n$$
declare -A GUEST_PID=() GUEST_IN=() DAEMON_PID=()

# net_begin: scratch directory $LAB_RUN, the plugins, the namespace, $QEMU
net_begin() {
  [[ $EUID -eq 0 ]] || skip_all "needs root: it makes a network namespace and taps"
  [[ -c /dev/net/tun ]] || skip_all "needs /dev/net/tun"
  command -v collectd >/dev/null || skip_all "collectd is not installed"
  [[ -x $LAB_BUILD/tests/tools/net-guest ]] || die "no build in $LAB_BUILD"
  LAB_RUN=$(mktemp -d "${TMPDIR:-/tmp}/vmrecon-test.XXXXXX")
  chmod 755 "$LAB_RUN"
  lab_trap
  [[ -n ${VMRECON_KEEP:-} ]] || lab_at_exit 'rm -rf "$LAB_RUN"'
  mkdir -p "$LAB_RUN/plugins" "$LAB_RUN/bin" "$LAB_RUN/guests"
  cp "$LAB_BUILD/tests/tools/net-guest" "$LAB_RUN/bin/qemu-system-x86_64"
  lab_plugin_dir "$LAB_RUN/plugins"
  QEMU=$LAB_RUN/bin/qemu-system-x86_64
  lab_net_up "$LAB_RUN/net.log"
}

# mac_of N, hex_of N: the address of guest number N, as it is given and as series
# have it
mac_of() { printf '52:54:00:76:75:%02x' "$1"; }
hex_of() { printf '5254007675%02x' "$1"; }

guest_out() { echo "$LAB_RUN/guests/$1.out"; }

# guest NAME N: with the tap tg$N on the bridge; further options in EXTRA
guest() {
  local in=$LAB_RUN/guests/$1.in
  mkfifo "$in"
  # Kept open for both, so that neither side waits for the other.
  exec {GUEST_IN[$1]}<>"$in"
  in_net_spawn "$LAB_RUN/guests/$1.err" bash -c 'exec "$@" <"$0" >"${0%.in}.out"' "$in" \
    "$QEMU" -name "guest=$RUN_ID-$1,debug-threads=on" -accel tcg \
    -netdev "tap,id=n0,ifname=tg$2,script=no" -device "virtio-net-pci,netdev=n0,mac=$(mac_of "$2")" "${EXTRA[@]}"
  GUEST_PID[$1]=$LAB_PID
  wait_for 10 grep -qs ready "$(guest_out "$1")" || die "guest $1 did not start"
  in_net ip link set "tg$2" master br0
}
EXTRA=()

answers() { wc -l <"$(guest_out "$1")"; }
has_answered() { (($(answers "$1") > $2)); }

# tell NAME COMMAND...: waits for the answer and prints it
tell() {
  local name=$1 before
  shift
  before=$(answers "$name")
  echo "$*" >&"${GUEST_IN[$name]}"
  wait_for 60 has_answered "$name" "$before" || die "guest $name does not answer: $*"
  tail -n 1 "$(guest_out "$name")"
}

# tap_counters TAP: bytes and frames that the guest sent, and received
tap_counters() {
  in_net ip -s -j link show dev "$1" |
    jq -r '.[0].stats64 | "\(.rx.bytes) \(.tx.bytes) \(.rx.packets) \(.tx.packets)"'
}

# daemon NAME [WRAPPER...] <OPTIONS: in the guests' namespace, or, with OUTSIDE=1,
# in this one
daemon() {
  local name=$1 dir=$LAB_RUN/$1
  shift
  lab_csv_conf "$dir" 1 "$LAB_RUN/plugins" <<END
LoadPlugin vmrecon_net
<Plugin vmrecon_net>
  VM "/^$RUN_ID-/"
$(cat)
</Plugin>
END
  LAB_COLLECTD_WRAPPER=("$@")
  if [[ -n ${OUTSIDE:-} ]]; then
    local LAB_NET_PID=
  fi
  lab_collectd_start "$dir/collectd.conf"
  DAEMON_PID[$name]=$LAB_COLLECTD_PID
}

# series_dir DAEMON GUEST
series_dir() { echo "$LAB_RUN/$1/csv/host/vmrecon_net-$RUN_ID-$2"; }

# rows DAEMON GUEST SERIES
rows() { cat "$(series_dir "$1" "$2")/$3"-[0-9][0-9][0-9][0-9]-* 2>/dev/null | grep -v '^epoch' || true; }
has_rows() { [[ -n $(rows "$@") ]]; }

# last DAEMON GUEST SERIES COLUMN: 2 is what the guest sent, 3 what it received
last() { rows "$1" "$2" "$3" | awk -F, -v c="$4" 'END {printf "%.0f\n", $c}'; }

# sum DAEMON GUEST TYPE COLUMN: of the last values of all series of the type
sum() {
  local file
  for file in "$(series_dir "$1" "$2")/$3"-*; do
    tail -n 1 "$file"
  done | awk -F, -v c="$4" '{s += $c} END {printf "%.0f\n", s}'
}

# tap_less_peers DAEMON GUEST TAP: how much more the tap has counted than all
# series together: bytes sent, received, frames sent, received. What came before
# the plugin did is in it: a bridge sends a frame or two of its own.
tap_less_peers() {
  {
    tap_counters "$3"
    echo "$(sum "$1" "$2" if_octets 2) $(sum "$1" "$2" if_octets 3)" \
      "$(sum "$1" "$2" if_packets 2) $(sum "$1" "$2" if_packets 3)"
  } | awk '{for (i = 1; i <= 4; i++) d[i] = NR == 1 ? $i : d[i] - $i} END {print d[1], d[2], d[3], d[4]}'
}

# sums_are_the_taps DAEMON GUEST TAP BEFORE: that is what it was
sums_are_the_taps() {
  local now
  now=$(tap_less_peers "$1" "$2" "$3")
  echo "tap less peers: $4 before, $now now; tap: $(tap_counters "$3")"
  [[ $now == "$4" ]]
}

# value_is DAEMON GUEST SERIES COLUMN WANTED
value_is() {
  local value
  value=$(last "$1" "$2" "$3" "$4")
  echo "$3 of $2: ${value:-absent}, wanted $5"
  [[ $value == "$5" ]]
}

# says DAEMON PATTERN N: so many lines of the log match
says() { [[ $(grep -c -- "$2" "$LAB_RUN/$1/collectd.log") == "$3" ]]; }

# says_no_ill DAEMON: that a busy machine is late is no fault
says_no_ill() {
  local ill
  ill=$(grep -E '\[(warning|error)\]' "$LAB_RUN/$1/collectd.log" |
    grep -vE 'Not sleeping because|plugin took [0-9.]+ seconds' || true)
  [[ -z $ill ]] || { echo "$ill"; return 1; }
}

# shellcheck shell=bash
# The read plugin in a real daemon, with processes that look like guests: they
# need no image and no network. Names hold $RUN_ID, which no other run on this
# machine has; every daemon here is told to read those alone, or the test has
# processes of its own (own_processes).

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
for part in common processes collectd tap; do
  # shellcheck source=/dev/null
  . "$here/../../lab/lib/$part.sh"
done
LAB_BUILD=${VMRECON_BUILD:-$TOP/build-check}
RUN_ID=t$$
# Options of the next guest's command line.
GUEST_OPTIONS=()

# read_begin: scratch directory $LAB_RUN, the plugins, a dummy guest as $QEMU
read_begin() {
  [[ $EUID -eq 0 ]] || skip_all "needs root: it starts processes of other users"
  open_proc
  [[ -x $LAB_BUILD/tests/bench/dummy-vm ]] || die "no build in $LAB_BUILD"
  command -v collectd >/dev/null || skip_all "collectd is not installed"
  LAB_RUN=$(mktemp -d "${TMPDIR:-/tmp}/vmrecon-test.XXXXXX")
  # A copy that every user may execute, called as QEMU is.
  chmod 755 "$LAB_RUN"
  lab_trap
  [[ -n ${VMRECON_KEEP:-} ]] || lab_at_exit 'rm -rf "$LAB_RUN"'
  mkdir -p "$LAB_RUN/plugins" "$LAB_RUN/bin"
  cp "$LAB_BUILD/tests/bench/dummy-vm" "$LAB_RUN/bin/qemu-system-x86_64"
  cp "$LAB_BUILD/tests/tools/host-dump" "$LAB_RUN/bin/"
  lab_plugin_dir "$LAB_RUN/plugins"
  QEMU=$LAB_RUN/bin/qemu-system-x86_64
}

# guest NAME [WRAPPER...]: its id in GUEST_PID
guest() {
  local name=$1
  shift
  lab_spawn "$LAB_RUN/guests.log" "$@" "$QEMU" -name "guest=$name,debug-threads=on" -accel tcg -m 128 -smp 2 \
    "${GUEST_OPTIONS[@]}"
  GUEST_PID=$LAB_PID
}

# daemon_conf NAME <OPTIONS: a configuration with the csv plugin, an interval of
# 1 s, and what standard input puts into <Plugin vmrecon>
daemon_conf() {
  local dir=$LAB_RUN/$1
  mkdir -p "$dir/csv"
  chmod 777 "$dir" "$dir/csv"
  lab_csv_conf "$dir" 1 "$LAB_RUN/plugins" <<END
LoadPlugin vmrecon
<Plugin vmrecon>
  AutoChain false
$(cat)
</Plugin>
END
}

# daemon NAME [WRAPPER...] <OPTIONS: starts it
daemon() {
  local name=$1
  shift
  daemon_conf "$name"
  LAB_COLLECTD_WRAPPER=("$@")
  lab_collectd_start "$LAB_RUN/$name/collectd.conf"
}

# rows DAEMON PLUGIN SERIES: of all hosts
rows() { cat "$LAB_RUN/$1/csv"/*/"$2/$3"-[0-9]* 2>/dev/null | grep -v '^epoch' || true; }
has_rows() { [[ -n $(rows "$@") ]]; }

# has_rows_more N DAEMON PLUGIN SERIES
has_rows_more() {
  local n=$1
  shift
  (($(rows "$@" | wc -l) > n))
}

names_seen() { ls "$LAB_RUN/$1/csv/host" | sed -n 's/^vmrecon-//p'; }

# sees DAEMON PATTERN N: so many guests' names match
sees() { [[ $(names_seen "$1" | grep -c -- "$2") == "$3" ]]; }

# says DAEMON PATTERN N: so many lines of the log match
says() { [[ $(grep -c -- "$2" "$LAB_RUN/$1/collectd.log") == "$3" ]]; }

nothing_twice() {
  local again
  again=$(sed -n 's/^\[[^]]*\] \[\(warning\|error\|notice\)\]/\1/p' "$LAB_RUN/$1/collectd.log" | sort | uniq -d)
  [[ -z $again ]] || { echo "$again"; return 1; }
}

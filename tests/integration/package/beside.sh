# shellcheck shell=bash
# Two versions at a time: a host of the one sends to a central collectd of the other, as
# while a site is being upgraded. For test-package, which builds both; a folder of each
# holds what its package does (usr/lib/collectd, usr/share/vmrecon). $LAB_RUN is the
# scratch directory.

# Traffic stays on loopback; the port is nobody else's.
BESIDE_PORT=$((20000 + $$ % 10000 + RANDOM % 1000))

# beside_plugins FOLDER TO: collectd's plugins with those of the version
beside_plugins() {
  local theirs
  theirs=$(collectd -h | sed -n 's/^ *Plugin directory *//p')
  mkdir -p "$2"
  # Copies: collectd refuses links.
  cp -L "$theirs"/{csv,logfile,network}.so "$1"/usr/lib/collectd/*.so "$2/"
}

# beside_daemon NAME HOSTNAME <PART-OF-CONFIGURATION: its id in LAB_PID
beside_daemon() {
  local dir=$LAB_RUN/beside/$1
  cat - >"$dir/collectd.conf" <<CONF
Hostname "$2"
FQDNLookup false
Interval 1
BaseDir "$dir"
PIDFile "$dir/pid"
PluginDir "$dir/plugins"
TypesDB "${TYPES_DB:-/usr/share/collectd/types.db}"
LoadPlugin logfile
<Plugin logfile>
  File "$dir/log"
  PrintSeverity true
</Plugin>
LoadPlugin network
$(cat)
CONF
  lab_spawn "$dir/stdout" collectd -f -C "$dir/collectd.conf"
}

# The host measures, and computes nothing.
beside_host() {
  beside_daemon host hv <<CONF
LoadPlugin vmrecon
<Plugin vmrecon>
  AutoChain false
</Plugin>
<Plugin network>
  Server "127.0.0.1" "$BESIDE_PORT"
</Plugin>
CONF
}

# beside_central FOLDER: the central one computes, with the models of its own version
beside_central() {
  beside_daemon central centre <<CONF
<Plugin network>
  Listen "127.0.0.1" "$BESIDE_PORT"
</Plugin>
LoadPlugin csv
<Plugin csv>
  DataDir "$LAB_RUN/beside/central/csv"
</Plugin>
LoadPlugin target_vmrecon
<Plugin target_vmrecon>
  ModelDir "$1/usr/share/vmrecon/models"
  StateFile "$LAB_RUN/beside/central/state"
</Plugin>
<Chain "PreCache">
  <Rule "vmrecon">
    <Target "vmrecon">
    </Target>
  </Rule>
</Chain>
CONF
}

# beside_rows SERIES: known values of the guest there
beside_rows() {
  cat "$LAB_RUN"/beside/central/csv/hv/"$1"-[0-9]* 2>/dev/null | grep -vcE 'epoch|nan' || true
}
beside_has() { (($(beside_rows "$1") >= 3)); }
beside_is_known() {
  wait_for 60 beside_has "$1" || { ls "$LAB_RUN"/beside/central/csv/hv/*; tail -n 5 "$LAB_RUN"/beside/*/log; return 1; }
}
# CPU usage of two vCPUs that hardly run: a number that makes sense
beside_is_small() {
  cat "$LAB_RUN"/beside/central/csv/hv/"$1"-[0-9]* |
    awk -F, '$1 + 0 > 0 && $2 != "nan" {n++; if ($2 < 0 || $2 > 50) bad++} END {print n " values, " bad + 0 " bad"; exit !(n > 0 && !bad)}'
}
# The packages are unpacked, not installed: the host's own target, which is not asked for
# anything, finds no models in its default folders.
beside_takes_all() { ! grep -E '\[(error|warning)\]' "$LAB_RUN"/beside/*/log | grep -vE 'libvirt|/host/log:.*no models in'; }

# beside WORDS HOST-FOLDER CENTRAL-FOLDER QEMU
beside() {
  local guest host central
  rm -rf "$LAB_RUN/beside"
  beside_plugins "$2" "$LAB_RUN/beside/host/plugins"
  beside_plugins "$3" "$LAB_RUN/beside/central/plugins"
  lab_spawn "$LAB_RUN/beside/guest.log" "$4" -name guest=moved,debug-threads=on -accel tcg -m 128 -smp 2
  guest=$LAB_PID
  beside_central "$3"
  central=$LAB_PID
  wait_for 30 grep -qs 'Initialization complete' "$LAB_RUN/beside/central/log" || true
  beside_host
  host=$LAB_PID
  ok_if "$1: what the host measures arrives" beside_is_known vmrecon-moved/derive-vcpu_run
  ok_if "$1: the guest's CPU usage is computed" beside_is_known virt_inferred-moved/percent-active
  ok_if "$1: and is what it can be" beside_is_small virt_inferred-moved/percent-active
  ok_if "$1: nobody complains" beside_takes_all
  lab_stop "$host" 30
  lab_stop "$central" 30
  lab_stop "$guest"
}

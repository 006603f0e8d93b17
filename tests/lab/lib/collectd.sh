# shellcheck shell=bash
# The host's collectd: takes the guests' truth from the network and keeps
# everything in RRD files, with our plugins where they are built.
# Files in $LAB_RUN/collectd: collectd.conf, collectd.log, plugins/.

LAB_COLLECTD_PID=
LAB_COLLECTD_WRAPPER=()

# lab_plugin_dir DIR: Debian's plugins and those that $LAB_BUILD has installed
# beside it in root/, in one directory, since collectd knows one only. Copies:
# it refuses links.
lab_plugin_dir() {
  local theirs
  theirs=$(collectd -h | sed -n 's/^ *Plugin directory *//p')
  mkdir -p "$1"
  cp -L "$theirs"/*.so "$1/"
  # Ours may be installed on this machine, too; the build under test counts.
  cp -L "$LAB_BUILD"/root/lib/collectd/*.so "$1/"
}

# lab_collectd_conf SECONDS VM INTROSPECT: writes collectd.conf: so many seconds at full
# step, which is $interval (1), guests that the regular expression VM matches,
# Introspect as given
lab_collectd_conf() {
  local step=${interval:-1}
  sed -e "s|@SECONDS@|$1|g" -e "s|@ROWS@|$(($1 / step))|g" \
    -e "s|@INTERVAL@|$step|g" -e "s|@HEARTBEAT@|$((5 * step))|g" \
    -e "s~@VM@~$2~g" -e "s|@INTROSPECT@|$3|g" \
    -e "s|@RUN@|$LAB_RUN|g" -e "s|@LISTEN@|$LAB_BRIDGE_IP|g" \
    "$TOP/contrib/collectd/demo.conf.in" >"$LAB_RUN/collectd/collectd.conf"
}

# lab_csv_conf DIR INTERVAL PLUGINDIR <OPTIONS: writes DIR/collectd.conf: a daemon that keeps
# all in csv files below DIR/csv, and what standard input adds
lab_csv_conf() {
  mkdir -p "$1/csv"
  cat - >"$1/collectd.conf" <<END
Hostname "host"
FQDNLookup false
Interval $2
BaseDir "$1"
PIDFile "$1/pid"
PluginDir "$3"
LoadPlugin logfile
<Plugin logfile>
  File stdout
  Timestamp true
  PrintSeverity true
</Plugin>
LoadPlugin csv
<Plugin csv>
  DataDir "$1/csv"
  StoreRates false
</Plugin>
$(cat)
END
}

# lab_collectd_start CONF: with -f, inside the namespace where there is one;
# what it says goes to collectd.log beside CONF. Under valgrind or the like if
# LAB_COLLECTD_WRAPPER says so.
lab_collectd_start() {
  local log
  log=$(dirname "$1")/collectd.log
  if [[ -n ${LAB_NET_PID:-} ]]; then
    in_net_spawn "$log" "${LAB_COLLECTD_WRAPPER[@]}" collectd -f -C "$1"
  else
    lab_spawn "$log" "${LAB_COLLECTD_WRAPPER[@]}" collectd -f -C "$1"
  fi
  LAB_COLLECTD_PID=$LAB_PID
  LAB_COLLECTD_LOG=$log
  wait_for 60 lab_collectd_is_up_or_dead || true
  lab_collectd_is_up || die "the host's collectd did not start: $(tail -n 3 "$log")"
}

lab_collectd_is_up_or_dead() { lab_gone "$LAB_COLLECTD_PID" || lab_collectd_is_up; }

lab_collectd_is_up() {
  lab_alive "$LAB_COLLECTD_PID" && grep -qs 'Initialization complete' "$LAB_COLLECTD_LOG"
}

# lab_collectd_flush: has the rrdtool plugin write out what it holds back
lab_collectd_flush() {
  local before
  before=$(flushes_finished)
  kill -USR1 "$LAB_COLLECTD_PID"
  wait_for 20 eval "((\$(flushes_finished) > $before))" ||
    say "collectd did not say that it has flushed its values"
  # The flush has only put them on the queue of the thread that writes.
  sleep 2
}

flushes_finished() { grep -c 'Finished flushing all data' "$LAB_COLLECTD_LOG" || true; }

lab_collectd_stop() {
  lab_stop "$LAB_COLLECTD_PID" 20
  LAB_COLLECTD_PID=
}

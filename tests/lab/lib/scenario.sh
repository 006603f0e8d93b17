# shellcheck shell=bash
# What the integration tests with real guests share: a scratch directory, the
# build under test, the image, and questions about what collectd's csv plugin
# wrote. Sources the rest of the laboratory.

for lab_part in common processes net accel guest collectd libvirt tap valgrind; do
  # shellcheck source=/dev/null
  . "$(dirname "${BASH_SOURCE[0]}")/$lab_part.sh"
done

# The build under test, as contrib/quickstart check makes it.
LAB_BUILD=${VMRECON_BUILD:-$TOP/build-check}

# scenario_begin: processes of its own, scratch directory, image, cleanup
scenario_begin() {
  [[ $EUID -eq 0 ]] || skip_all "needs root for a network namespace"
  own_processes
  [[ -e $LAB_BUILD/root/lib/collectd/vmrecon.so ]] ||
    die "no build in $LAB_BUILD (contrib/quickstart check makes one, VMRECON_BUILD names another)"
  LAB_RUN=$(mktemp -d "${TMPDIR:-/tmp}/vmrecon-test.XXXXXX")
  lab_trap
  [[ -n ${VMRECON_KEEP:-} ]] || lab_at_exit 'rm -rf "$LAB_RUN"'
  LAB_IMAGE=$("$LAB_DIR/image" 2>"$LAB_RUN/image.log") || die "no guest image: $(tail -n 3 "$LAB_RUN/image.log")"
  lab_plugin_dir "$LAB_RUN/plugins"
  lab_net_up "$LAB_RUN/net.log"
}

# host_daemon NAME [PLUGINDIR] <CONFIGURATION: a daemon with the csv plugin and
# what standard input adds; interval in $daemon_interval (1). Its files are in
# $LAB_RUN/NAME: csv/, collectd.log. Its id in DAEMON_PID[NAME].
declare -A DAEMON_PID=()
host_daemon() {
  local dir=$LAB_RUN/$1
  lab_csv_conf "$dir" "${daemon_interval:-1}" "${2:-$LAB_RUN/plugins}"
  lab_collectd_start "$dir/collectd.conf"
  DAEMON_PID[$1]=$LAB_COLLECTD_PID
}


# between COUNT BEFORE OURS AFTER: files of series, one a line; each series that
# they share, at least COUNT of them, must lie between. Counters only grow.
between() {
  awk -v want="$1" '
    FNR == 1 {file++}
    file == 1 {before[$1] = $0; next}
    file == 2 {mine[$1] = $0; next}
    {
      if (!($1 in before) || !($1 in mine)) next
      shared++
      n = split(before[$1], b); split(mine[$1], m); split($0, a)
      # Resident memory may shrink, too.
      for (i = 2; i <= n && $1 != "memory-rss"; i++)
        if (m[i] < b[i] || m[i] > a[i]) {printf "%s: %s, ours %s, %s\n", $1, b[i], m[i], a[i]; bad++}
    }
    END {printf "%d series shared\n", shared; exit bad || shared < want}' "$2" "$3" "$4"
}

# last_value DAEMON PLUGIN SERIES COLUMN: the newest row's value (column 1 is
# the time)
last_value() { series "$1" "$2" "$3" | awk -F, -v c="$4" 'END {print $c}'; }

# series DAEMON PLUGIN SERIES: the rows, oldest first, without headings
series() {
  cat "$LAB_RUN/$1/csv"/*/"$2/$3"-[0-9][0-9][0-9][0-9]-* 2>/dev/null | grep -v '^epoch'
}

# difference DAEMON PLUGIN SERIES COLUMN FROM TO: how much a counter grew
# between two times, linear between rows
difference() {
  series "$1" "$2" "$3" | awk -F, -v c="$4" -v from="$5" -v to="$6" '
    function at(when) {return n && $1 > last ? value + ($c - value) * (when - last) / ($1 - last) : $c}
    $c == "nan" {next}
    $1 >= from && !begun {first = at(from); begun = 1}
    $1 >= to && !ended {end = at(to); ended = 1}
    {last = $1; value = $c; n++}
    END {printf "%.0f\n", (ended ? end : value) - first}'
}

# average DAEMON PLUGIN SERIES COLUMN FROM TO: the mean of a gauge
average() {
  series "$1" "$2" "$3" | awk -F, -v c="$4" -v from="$5" -v to="$6" '
    $1 >= from && $1 <= to && $c != "nan" {sum += $c; n++}
    END {if (n) printf "%.6g\n", sum / n; else print "nan"}'
}

# time_average DAEMON PLUGIN SERIES COLUMN FROM TO: the mean of a gauge, each row for the
# time since the row before, which on a busy machine is not always the same
time_average() {
  series "$1" "$2" "$3" | awk -F, -v c="$4" -v from="$5" -v to="$6" '
    $1 >= from && $1 <= to && $c != "nan" && last {sum += $c * ($1 - last); time += $1 - last}
    {last = $1}
    END {if (time) printf "%.6g\n", sum / time; else print "nan"}'
}

has_inferred() { compgen -G "$LAB_RUN/$1/csv/host/virt_inferred-$2/*" >/dev/null; }

# newest_row DAEMON PLUGIN: time of the newest row of any series of a plugin
newest_row() {
  tail -qn 1 "$LAB_RUN/$1/csv"/host/"$2"/* 2>/dev/null | awk -F, '$1 > newest {newest = $1} END {printf "%.3f\n", newest}'
}

# oldest_row DAEMON PLUGIN
oldest_row() {
  cat "$LAB_RUN/$1/csv"/host/"$2"/* 2>/dev/null |
    awk -F, '$1 + 0 > 0 && (!oldest || $1 < oldest) {oldest = $1} END {printf "%.3f\n", oldest}'
}

# repeated_messages DAEMON: warnings and errors said more than once, whatever
# numbers are in them; silence is success
repeated_messages() {
  sed -n 's/^\[[^]]*\] \[\(warning\|error\)\]/\1/p' "$LAB_RUN/$1/collectd.log" | sed 's/[0-9][0-9.]*/N/g' | sort | uniq -d
}

says_nothing_twice() {
  local again
  again=$(repeated_messages "$1")
  [[ -z $again ]] || { echo "$again"; return 1; }
}

# doubled_rows DAEMON PLUGIN: series that have two rows of one time
doubled_rows() {
  local file
  for file in "$LAB_RUN/$1/csv"/host/"$2"/*; do
    [[ -z $(cut -d, -f1 "$file" | uniq -d) ]] || echo "$file"
  done
}

has_no_doubled_rows() {
  local doubled
  doubled=$(doubled_rows "$1" "$2")
  [[ -z $doubled ]] || { echo "$doubled"; return 1; }
}

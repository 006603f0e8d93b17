# shellcheck shell=bash
# Evidence: this host's own guests, recorded as collectd sees them, in one file that its
# owner may send away: names are replaced, and what was replaced stays with him.

# The guests' own series that a trainer compares with.
EVIDENCE_TRUTH='^(cpu(-.*)?|load|memory|contextswitch|processes|vmem|swap|disk-.*|interface-.*|uptime)$'

evidence_arguments() {
  minutes=60 interval=1 truth='' introspect=never out=vmrecon-evidence-$(date +%Y%m%d-%H%M%S)
  while (($# > 0)); do
    case $1 in
      --minutes) minutes=${2:?--minutes needs a number}; shift 2 ;;
      --interval) interval=${2:?--interval needs seconds}; shift 2 ;;
      --truth) truth=${2:?--truth needs a directory}; shift 2 ;;
      --introspect) introspect=truth; shift ;;
      --out) out=${2:?--out needs a directory}; shift 2 ;;
      -h | --help) usage; exit 0 ;;
      *) say "quickstart evidence: unknown argument '$1'"; usage >&2; exit 2 ;;
    esac
  done
  [[ $minutes =~ ^[1-9][0-9]{0,3}$ ]] || die "--minutes takes a whole number from 1 to 9999, not '$minutes'"
  [[ $interval =~ ^[1-9][0-9]{0,2}$ ]] || die "--interval takes whole seconds from 1 to 999, not '$interval'"
  [[ -z $truth || -d $truth ]] || die "--truth $truth: no such directory"
}

evidence_conf() {
  cat <<END
Hostname "host"
FQDNLookup false
Interval $interval
BaseDir "$LAB_RUN/scratch"
PIDFile "$LAB_RUN/scratch/pid"
PluginDir "$LAB_RUN/scratch/plugins"
WriteThreads 1
LoadPlugin logfile
<Plugin logfile>
  File stdout
</Plugin>
LoadPlugin rrdtool
<Plugin rrdtool>
  DataDir "$LAB_RUN/scratch/rrd"
  StepSize $interval
  HeartBeat $((5 * interval))
  RRARows $((minutes * 60 / interval + 60))
  RRATimespan $((minutes * 60 + 60 * interval))
  CacheTimeout 0
</Plugin>
LoadPlugin vmrecon
<Plugin vmrecon>
  AutoChain false
  Extra kvm
  Introspect "$introspect"
</Plugin>
END
}

evidence_watch() {
  lab_alive "$LAB_COLLECTD_PID" || die "collectd ended: $(tail -n 3 "$LAB_COLLECTD_LOG")"
}

# Of which kind this host is, without a name in it.
evidence_notes() {
  local f
  echo "recorded $minutes minutes, interval $interval s, introspection $introspect"
  echo "vmrecon $(sed -n 's/^PACKAGE_VERSION = //p' "$LAB_BUILD/Makefile" 2>/dev/null)"
  echo "kernel $(uname -rm)"
  echo "collectd $(collectd -h | sed -n 's/^collectd \([0-9.a-z-]*\),.*/\1/p')"
  echo "CPUs $(nproc), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
  echo "hypervisor below $(grep -qw hypervisor /proc/cpuinfo && echo yes || echo no)"
  grep -E '^(MemTotal|SwapTotal)' /proc/meminfo
  for f in /sys/module/kvm/parameters/halt_poll* /sys/module/kvm_{amd,intel}/parameters/nested /proc/sys/kernel/sched_schedstats; do
    [[ ! -r $f ]] || echo "${f#/} $(cat "$f")"
  done
  for f in $(pgrep -f '^[^ ]*(qemu|kvm)[^ ]* ' || true); do
    readlink "/proc/$f/exe" || true
  done | sed 's,.*/,,' | sort | uniq -c
}

# The names of the guests that were recorded, longest first, so that a name that another
# one begins with is not taken for it.
evidence_names() {
  find "$LAB_RUN/scratch/rrd/host" -mindepth 1 -maxdepth 1 -type d -name 'vmrecon-*' -printf '%f\n' |
    sed 's/^vmrecon-//' | awk '{print length($0), $0}' | sort -k1,1nr -k2 | cut -d' ' -f2-
}

# part_without_names NAME-OF-DIRECTORY: with guests' names replaced
part_without_names() {
  local part=$1 i
  for i in "${!names[@]}"; do
    case $part in
      "${names[i]}" | "${names[i]}".*) echo "guest$((i + 1))"; return ;;
      *-"${names[i]}") echo "${part%"${names[i]}"}guest$((i + 1))"; return ;;
    esac
  done
  echo "$part"
}

# keep RRD PATH: a dump of its rows between the start and the end. The place of a row in a
# restored file follows from the last update, which therefore is not after the end.
keep() {
  mkdir -p "$LAB_RUN/scratch/archive/$(dirname "$2")"
  TZ=UTC rrdtool dump "$1" 2>>"$LAB_RUN/scratch/dump.log" | awk -v from="$begin" -v to="$end" '
    /<lastupdate>/ {match($0, /[0-9]+/); if (substr($0, RSTART, RLENGTH) + 0 > to) sub(/[0-9]+/, to)}
    /<row>/ {if ($0 !~ / \/ [0-9]+ -->/) next; t = $0; sub(/ -->.*/, "", t); sub(/.* \/ /, "", t); if (t < from || t > to) next}
    {print}' >"$LAB_RUN/scratch/archive/$2"
}

evidence_keep_host() {
  local file directory
  while IFS= read -r file; do
    directory=$(basename "$(dirname "$file")")
    keep "$file" "host/$(part_without_names "$directory")/$(basename "$file" .rrd).xml"
  done < <(find "$LAB_RUN/scratch/rrd/host" -name '*.rrd')
}

# What the guests' own collectd told of the same time.
evidence_keep_truth() {
  local host guest plugin file
  [[ -n $truth ]] || return 0
  for host in "$truth"/*/; do
    host=$(basename "$host")
    guest=$(part_without_names "$host")
    [[ $guest != "$host" ]] || continue
    while IFS= read -r file; do
      plugin=$(basename "$(dirname "$file")")
      [[ ! $plugin =~ $EVIDENCE_TRUTH ]] || keep "$file" "$guest/$(part_without_names "$plugin")/$(basename "$file" .rrd).xml"
    done < <(find "$truth/$host" -mindepth 2 -maxdepth 2 -name '*.rrd')
  done
}

# Nothing leaves with a name of a guest or of this machine in it. A guest that is called
# as one of our directories ("load") tells nobody anything.
evidence_has_no_names() {
  local name found
  for name in "${names[@]}" "$(uname -n)"; do
    [[ ! $name =~ $EVIDENCE_TRUTH && ! $name =~ ^(host|vmrecon|guest[0-9]*)$ ]] || continue
    found=$({ cd "$LAB_RUN/scratch/archive" && find . -mindepth 1 -type d && cat notes.txt; } | grep -Fw -m 1 -- "$name") ||
      continue
    die "the name '$name' is still in what was recorded ($found): nothing was packed"
  done
}

evidence_pack() {
  local i
  for i in "${!names[@]}"; do
    printf 'guest%d\t%s\n' $((i + 1)) "${names[i]}"
  done >"$LAB_RUN/names.txt"
  tar -C "$LAB_RUN/scratch/archive" -cJf "$LAB_RUN/evidence.tar.xz" --owner=0 --group=0 --numeric-owner .
}

evidence_result() {
  cat <<END
Left in $out:
  evidence.tar.xz  ${#names[@]} guests, $minutes minutes, $(du -h "$LAB_RUN/evidence.tar.xz" | cut -f1): what you may send
  names.txt        which guest is which: this stays with you
Look through it before you send it: tar -tf $out/evidence.tar.xz
END
}

evidence() {
  local minutes interval truth introspect out begin end names
  evidence_arguments "$@"
  need_root
  want_packages "${PACKAGES_BUILD[@]}" rrdtool xz-utils procps
  umask 077
  lab_trap
  mkdir -p "$out" || die "cannot make $out"
  LAB_RUN=$(cd "$out" && pwd)
  [[ ! -e $LAB_RUN/evidence.tar.xz ]] || die "$out holds evidence already; give another --out"
  mkdir -p "$LAB_RUN"/scratch/{rrd,plugins,archive}
  [[ -n ${VMRECON_KEEP:-} ]] || lab_at_exit 'rm -rf "$LAB_RUN/scratch"'
  phases 90 $((minutes * 60)) 20
  phase "building vmrecon"
  evidence_build
  lab_plugin_dir "$LAB_RUN/scratch/plugins"
  evidence_conf >"$LAB_RUN/scratch/collectd.conf"
  phase "recording this host's guests"
  begin=$(now)
  lab_collectd_start "$LAB_RUN/scratch/collectd.conf"
  phase_wait $((minutes * 60)) evidence_watch
  end=$(now)
  phase "replacing names, packing"
  lab_collectd_flush
  lab_collectd_stop
  [[ -d $LAB_RUN/scratch/rrd/host ]] || die "nothing was recorded: $(tail -n 3 "$LAB_COLLECTD_LOG")"
  mapfile -t names < <(evidence_names)
  ((${#names[@]} > 0)) || die "no guest was seen; what the plugin says: $(grep vmrecon "$LAB_COLLECTD_LOG" | tail -n 3)"
  evidence_notes >"$LAB_RUN/scratch/archive/notes.txt"
  evidence_keep_host
  evidence_keep_truth
  evidence_has_no_names
  evidence_pack
  evidence_result
}

# VMRECON_BUILD names a build to use as it is.
evidence_build() {
  LAB_BUILD=${VMRECON_BUILD:-}
  [[ -z $LAB_BUILD ]] || return 0
  LAB_BUILD=$TOP/build
  build_in "$LAB_BUILD" "$LAB_RUN/build.log" || build_failed "$LAB_RUN/build.log"
}

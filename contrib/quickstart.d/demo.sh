# shellcheck shell=bash
# The demo: two real guests, recorded, learnt from, and then inferred live.
# Truth comes from the guests' own collectd and from nothing else; with
# --agentless, from the variables of the guests' kernels and from nothing else.

# The target remembers its inputs, so a model that arrives starts in the past; a
# little later it answers for every guest.
DEMO_SETTLE=20

demo_arguments() {
  minutes=7 live=190 out=vmrecon-demo-$(date +%Y%m%d-%H%M%S) keep=no accel_wish=auto agent=1 introspect=never
  while (($# > 0)); do
    case $1 in
      --minutes) minutes=${2:?--minutes needs a number}; shift 2 ;;
      --live) live=${2:?--live needs a number}; shift 2 ;;
      --out) out=${2:?--out needs a directory}; shift 2 ;;
      --keep) keep=yes; shift ;;
      --agentless) agent=0 introspect=truth; shift ;;
      --accel) accel_wish=${2:?--accel needs auto, kvm or tcg}; shift 2 ;;
      -h | --help) usage; exit 0 ;;
      *) say "quickstart demo: unknown argument '$1'"; usage >&2; exit 2 ;;
    esac
  done
  [[ $minutes =~ ^([2-9]|[1-9][0-9]+)$ ]] || die "--minutes takes a whole number from 2 on, not '$minutes'"
  [[ $live =~ ^([3-9][0-9]|[1-9][0-9]{2,3})$ ]] || die "--live takes a whole number from 30 to 9999, not '$live'"
  [[ $accel_wish =~ ^(auto|kvm|tcg|nested)$ ]] || die "--accel takes auto, kvm, tcg or nested, not '$accel_wish'"
}

demo_out() {
  mkdir -p "$out" || die "cannot make $out"
  out=$(cd "$out" && pwd)
  # It stands in collectd's configuration, in QEMU's options, and in the address
  # of a socket, which has 107 characters.
  [[ $out =~ ^[-A-Za-z0-9_./+@]*$ ]] || die "--out $out: only letters, digits and -_./+@ can be in its path"
  ((${#out} <= 80)) || die "--out $out: its path has more than 80 characters"
  [[ ! -e $out/rrd ]] || die "$out holds an earlier demo; give another --out"
  if [[ $accel_wish == nested ]]; then
    LAB_RUN=$out
    mkdir -p "$out/logs"
  else
    lab_run_in "$out"
    mkdir -p "$LAB_RUN"/{rrd,models,collectd,logs,data,state}
  fi
}

# The same demo on a KVM host of the laboratory's own. What that would have to fetch is
# made here.
demo_on_kvm_host() {
  local options=(--accel kvm --minutes "$minutes" --live "$live" --out "$out")
  [[ $keep == no ]] || options+=(--keep)
  ((agent == 1)) || options+=(--agentless)
  say "building vmrecon, and a KVM host inside QEMU's emulator"
  demo_build
  VMRECON_BUILD=$LAB_BUILD exec "$LAB_DIR/kvm/run" --accel nested --out "$out" \
    --seconds $(((minutes * 60 + live) * 2 + 3600)) "$QUICKSTART_TOP/contrib/quickstart" demo "${options[@]}"
}

# VMRECON_BUILD names a build to use as it is; the tests have one already.
demo_build() {
  LAB_BUILD=${VMRECON_BUILD:-}
  [[ -z $LAB_BUILD ]] || return 0
  LAB_BUILD=$TOP/build
  build_in "$LAB_BUILD" "$LAB_RUN/logs/build.log" || build_failed "$LAB_RUN/logs/build.log"
}

# Runs on the way out, when no local of the demo is left.
demo_tidy() {
  rm -rf "$LAB_RUN"/guests/*/disk "$LAB_RUN"/guests/*/qmp.sock "$LAB_RUN"/guests/*/pid \
    "$LAB_RUN/collectd/plugins" "$LAB_RUN/collectd/collectd.pid"
}

# Every second of the demo has its row, four hours at least.
demo_collectd_conf() {
  local rows=$((minutes * 60 + 3600))
  ((rows > 14400)) || rows=14400
  lab_collectd_conf "$rows" '/^demo[12]$/' "$introspect"
}

# Two guests of one name would be taken for each other.
demo_is_alone() {
  ! pgrep -f -- '-name guest=demo[12],' >/dev/null ||
    die "guests named demo1 or demo2 are running on this machine already; is it another demo?"
}

demo_boot() {
  lab_net_up "$LAB_RUN/logs/net.log"
  lab_peer "$LAB_RUN/logs"
  lab_plugin_dir "$LAB_RUN/collectd/plugins"
  demo_collectd_conf
  lab_collectd_start "$LAB_RUN/collectd/collectd.conf"
  # With these seeds every kind of load comes up both in the minutes of history
  # and in the live minutes, so that each counter has something to show.
  agent=$agent accel=$accel vcpus=1 seed=329 lab_guest demo1
  agent=$agent accel=$accel vcpus=2 seed=146 lab_guest demo2
  lab_guest_ready demo1 300
  lab_guest_ready demo2 300
}

demo_watch() {
  local name
  lab_alive "$LAB_COLLECTD_PID" || die "the host's collectd ended: $(tail -n 3 "$LAB_COLLECTD_LOG")"
  for name in "${!LAB_GUEST_PID[@]}"; do
    lab_alive "${LAB_GUEST_PID[$name]}" ||
      die "guest $name's QEMU ended: $(tail -n 3 "$LAB_RUN/guests/$name/qemu.log")"
  done
}

# A load process on the host itself, so that the guests have to wait for a CPU
# in part of the recording and of the live minutes.
demo_host_load() {
  lab_spawn "$LAB_RUN/logs/host-load.log" "$LAB_DIR/host-load" 50 35 70
}

demo_train() {
  local train=$LAB_BUILD/root/bin/vmrecon-train
  lab_collectd_flush
  "$train" "$LAB_RUN/rrd" -o "$LAB_RUN/models" --start "$history_start" --end "$history_end" \
    >"$LAB_RUN/training.txt" 2>"$LAB_RUN/logs/train.log" ||
    die "training failed: $(tail -n 3 "$LAB_RUN/logs/train.log")"
}

demo_score() {
  lab_collectd_flush
  "$LAB_BUILD/root/bin/vmrecon-train" --score "$LAB_RUN/models" "$LAB_RUN/rrd" \
    --start "$live_start" --end "$live_end" --export "$LAB_RUN/data" \
    >"$LAB_RUN/table.txt" 2>"$LAB_RUN/logs/score.log" ||
    die "scoring failed: $(tail -n 3 "$LAB_RUN/logs/score.log")"
}

# Two guests, ten counters each, whatever could be said of them.
demo_table_is_whole() {
  local rows
  rows=$(grep -c '^demo[12] ' "$LAB_RUN/table.txt") || true
  ((rows == 20)) || die "the table has $rows rows of guests, not 20; see $LAB_RUN/table.txt"
}

demo_picture() {
  gnuplot -e "data='$LAB_RUN/data'; picture='$LAB_RUN/measured-against-inferred.png'" \
    "$TOP/contrib/quickstart.d/picture.gp" >"$LAB_RUN/logs/gnuplot.log" 2>&1 ||
    die "gnuplot failed: $(tail -n 3 "$LAB_RUN/logs/gnuplot.log")"
}

demo_measured() {
  if ((agent == 1)); then
    echo "Measured values are the guests' own: what the collectd inside each guest sent."
    return
  fi
  cat <<'END'
Measured values are introspected: read from the guests' kernels' own variables in
their memory. No collectd ran in the guests, and what the models learnt from is
the same. Of disks and networks there is no such truth; the host measures them.
END
}

demo_result() {
  cat "$LAB_RUN/table.txt"
  echo
  demo_measured
  cat <<END
Left in $out:
  table.txt  training.txt  measured-against-inferred.png
  rrd/       everything recorded     models/  what was learnt
  data/      the series of the table collectd/ guests/ logs/
END
}

demo() {
  local minutes live out keep accel_wish agent introspect accel history_start history_end live_start live_end
  demo_arguments "$@"
  need_root
  want_packages "${PACKAGES_BUILD[@]}" "${PACKAGES_LAB[@]}" "${PACKAGES_DEMO[@]}"
  lab_trap
  demo_out
  [[ $accel_wish != nested ]] || demo_on_kvm_host
  demo_is_alone
  [[ $keep == yes ]] || lab_at_exit demo_tidy
  phases 90 15 15 $((minutes * 60)) 15 "$DEMO_SETTLE" "$live" 10

  phase "building vmrecon"
  demo_build
  phase "making the guest image"
  LAB_IMAGE=$("$LAB_DIR/image" 2>"$LAB_RUN/logs/image.log") || die "no guest image: $(tail -n 3 "$LAB_RUN/logs/image.log")"
  accel=$(choose_accel "$accel_wish" "$LAB_IMAGE")
  phase "booting two guests on $accel"
  demo_boot
  demo_host_load
  phase "recording history of guests and host"
  history_start=$(now)
  phase_wait $((minutes * 60)) demo_watch
  history_end=$(now)
  phase "training models on the recorded history"
  demo_train
  phase "letting the models settle"
  phase_wait "$DEMO_SETTLE" demo_watch
  phase "inferring live, on minutes that training has not seen"
  live_start=$(now)
  phase_wait "$live" demo_watch
  live_end=$(now)
  phase "scoring, and a picture"
  demo_score
  demo_table_is_whole
  demo_picture
  demo_result
}

# shellcheck shell=bash
# Guests: QEMU with what the laboratory's image needs. A guest's files are in
# $LAB_RUN/guests/NAME: disk, console.log, qemu.log, qmp.sock, pid.
#
# lab_guest reads these variables, which the caller may set beforehand or in
# front of the call (vcpus=2 lab_guest NAME):
#   accel    tcg or kvm                       (tcg)
#   vcpus    number of vCPUs                  (1)
#   memory   MiB                              (256)
#   net      tap, macvtap, user or none       (tap)
#   balloon  on or off                        (on)
#   qmp      on or off                        (on)
#   control  a QMP socket for lab_control, beside it: on or off  (off)
#   vhost    the tap is served by vhost-net: on or off           (off)
#   kernel   a kernel of your own, which has its drivers built in (the image's)
#   features appended to the CPU's model, e.g. ,-kvm-steal-time  ()
#   debug_threads  on or off                  (on)
#   naming   guest, plain or uuid: -name guest=X, -name X, or -uuid alone
#   load, seed, plan, delay, agent, interval, second  as the guest's init takes them;
#            load=orders takes them from lab_order
#   overlay  a folder whose files the guest has beside those of its image; its
#            lab/program runs when the guest is up (lab_overlay makes one)  ()
#   extra    further arguments of QEMU, an array

LAB_GUEST_NUMBER=0
declare -A LAB_GUEST_PID=()
extra=()

guest_name_arguments() {
  local threads=${debug_threads:-on}
  case ${naming:-guest} in
    guest) echo "-name guest=$1,debug-threads=$threads" ;;
    plain) echo "-name $1,debug-threads=$threads" ;;
    uuid) echo "-uuid $1" ;;
  esac
}

guest_mac() { printf '52:54:00:76:72:%02x' "$1"; }

guest_vhost() { [[ ${vhost:-off} == off ]] || echo ',vhost=on'; }

guest_net_arguments() {
  local mac
  mac=$(guest_mac "$2")
  case ${net:-tap} in
    tap) echo "-netdev tap,id=n0,ifname=$1,script=no,downscript=no$(guest_vhost) -device virtio-net-pci,netdev=n0,mac=$mac" ;;
    macvtap) echo "-netdev tap,id=n0,fd=3 -device virtio-net-pci,netdev=n0,mac=$mac" ;;
    user) echo "-netdev user,id=n0 -device virtio-net-pci,netdev=n0,mac=$mac" ;;
    none) echo "-nic none" ;;
  esac
}

# O_DIRECT bypasses the host's page cache; some file systems don't have it.
guest_disk_cache() {
  if dd if="$1" of=/dev/null bs=4096 count=1 iflag=direct 2>/dev/null; then
    echo none
  else
    echo writeback
  fi
}

# no_timer_check: on a busy host the kernel under TCG may find at boot that its
# timer does not tick in time, and panic.
guest_command_line() {
  local address=10.0.2.15/24 peer=10.0.2.2
  if [[ ${net:-tap} == *tap ]]; then
    address=$LAB_NET_PREFIX.$((10 + $2))/24
    peer=$LAB_BRIDGE_IP
  fi
  echo "console=ttyS0 quiet panic=-1 no_timer_check lab.name=$1 lab.ip=$address lab.peer=$peer" \
    "lab.load=${load:-mixed} lab.seed=${seed:-$2} lab.delay=${delay:-0}" \
    "lab.agent=${agent:-1} lab.interval=${interval:-1} lab.second=${second:-0}${plan:+ lab.plan=$plan}" \
    "${overlay:+rdinit=/lab/begin}"
}

# lab_overlay DIR: a folder for $overlay with our programs for machines that have nothing
# else, and /lab/program as standard input has it: a script of busybox's shell, in whose
# environment are NAME and PEER
lab_overlay() {
  mkdir -p "$1"/{lab,usr/bin}
  cp "$LAB_BUILD"/vmrecon-{ns,play} "$1/usr/bin/"
  cp "$LAB_DIR/overlay-begin" "$1/lab/begin"
  { echo '#!/bin/busybox sh' && cat; } >"$1/lab/program"
  chmod +x "$1/lab/program"
}

# The kernel unpacks one archive after the other.
guest_initrd() {
  local initrd=$LAB_IMAGE/initrd.zst
  if [[ -n ${overlay:-} ]]; then
    { (cd "$overlay" && find . | cpio --quiet -o -H newc) && cat "$initrd"; } >"$1/initrd"
    initrd=$1/initrd
  fi
  echo "$initrd"
}

# lab_guest NAME: boots a guest; its QEMU's id in LAB_GUEST_PID[NAME]
lab_guest() {
  local name=$1 dir=$LAB_RUN/guests/$1 tap='' command number
  number=$LAB_GUEST_NUMBER
  LAB_GUEST_NUMBER=$((number + 1))
  mkdir -p "$dir"
  rm -f "$dir/console.log"
  cp --sparse=never "$LAB_IMAGE/disk.ext4" "$dir/disk"
  if [[ ${net:-tap} == tap ]]; then
    lab_tap
    tap=$LAB_TAP
  elif [[ $net == macvtap ]]; then
    lab_macvtap "$dir" "$(guest_mac "$number")" || return
  fi
  local cpu=max
  [[ ${accel:-tcg} == kvm ]] && cpu=host
  command=(qemu-system-x86_64)
  # shellcheck disable=SC2207
  command+=($(guest_name_arguments "$name"))
  command+=(-accel "${accel:-tcg}" -cpu "$cpu${features:-}" -M q35 -m "${memory:-256}" -smp "${vcpus:-1}"
    -display none -nodefaults -no-reboot -serial "file:$dir/console.log"
    -kernel "${kernel:-$LAB_IMAGE/vmlinuz}" -initrd "$(guest_initrd "$dir")"
    -append "$(guest_command_line "$name" "$number")"
    -drive "file=$dir/disk,if=virtio,format=raw,cache=$(guest_disk_cache "$dir/disk")")
  # shellcheck disable=SC2207
  command+=($(guest_net_arguments "$tap" "$number"))
  [[ ${balloon:-on} == on ]] && command+=(-device 'virtio-balloon-pci,id=balloon0')
  [[ ${qmp:-on} == on ]] && command+=(-qmp "unix:$dir/qmp.sock,server=on,wait=off")
  [[ ${load:-} == orders ]] && command+=(-serial "unix:$dir/orders.sock,server=on,wait=off")
  [[ ${control:-off} == on ]] && command+=(-qmp "unix:$dir/control.sock,server=on,wait=off")
  command+=("${extra[@]}")
  if [[ ${net:-tap} == tap ]]; then
    in_net_spawn "$dir/qemu.log" "${command[@]}"
  elif [[ $net == macvtap ]]; then
    # A file tree of its own, as a container's guest has.
    # shellcheck disable=SC2016
    in_net_spawn "$dir/qemu.log" unshare --mount bash -c 'mount -t sysfs sys /sys && exec "$@" 3<>"$0"' \
      "$LAB_TAP_DEVICE" "${command[@]}"
  else
    lab_spawn "$dir/qemu.log" "${command[@]}"
  fi
  LAB_GUEST_PID[$name]=$LAB_PID
  echo "$LAB_PID" >"$dir/pid"
}

guest_said_ready() { grep -aq '^LAB [0-9]* ready' "$LAB_RUN/guests/$1/console.log" 2>/dev/null; }

guest_is_ready_or_dead() { guest_said_ready "$1" || lab_gone "${LAB_GUEST_PID[$1]}"; }

# lab_guest_ready NAME [SECONDS]: waits until the guest says that it is up
lab_guest_ready() {
  wait_for "${2:-120}" guest_is_ready_or_dead "$1" || die "guest $1 did not come up; see $LAB_RUN/guests/$1/"
  guest_said_ready "$1" || guest_ended "$1"
}

# On an emulated KVM host a guest may end or stand still by itself: status 75 asks for
# another run.
guest_lost() { # NAME WHAT-HAPPENED
  [[ ${VMRECON_KVM_HOST:-} != nested ]] || { say "guest $1 $2"; exit 75; }
  die "guest $1 $2"
}

guest_ended() {
  local log=$LAB_RUN/guests/$1/qemu.log
  [[ -s $log ]] || guest_lost "$1" "ended without a word"
  die "guest $1's QEMU ended: $(tail -n 3 "$log")"
}

# lab_guest_lives NAME: asked now and then, of a guest that has no reason to end
lab_guest_lives() { lab_alive "${LAB_GUEST_PID[$1]}" || guest_ended "$1"; }

# guest_epoch NAME SECONDS ITEMS: has this epoch of its load plan begun?
guest_epoch() { grep -aq "^LAB [0-9]* epoch $2 $3" "$LAB_RUN/guests/$1/console.log" 2>/dev/null; }

# lab_order NAME ITEMS: what a guest that takes orders does from now on; waits until it
# has begun. A serial port of a guest that is busy loses what comes at once beyond its 16
# bytes: pieces, and once more where the guest has not said the very words.
lab_order() {
  local try
  for try in 1 2 3 4 5 6; do
    { ((try == 1)) || echo; order_in_pieces "$2"; } |
      socat -u - "UNIX-CONNECT:$LAB_RUN/guests/$1/orders.sock" || true
    ! wait_for 10 order_is "$1" "$2" || return 0
    lab_guest_lives "$1"
  done
  guest_lost "$1" "did not take the order $2"
}

order_in_pieces() {
  local text=$1$'\n'
  while [[ -n $text ]]; do
    printf %s "${text:0:8}"
    text=${text:8}
    sleep 0.3
  done
}

order_is() {
  [[ $(grep -a '^LAB [0-9]* order' "$LAB_RUN/guests/$1/console.log" | tail -n 1 | tr -d '\r') == *" order $2" ]]
}

# lab_control NAME COMMAND [ARGUMENTS]: a QMP command on the guest's control socket;
# prints QEMU's answers
lab_control() {
  local arguments=${3:-}
  printf '%s\n' '{"execute":"qmp_capabilities"}' "{\"execute\":\"$2\",\"arguments\":${arguments:-"{}"}}" |
    socat -t 5 - "UNIX-CONNECT:$LAB_RUN/guests/$1/control.sock"
}

# lab_throttle NAME OPERATIONS: of its disk, a second; 0: as many as it likes
lab_throttle() {
  lab_control "$1" block_set_io_throttle \
    "{\"device\":\"virtio0\",\"bps\":0,\"bps_rd\":0,\"bps_wr\":0,\"iops\":$2,\"iops_rd\":0,\"iops_wr\":0}" >/dev/null
}

# lab_vcpu_threads NAME: their ids
lab_vcpu_threads() {
  local comm
  for comm in "/proc/${LAB_GUEST_PID[$1]}/task"/*/comm; do
    [[ $(cat "$comm") != CPU\ * ]] || basename "$(dirname "$comm")"
  done
}

# lab_pin NAME CPU: the guest's vCPUs run on that processor of the host
lab_pin() {
  local thread
  for thread in $(lab_vcpu_threads "$1"); do
    taskset -pc "$2" "$thread" >/dev/null
  done
}

# lab_guest_stop NAME
lab_guest_stop() {
  lab_stop "${LAB_GUEST_PID[$1]}"
  unset "LAB_GUEST_PID[$1]"
}

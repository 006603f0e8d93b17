# shellcheck shell=bash
# A network namespace with one bridge; guests hang on it by taps. The namespace
# has no name: it belongs to a process that holds it, so that nothing of it is
# left when the laboratory's processes are gone, not even after SIGKILL.
#
# Inside, /sys may still show the outer namespace's devices; /proc/net and
# /proc/PID/net are right.

LAB_NET_PREFIX=10.77.0
LAB_BRIDGE_IP=$LAB_NET_PREFIX.1
LAB_TAPS=0

# in_net COMMAND…: runs it inside the namespace
in_net() { nsenter --net="/proc/$LAB_NET_PID/ns/net" "$@"; }

# in_net_spawn LOGFILE COMMAND…: the same in the background, see lab_spawn
in_net_spawn() {
  local log=$1
  shift
  lab_spawn "$log" nsenter --net="/proc/$LAB_NET_PID/ns/net" "$@"
}

lab_net_is_own() {
  [[ $(readlink "/proc/$LAB_NET_PID/ns/net") != "$(readlink /proc/self/ns/net)" ]]
}

# lab_net_up LOGFILE
lab_net_up() {
  lab_spawn "$1" unshare --net sleep infinity
  LAB_NET_PID=$LAB_PID
  wait_for 5 lab_net_is_own 2>/dev/null ||
    die "no network namespace of our own (unshare --net failed, see $1)"
  in_net ip link set lo up
  in_net ip link add br0 type bridge
  in_net ip addr add "$LAB_BRIDGE_IP/24" dev br0
  in_net ip link set br0 up
  in_net sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null || true
}

# lab_tap: makes the next tap on the bridge; name in LAB_TAP
lab_tap() {
  LAB_TAP=vrl$LAB_TAPS
  LAB_TAPS=$((LAB_TAPS + 1))
  in_net ip tuntap add dev "$LAB_TAP" mode tap
  in_net ip link set "$LAB_TAP" master br0 up
}

# lab_macvtap DIR MAC: makes a macvtap whose wire ends at the bridge; its name in
# LAB_TAP, its device in LAB_TAP_DEVICE (in DIR: /dev may not show it). Only a
# tree of /sys of the namespace's own tells which device it is.
lab_macvtap() {
  local index device
  LAB_TAP=mvt$LAB_TAPS
  LAB_TAPS=$((LAB_TAPS + 1))
  in_net ip link add "w$LAB_TAP" type veth peer name "b$LAB_TAP" || return
  in_net ip link set "b$LAB_TAP" master br0 up
  in_net ip link set "w$LAB_TAP" up
  in_net ip link add link "w$LAB_TAP" name "$LAB_TAP" address "$2" type macvtap mode bridge || return
  in_net ip link set "$LAB_TAP" up
  index=$(in_net ip -j link show dev "$LAB_TAP" | jq '.[0].ifindex')
  device=$(in_net_sys cat "/sys/class/macvtap/tap$index/dev")
  LAB_TAP_DEVICE=$1/tap$index
  mknod "$LAB_TAP_DEVICE" c "${device%:*}" "${device#*:}"
}

# in_net_sys COMMAND...: inside the namespace, where /sys shows it
in_net_sys() {
  # shellcheck disable=SC2016
  in_net unshare --mount bash -c 'mount -t sysfs sys /sys && exec "$@"' in_net_sys "$@"
}

# lab_peer LOGDIR: what the guests send to and receive from. Port 7001 takes
# bytes and drops them, port 7002 reads a number and answers with as many.
lab_peer() {
  local serve=(nsenter --net="/proc/$LAB_NET_PID/ns/net" busybox nc -ll)
  lab_spawn_contained "$1/peer.log" "${serve[@]}" -p 7001 -e /bin/sh -c 'cat >/dev/null'
  # shellcheck disable=SC2016
  lab_spawn_contained "$1/peer.log" "${serve[@]}" -p 7002 -e /bin/sh -c 'read -r n && head -c "$n" /dev/zero'
}

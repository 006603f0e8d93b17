# shellcheck shell=bash
# libvirt by hand, in a container of its own: process, mount and network
# namespace, so that neither its configuration nor its guests meet those of the
# machine, and so that all of it ends with one process. The guests' QEMUs are
# ordinary processes for the host's /proc.

LIBVIRT_DIRS=(/etc/libvirt /var/lib/libvirt /var/log/libvirt /var/cache/libvirt)

# libvirt looks this user up before it reads its configuration; Debian's package
# of the whole service makes it, and that package is more than is needed here.
libvirt_user() {
  local file
  for file in passwd group; do
    grep -v '^libvirt-qemu:' "/etc/$file" >"/run/$file"
  done
  echo 'libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin' >>/run/passwd
  echo 'libvirt-qemu:x:64055:' >>/run/group
  for file in passwd group; do
    mount --bind "/run/$file" "/etc/$file"
  done
}

# What runs as the container's first process.
libvirt_container() {
  local dir
  for dir in "${LIBVIRT_DIRS[@]}"; do
    mkdir -p "$dir"
    mount -t tmpfs libvirt "$dir"
  done
  # The whole of /run: pid files lie beside /run/libvirt.
  mount -t tmpfs run /run
  libvirt_user
  mkdir -p /etc/libvirt/qemu /run/libvirt
  cat >/etc/libvirt/qemu.conf <<'END'
user = "root"
group = "root"
dynamic_ownership = 0
security_driver = "none"
cgroup_controllers = []
namespaces = []
END
  /usr/sbin/virtlogd &
  /usr/sbin/libvirtd &
  wait
}

# in_libvirt COMMAND…: inside the container, and with its root, since joining a
# mount namespace leaves a chroot
in_libvirt() { nsenter --target "$LIBVIRT_INIT" --mount --root --pid --net "$@"; }

libvirt_answers() { in_libvirt virsh -q -c qemu:///system list >/dev/null 2>&1; }

# lab_libvirt_up LOG: needs the laboratory's network to be up
lab_libvirt_up() {
  in_net_spawn "$1" "${LAB_CONTAINED[@]}" --mount-proc --mount --propagation private \
    bash -c "$(declare -p LIBVIRT_DIRS); $(declare -f libvirt_user libvirt_container); libvirt_container"
  LAB_STOP_SIGNAL["$LAB_PID"]=KILL
  wait_for 15 libvirt_has_init || die "libvirt's container did not start; see $1"
  wait_for 90 libvirt_answers || die "libvirtd does not answer; see $1"
}

libvirt_has_init() {
  LIBVIRT_INIT=$(cat "/proc/$LAB_PID/task/$LAB_PID/children" 2>/dev/null)
  LIBVIRT_INIT=${LIBVIRT_INIT%% *}
  [[ -n $LIBVIRT_INIT ]]
}

# libvirt_domain NAME DIR: the domain's XML, as guests of lab_guest are; $accel as there
libvirt_domain() {
  local type=qemu model=maximum
  [[ ${accel:-tcg} != kvm ]] || type=kvm model=host-passthrough
  local number=$LAB_GUEST_NUMBER
  LAB_GUEST_NUMBER=$((number + 1))
  cat <<END
<domain type='$type'>
  <name>$1</name>
  <memory unit='MiB'>${memory:-256}</memory>
  <vcpu>${vcpus:-1}</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>$LAB_IMAGE/vmlinuz</kernel>
    <initrd>$LAB_IMAGE/initrd.zst</initrd>
    <cmdline>$(guest_command_line "$1" "$number")</cmdline>
  </os>
  <features><acpi/></features>
  <cpu mode='$model'/>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw' cache='$(guest_disk_cache "$2/disk")'/>
      <source file='$2/disk'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <interface type='bridge'>
      <source bridge='br0'/>
      <model type='virtio'/>
    </interface>
    <serial type='file'><source path='$2/console.log'/></serial>
    <memballoon model='virtio'/>
  </devices>
</domain>
END
}

# lab_libvirt_guest NAME: defines nothing, starts a transient domain
lab_libvirt_guest() {
  local dir=$LAB_RUN/guests/$1
  mkdir -p "$dir"
  cp --sparse=never "$LAB_IMAGE/disk.ext4" "$dir/disk"
  libvirt_domain "$1" "$dir" >"$dir/domain.xml"
  in_libvirt virsh -q -c qemu:///system create "$dir/domain.xml" >"$dir/virsh.log" 2>&1 ||
    die "virsh create $1 failed: $(tail -n 3 "$dir/virsh.log")"
}

lab_libvirt_guest_stop() { in_libvirt virsh -q -c qemu:///system destroy "$1"; }

# tests/data/proc: trees of /proc for each monitor, and their series.
EXTRA_DIST += \
	tests/data/proc/cloud-hypervisor.series \
	tests/data/proc/cloud-hypervisor.tree \
	tests/data/proc/crosvm.series \
	tests/data/proc/crosvm.tree \
	tests/data/proc/firecracker-jailed.series \
	tests/data/proc/firecracker-jailed.tree \
	tests/data/proc/firecracker.series \
	tests/data/proc/firecracker.tree \
	tests/data/proc/kata-clh.series \
	tests/data/proc/kata-clh.tree \
	tests/data/proc/kata-qemu.series \
	tests/data/proc/kata-qemu.tree \
	tests/data/proc/kvmtool.series \
	tests/data/proc/kvmtool.tree \
	tests/data/proc/proxmox.series \
	tests/data/proc/proxmox.tree \
	tests/data/proc/qemu-libvirt.series \
	tests/data/proc/qemu-libvirt.tree \
	tests/data/proc/qemu-microvm.series \
	tests/data/proc/qemu-microvm.tree \
	tests/data/proc/qemu-named.series \
	tests/data/proc/qemu-named.tree \
	tests/data/proc/qemu-nodebug.series \
	tests/data/proc/qemu-nodebug.tree \
	tests/data/proc/qemu-scope.series \
	tests/data/proc/qemu-scope.tree \
	tests/data/proc/virtualbox-gui.series \
	tests/data/proc/virtualbox-gui.tree \
	tests/data/proc/virtualbox.series \
	tests/data/proc/virtualbox.tree \
	tests/data/proc/vmware.series \
	tests/data/proc/vmware.tree

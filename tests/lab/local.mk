# tests/lab: real guests in QEMU, in a network namespace
EXTRA_DIST += \
	tests/lab/README.md \
	tests/lab/bare-root \
	tests/lab/clock-listen tests/lab/clock-offset tests/lab/run \
	tests/lab/calm-hour \
	tests/lab/guest/collectd.conf.in \
	tests/lab/guest/init \
	tests/lab/guest/io-load.c \
	tests/lab/guest/load \
	tests/lab/guest/plan.awk \
	tests/lab/host-load \
	tests/lab/io-kinds \
	tests/lab/io-kinds-plain \
	tests/lab/io-kinds-table \
	tests/lab/io_trees.py \
	tests/lab/image \
	tests/lab/kvm/begin \
	tests/lab/kvm/definitions \
	tests/lab/kvm/definitions.sh \
	tests/lab/kvm/image \
	tests/lab/kvm/init \
	tests/lab/kvm/introspection \
	tests/lab/kvm/libvirt \
	tests/lab/kvm/read-cost \
	tests/lab/kvm/run \
	tests/lab/own-root \
	tests/lab/overlay-begin \
	tests/lab/lib/accel.sh \
	tests/lab/lib/collectd.sh \
	tests/lab/lib/common.sh \
	tests/lab/lib/debian_kernel.sh \
	tests/lab/lib/guest.sh \
	tests/lab/lib/kvm_host.sh \
	tests/lab/lib/libvirt.sh \
	tests/lab/lib/net.sh \
	tests/lab/lib/processes.sh \
	tests/lab/lib/scenario.sh \
	tests/lab/lib/tap.sh \
	tests/lab/lib/valgrind.sh \
	tests/lab/page-faults \
	tests/lab/page-faults-fit \
	tests/lab/kernel-config tests/lab/record \
	tests/lab/soak \
	tests/lab/systemd/debian.service tests/lab/systemd/drop-ins \
	tests/lab/systemd/exposure tests/lab/systemd/image \
	tests/lab/systemd/init tests/lab/systemd/inside \
	tests/lab/systemd/lab.service tests/lab/systemd/probe \
	tests/lab/systemd/upstream.service
EXTRA_DIST += \
	tests/lab/introspect/begin.sh \
	tests/lab/introspect/compare.py \
	tests/lab/introspect/faults.py \
	tests/lab/introspect/fetch_kernels.sh \
	tests/lab/introspect/from_image.sh \
	tests/lab/introspect/guest.py \
	tests/lab/introspect/guest_init.c \
	tests/lab/introspect/kernel \
	tests/lab/introspect/live.py \
	tests/lab/introspect/make_guest.sh \
	tests/lab/introspect/tap.py

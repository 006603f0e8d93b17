# src/host: what this machine says about itself and its guests.
noinst_LTLIBRARIES += libvr_host.la
libvr_host_la_SOURCES = \
	src/host/accel.c src/host/accel.h \
	src/host/cgroup.c src/host/cgroup.h \
	src/host/cmdline.c src/host/cmdline.h \
	src/host/custom.c src/host/custom.h \
	src/host/discover.c src/host/discover.h \
	src/host/diskstats.c src/host/diskstats.h \
	src/host/emit.c src/host/emit.h \
	src/host/execs.c src/host/execs.h \
	src/host/guest.c src/host/guest.h \
	src/host/host.c src/host/host.h \
	src/host/hoststat.c src/host/hoststat.h \
	src/host/kvmstats.c src/host/kvmstats.h \
	src/host/libvirt.c src/host/libvirt.h \
	src/host/listing.c src/host/listing.h \
	src/host/monitors.c src/host/monitors.h \
	src/host/names.c src/host/names.h \
	src/host/netdev.c src/host/netdev.h \
	src/host/pidfiles.c src/host/pidfiles.h \
	src/host/procfile.c src/host/procfile.h \
	src/host/qemu.c src/host/qemu.h \
	src/host/qmp.c src/host/qmp.h \
	src/host/qmpstats.c src/host/qmpstats.h \
	src/host/recognise.c src/host/recognise.h \
	src/host/sample.h src/host/scan.h \
	src/host/select.c src/host/select.h \
	src/host/series.c src/host/series.h \
	src/host/shares.c src/host/shares.h \
	src/host/taps.c src/host/taps.h \
	src/host/threads.c src/host/threads.h \
	src/host/users.c src/host/users.h \
	src/host/vf.c src/host/vf.h \
	src/host/vhost.c src/host/vhost.h \
	src/host/vm.h
libvr_host_la_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(LIBVIRT_CFLAGS)
libvr_host_la_LIBADD = libvr_basic.la $(JANSSON_LIBS) $(DLOPEN_LIBS) -lpthread -lm

# tests/tools: programs that tests and benches use.
noinst_PROGRAMS += tests/tools/host-dump
tests_tools_host_dump_SOURCES = tests/tools/host-dump.c
tests_tools_host_dump_LDADD = libvr_host.la

EXTRA_DIST += tests/tools/read-host tests/tools/read-proc \
	tests/tools/record-kernel tests/tools/record-tree

noinst_PROGRAMS += tests/tools/with-tap
tests_tools_with_tap_SOURCES = tests/tools/with-tap.c

noinst_PROGRAMS += tests/tools/net-guest
tests_tools_net_guest_SOURCES = tests/tools/net-guest.c \
	tests/tools/tap_frames.c tests/tools/tap_frames.h
tests_tools_net_guest_LDADD = libvr_basic.la

noinst_PROGRAMS += tests/tools/served-fs
tests_tools_served_fs_SOURCES = tests/tools/served-fs.c

# A target for collectd that makes its write threads slow.
noinst_LTLIBRARIES += tests/tools/target_pause.la
tests_tools_target_pause_la_SOURCES = tests/tools/target_pause.c
tests_tools_target_pause_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
tests_tools_target_pause_la_LDFLAGS = $(PLUGIN_LDFLAGS) -rpath $(collectdplugindir)

# A guest for vmrecon-introspect, which no VMM runs.
noinst_PROGRAMS += tests/tools/fake-guest
tests_tools_fake_guest_SOURCES = tests/tools/fake-guest.c \
	tests/unit/introspect/fake_kernel.c tests/unit/introspect/fake_kernel.h
tests_tools_fake_guest_LDFLAGS = -pthread
# A guest that migrates between network namespaces, without a machine in it.
noinst_PROGRAMS += tests/tools/relay-guest
tests_tools_relay_guest_SOURCES = tests/tools/relay-guest.c
tests_tools_relay_guest_LDADD = libvr_basic.la

# A writer for collectd that is slow.
noinst_LTLIBRARIES += tests/tools/write_pause.la
tests_tools_write_pause_la_SOURCES = tests/tools/write_pause.c
tests_tools_write_pause_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
tests_tools_write_pause_la_LDFLAGS = $(PLUGIN_LDFLAGS) -rpath $(collectdplugindir)

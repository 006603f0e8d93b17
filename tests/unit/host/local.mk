# tests/unit/host: the reader, on text, on made-up and on recorded trees.
host_units = \
	tests/unit/host/test_pidfiles \
	tests/unit/host/test_hoststat \
	tests/unit/host/test_cmdline \
	tests/unit/host/test_discover \
	tests/unit/host/test_emit \
	tests/unit/host/test_killed \
	tests/unit/host/test_host_groups \
	tests/unit/host/test_host_guests \
	tests/unit/host/test_host_pidfiles \
	tests/unit/host/test_host_taps \
	tests/unit/host/test_host_threads \
	tests/unit/host/test_qmp_hostile \
	tests/unit/host/test_qmp_readings \
	tests/unit/host/test_qmp_sharing \
	tests/unit/host/test_identity \
	tests/unit/host/test_mentioned \
	tests/unit/host/test_naming \
	tests/unit/host/test_qmpstats \
	tests/unit/host/test_qemu_sizes \
	tests/unit/host/test_cpuinfo \
	tests/unit/host/test_other_vmms \
	tests/unit/host/test_steady \
	tests/unit/host/test_budget \
	tests/unit/host/test_with_qmp \
	tests/unit/host/test_vf \
	tests/unit/host/test_vf_host \
	tests/unit/host/test_soak \
	tests/unit/host/test_tun \
	tests/unit/host/test_untrusted \
	tests/unit/host/test_odd_hosts \
	tests/unit/host/test_virtqueues
check_PROGRAMS += $(host_units)
TESTS += $(host_units)
noinst_LTLIBRARIES += libvr_test_host.la
libvr_test_host_la_SOURCES = \
	tests/unit/host/command_lines.c tests/unit/host/command_lines.h \
	tests/unit/host/counted.h \
	tests/unit/host/fake_qmp.c tests/unit/host/fake_qmp.h \
	tests/unit/host/guests.c tests/unit/host/guests.h \
	tests/unit/host/link_message.c tests/unit/host/link_message.h \
	tests/unit/host/played_qemu.c tests/unit/host/played_qemu.h \
	tests/unit/host/tree.c tests/unit/host/tree.h
host_unit_libs = libvr_test_host.la libvr_host.la $(UNIT_LIBS) $(JANSSON_LIBS)
tests_unit_host_test_pidfiles_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_pidfiles_LDADD = $(host_unit_libs)
tests_unit_host_test_hoststat_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_hoststat_LDADD = $(host_unit_libs)
tests_unit_host_test_cmdline_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_cmdline_LDADD = $(host_unit_libs)
tests_unit_host_test_cpuinfo_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_cpuinfo_LDADD = $(host_unit_libs)
tests_unit_host_test_qemu_sizes_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_qemu_sizes_LDADD = $(host_unit_libs)
tests_unit_host_test_identity_SOURCES = \
	tests/unit/host/test_identity.c plugins/identity.c plugins/identity.h
tests_unit_host_test_identity_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_identity_LDADD = $(host_unit_libs)
tests_unit_host_test_mentioned_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_mentioned_LDADD = $(host_unit_libs)
tests_unit_host_test_naming_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_naming_LDADD = $(host_unit_libs)
tests_unit_host_test_discover_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_discover_LDADD = $(host_unit_libs)
tests_unit_host_test_emit_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_host_test_emit_LDADD = libvr_host.la $(UNIT_LIBS)
tests_unit_host_test_killed_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_killed_LDADD = $(host_unit_libs)
tests_unit_host_test_killed_LDFLAGS = -pthread -Wl,--wrap=pread -Wl,--wrap=openat
tests_unit_host_test_host_groups_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_host_groups_LDADD = $(host_unit_libs)
tests_unit_host_test_host_guests_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_host_guests_LDADD = $(host_unit_libs)
tests_unit_host_test_host_pidfiles_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_host_pidfiles_LDADD = $(host_unit_libs)
tests_unit_host_test_host_taps_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_host_taps_LDADD = $(host_unit_libs)
tests_unit_host_test_host_threads_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_host_threads_LDADD = $(host_unit_libs)
tests_unit_host_test_qmp_hostile_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_qmp_hostile_LDADD = $(host_unit_libs)
tests_unit_host_test_qmp_readings_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_qmp_readings_LDADD = $(host_unit_libs)
tests_unit_host_test_qmp_sharing_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_qmp_sharing_LDADD = $(host_unit_libs)
tests_unit_host_test_other_vmms_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_other_vmms_LDADD = $(host_unit_libs)
tests_unit_host_test_budget_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_budget_LDADD = $(host_unit_libs)
tests_unit_host_test_with_qmp_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_with_qmp_LDADD = $(host_unit_libs)
tests_unit_host_test_vf_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_vf_LDADD = $(host_unit_libs)
tests_unit_host_test_vf_host_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_vf_host_LDADD = $(host_unit_libs)
tests_unit_host_test_vf_host_LDFLAGS = -Wl,--wrap=socket -Wl,--wrap=close \
	-Wl,--wrap=send -Wl,--wrap=recvfrom -Wl,--wrap=malloc -Wl,--wrap=calloc \
	-Wl,--wrap=realloc
tests_unit_host_test_steady_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_steady_LDADD = $(host_unit_libs)
tests_unit_host_test_steady_LDFLAGS = -Wl,--wrap=malloc -Wl,--wrap=calloc \
	-Wl,--wrap=realloc -Wl,--wrap=strdup -Wl,--wrap=strndup \
	-Wl,--wrap=opendir -Wl,--wrap=fdopendir -Wl,--wrap=fopen \
	-Wl,--wrap=openat
tests_unit_host_test_tun_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_tun_LDADD = $(host_unit_libs)
tests_unit_host_test_untrusted_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_untrusted_LDADD = $(host_unit_libs)
tests_unit_host_test_untrusted_LDFLAGS = -Wl,--wrap=openat -Wl,--wrap=open
tests_unit_host_test_soak_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_soak_LDADD = $(host_unit_libs)
tests_unit_host_test_qmpstats_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_qmpstats_LDADD = $(host_unit_libs)
tests_unit_host_test_odd_hosts_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_odd_hosts_LDADD = $(host_unit_libs)
tests_unit_host_test_virtqueues_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_virtqueues_LDADD = $(host_unit_libs)

# libvirt is played by a library of the tests'.
if HAVE_LIBVIRT
check_PROGRAMS += tests/unit/host/test_libvirt
TESTS += tests/unit/host/test_libvirt
check_LTLIBRARIES += tests/unit/host/fake_libvirt.la
tests_unit_host_fake_libvirt_la_SOURCES = \
	tests/unit/host/fake_libvirt.c tests/unit/host/fake_libvirt.h
tests_unit_host_fake_libvirt_la_CPPFLAGS = $(AM_CPPFLAGS) $(LIBVIRT_CFLAGS)
# A module that is not installed is built shared only if it seems to be.
tests_unit_host_fake_libvirt_la_LDFLAGS = -module -avoid-version -shared \
	-rpath $(pkglibdir)
tests_unit_host_test_libvirt_SOURCES = \
	tests/unit/host/test_libvirt.c tests/unit/host/fake_libvirt.h
tests_unit_host_test_libvirt_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_libvirt_LDADD = $(host_unit_libs) $(DLOPEN_LIBS)
endif

check_PROGRAMS += tests/unit/host/test_details
TESTS += tests/unit/host/test_details
tests_unit_host_test_details_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_details_LDADD = $(host_unit_libs)

check_PROGRAMS += tests/unit/host/test_pve_pools
TESTS += tests/unit/host/test_pve_pools
tests_unit_host_test_pve_pools_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_host_test_pve_pools_LDADD = $(host_unit_libs) -lpthread

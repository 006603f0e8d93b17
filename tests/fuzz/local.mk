# tests/fuzz: damaged input.
check_PROGRAMS += tests/fuzz/fuzz-inputs
TESTS += tests/fuzz/test-fuzz-inputs
EXTRA_DIST += tests/fuzz/test-fuzz-inputs
tests_fuzz_fuzz_inputs_CPPFLAGS = $(TRAIN_CPPFLAGS)
tests_fuzz_fuzz_inputs_LDADD = libvr_train.la -lpthread

# Harnesses of coverage-guided fuzzing: with --enable-fuzzers they look for new
# inputs, in any other build they read those of earlier findings again.
fuzz_harnesses = \
	tests/fuzz/fuzz-btf \
	tests/fuzz/fuzz-cmdline \
	tests/fuzz/fuzz-csv \
	tests/fuzz/fuzz-kernel \
	tests/fuzz/fuzz-model \
	tests/fuzz/fuzz-netlink \
	tests/fuzz/fuzz-overlay \
	tests/fuzz/fuzz-prometheus \
	tests/fuzz/fuzz-qmp \
	tests/fuzz/fuzz-rrd \
	tests/fuzz/fuzz-state \
	tests/fuzz/fuzz-stream \
	tests/fuzz/fuzz-topology
check_PROGRAMS += $(fuzz_harnesses)
TESTS += tests/fuzz/test-fuzz-findings
EXTRA_DIST += \
	tests/fuzz/corpus \
	tests/fuzz/findings \
	tests/fuzz/run \
	tests/fuzz/test-fuzz-findings
fuzzers: $(fuzz_harnesses)

# What every harness is linked with, and what calls it.
noinst_LTLIBRARIES += libvr_test_fuzz.la
libvr_test_fuzz_la_SOURCES = tests/fuzz/fuzz.c tests/fuzz/fuzz.h
libvr_test_fuzz_la_LIBADD = libvr_basic.la
if FUZZERS
fuzz_main = $(FUZZ_ENGINE)
else
noinst_LTLIBRARIES += libvr_test_fuzz_replay.la
libvr_test_fuzz_replay_la_SOURCES = tests/fuzz/replay.c
fuzz_main = libvr_test_fuzz_replay.la
endif
fuzz_common = $(fuzz_main) libvr_test_fuzz.la
fuzz_live = tests/fuzz/fuzz-live.c tests/fuzz/fuzz-live.h

tests_fuzz_fuzz_btf_SOURCES = tests/fuzz/fuzz-btf.c $(introspect_fake)
tests_fuzz_fuzz_btf_LDADD = $(fuzz_common) libvr_introspect.la libvr_host.la
tests_fuzz_fuzz_cmdline_LDADD = $(fuzz_common) libvr_host.la
tests_fuzz_fuzz_csv_LDADD = $(fuzz_common) libvr_archive.la
tests_fuzz_fuzz_kernel_SOURCES = tests/fuzz/fuzz-kernel.c $(introspect_fake)
tests_fuzz_fuzz_kernel_LDADD = $(fuzz_common) libvr_introspect.la libvr_host.la
tests_fuzz_fuzz_model_LDADD = $(fuzz_common) libvr_model.la
tests_fuzz_fuzz_netlink_LDADD = $(fuzz_common) libvr_test_host.la libvr_host.la
tests_fuzz_fuzz_overlay_CPPFLAGS = $(AM_CPPFLAGS) $(MNL_CFLAGS)
tests_fuzz_fuzz_overlay_LDADD = $(fuzz_common) libvr_overlay.la libvr_host.la
tests_fuzz_fuzz_prometheus_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_prometheus_LDADD = $(fuzz_common) libvr_archive.la $(JANSSON_LIBS)
tests_fuzz_fuzz_qmp_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_qmp_LDADD = $(fuzz_common) libvr_host.la
tests_fuzz_fuzz_rrd_CPPFLAGS = $(AM_CPPFLAGS) $(RRD_CFLAGS)
tests_fuzz_fuzz_rrd_LDADD = $(fuzz_common) libvr_archive.la
tests_fuzz_fuzz_state_SOURCES = tests/fuzz/fuzz-state.c $(fuzz_live)
tests_fuzz_fuzz_state_LDADD = $(fuzz_common) libvr_live.la
tests_fuzz_fuzz_stream_SOURCES = tests/fuzz/fuzz-stream.c $(fuzz_live)
tests_fuzz_fuzz_stream_LDADD = $(fuzz_common) libvr_live.la
tests_fuzz_fuzz_topology_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_topology_LDADD = $(fuzz_common) libvr_topology.la $(JANSSON_LIBS) -lpthread -lm

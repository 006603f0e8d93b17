# tests/bench: what things cost, against the floor and against others.
noinst_PROGRAMS += tests/bench/dummy-vm tests/bench/host-bench
tests_bench_dummy_vm_SOURCES = tests/bench/dummy-vm.c
tests_bench_dummy_vm_LDFLAGS = -pthread
tests_bench_host_bench_SOURCES = tests/bench/host-bench.c
tests_bench_host_bench_LDADD = libvr_host.la
if TRAINER
noinst_PROGRAMS += tests/bench/sysid-bench
endif
tests_bench_sysid_bench_SOURCES = tests/bench/sysid-bench.c
tests_bench_sysid_bench_CPPFLAGS = $(AM_CPPFLAGS) $(GSL_CFLAGS)
tests_bench_sysid_bench_LDADD = libvr_sysid.la $(GSL_LIBS) -lm
EXTRA_DIST += tests/bench/sysid.sh tests/bench/sysid.m tests/bench/history tests/bench/promises tests/bench/train.sh
EXTRA_DIST += tests/bench/top tests/bench/collectd-trees
EXTRA_DIST += tests/bench/top tests/bench/demo-promises
EXTRA_DIST += tests/bench/rrd-files tests/bench/read-cost tests/bench/read-vs-processes \
	tests/bench/which-wait tests/bench/tick-laws
noinst_PROGRAMS += tests/bench/reconstructor-bench
tests_bench_reconstructor_bench_SOURCES = tests/bench/reconstructor-bench.c
tests_bench_reconstructor_bench_LDADD = libvr_live.la -lpthread -lm
noinst_LTLIBRARIES += tests/bench/vr_bench.la
tests_bench_vr_bench_la_SOURCES = tests/bench/target-bench.c
tests_bench_vr_bench_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
# A module that is not installed is built shared only if it seems to be.
tests_bench_vr_bench_la_LDFLAGS = $(PLUGIN_LDFLAGS) -rpath $(collectdplugindir)
EXTRA_DIST += tests/bench/target.sh
noinst_PROGRAMS += tests/bench/introspect-bench
tests_bench_introspect_bench_SOURCES = tests/bench/introspect-bench.c
tests_bench_introspect_bench_LDADD = libvr_introspect.la libvr_host.la
EXTRA_DIST += tests/bench/traffic tests/bench/overlay tests/bench/overlay-migration
noinst_PROGRAMS += tests/bench/traffic-bench
tests_bench_traffic_bench_SOURCES = tests/bench/traffic-bench.c \
	tests/tools/tap_frames.c tests/tools/tap_frames.h
tests_bench_traffic_bench_LDADD = libvr_traffic.la libvr_host.la
noinst_PROGRAMS += tests/bench/law-replay
tests_bench_law_replay_SOURCES = tests/bench/law-replay.c
tests_bench_law_replay_LDADD = libvr_live.la -lpthread -lm
EXTRA_DIST += tests/bench/fleet tests/bench/fleet-archive tests/bench/pages
EXTRA_DIST += tests/bench/pages

# A central server under load.
if HAVE_COLLECTDCLIENT
noinst_PROGRAMS += tests/bench/central-load
endif
tests_bench_central_load_SOURCES = tests/bench/central/load.c \
	tests/bench/central/way.c tests/bench/central/way.h tests/bench/central/tally.h
tests_bench_central_load_CPPFLAGS = $(AM_CPPFLAGS) $(COLLECTDCLIENT_CFLAGS)
tests_bench_central_load_LDADD = libvr_schema.la libvr_basic.la $(COLLECTDCLIENT_LIBS)
noinst_LTLIBRARIES += tests/bench/vr_tally.la
tests_bench_vr_tally_la_SOURCES = tests/bench/central/tally.c tests/bench/central/tally.h
tests_bench_vr_tally_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
tests_bench_vr_tally_la_LDFLAGS = $(PLUGIN_LDFLAGS) -rpath $(collectdplugindir)
noinst_PROGRAMS += tests/bench/models-bench
tests_bench_models_bench_SOURCES = tests/bench/models-bench.c
tests_bench_models_bench_LDADD = libvr_live.la -lpthread -lm
EXTRA_DIST += tests/bench/central/run
EXTRA_DIST += tests/bench/fleet-archive tests/bench/pages

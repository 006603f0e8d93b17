# tests/bench: patterns of traffic and placement advice.
noinst_PROGRAMS += tests/bench/topology-bench
tests_bench_topology_bench_SOURCES = tests/bench/topology-bench.c \
	$(TOPOLOGY_GENERATOR) $(TOPOLOGY_INSTANCES)
tests_bench_topology_bench_LDADD = libvr_topology.la -lm
EXTRA_DIST += tests/bench/topology

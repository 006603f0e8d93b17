TOPOLOGY_UNITS = \
	tests/unit/topology/test_advice \
	tests/unit/topology/test_applications \
	tests/unit/topology/test_classify \
	tests/unit/topology/test_conservation \
	tests/unit/topology/test_fdb \
	tests/unit/topology/test_groups \
	tests/unit/topology/test_ledger \
	tests/unit/topology/test_observer \
	tests/unit/topology/test_paths \
	tests/unit/topology/test_paths_keeper \
	tests/unit/topology/test_template \
	tests/unit/topology/test_underlay
check_PROGRAMS += $(TOPOLOGY_UNITS)
TESTS += $(TOPOLOGY_UNITS)

# Made-up traffic, which the bench uses as well.
TOPOLOGY_GENERATOR = tests/unit/topology/generate.c \
	tests/unit/topology/generate.h
TOPOLOGY_INSTANCES = tests/unit/topology/instances.c \
	tests/unit/topology/instances.h
tests_unit_topology_test_advice_SOURCES = \
	tests/unit/topology/test_advice.c $(TOPOLOGY_GENERATOR) \
	$(TOPOLOGY_INSTANCES)
tests_unit_topology_test_advice_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_topology_test_advice_LDADD = libvr_topology.la $(JANSSON_LIBS) \
	$(UNIT_LIBS)
tests_unit_topology_test_classify_SOURCES = \
	tests/unit/topology/test_classify.c $(TOPOLOGY_GENERATOR)
tests_unit_topology_test_classify_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_topology_test_classify_LDADD = libvr_topology.la $(UNIT_LIBS)
tests_unit_topology_test_groups_SOURCES = \
	tests/unit/topology/test_groups.c $(TOPOLOGY_GENERATOR)
tests_unit_topology_test_groups_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_topology_test_groups_LDADD = libvr_topology.la $(UNIT_LIBS)
tests_unit_topology_test_template_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_topology_test_template_LDADD = libvr_topology.la $(UNIT_LIBS)
tests_unit_topology_test_applications_SOURCES = \
	tests/unit/topology/test_applications.c $(TOPOLOGY_GENERATOR)
tests_unit_topology_test_applications_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_topology_test_applications_LDADD = libvr_topology.la $(UNIT_LIBS)
tests_unit_topology_test_ledger_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_topology_test_ledger_LDADD = libvr_topology.la $(UNIT_LIBS)
tests_unit_topology_test_fdb_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_topology_test_fdb_LDADD = libvr_topology.la $(UNIT_LIBS)
tests_unit_topology_test_observer_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_topology_test_observer_LDADD = libvr_topology.la $(UNIT_LIBS) \
	-lpthread
tests_unit_topology_test_paths_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_topology_test_paths_LDADD = libvr_topology.la $(JANSSON_LIBS) \
	$(UNIT_LIBS) -lm
tests_unit_topology_test_paths_keeper_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_topology_test_paths_keeper_LDADD = libvr_topology.la \
	$(JANSSON_LIBS) $(UNIT_LIBS) -lm
if TRAINER
TESTS += tests/unit/topology/test-paths-reference
endif TRAINER
EXTRA_DIST += tests/unit/topology/test-paths-reference tests/data/paths/problems.json
tests_unit_topology_test_conservation_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_topology_test_conservation_LDADD = libvr_topology.la $(UNIT_LIBS) -lm
tests_unit_topology_test_underlay_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_topology_test_underlay_LDADD = libvr_topology.la $(UNIT_LIBS) -lm

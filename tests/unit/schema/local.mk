# tests/unit/schema: the tables.
check_PROGRAMS += tests/unit/schema/test_counters
TESTS += tests/unit/schema/test_counters
tests_unit_schema_test_counters_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_schema_test_counters_LDADD = libvr_schema.la libvr_basic.la $(UNIT_LIBS)

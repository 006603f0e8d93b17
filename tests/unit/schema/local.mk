# tests/unit/schema: the tables.
schema_units = tests/unit/schema/test_counters tests/unit/schema/test_signals
check_PROGRAMS += $(schema_units)
TESTS += $(schema_units) tests/unit/schema/test-generic-json
EXTRA_DIST += tests/unit/schema/test-generic-json
tests_unit_schema_test_counters_SOURCES = tests/unit/schema/test_counters.c \
	tests/unit/schema/types_db.h
tests_unit_schema_test_counters_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_schema_test_counters_LDADD = libvr_schema.la libvr_basic.la $(UNIT_LIBS)
tests_unit_schema_test_signals_SOURCES = tests/unit/schema/test_signals.c \
	tests/unit/schema/types_db.h
tests_unit_schema_test_signals_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_schema_test_signals_LDADD = libvr_schema.la libvr_basic.la $(UNIT_LIBS)

check_PROGRAMS += tests/unit/schema/test_health
TESTS += tests/unit/schema/test_health
tests_unit_schema_test_health_SOURCES = tests/unit/schema/test_health.c \
	tests/unit/schema/types_db.h
tests_unit_schema_test_health_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_schema_test_health_LDADD = libvr_schema.la libvr_basic.la $(UNIT_LIBS)

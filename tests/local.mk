# tests: every test speaks TAP; "make check" runs the units.
LOG_COMPILER = $(top_srcdir)/tests/as-tap
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	VR_TEST_DATA=$(abs_top_srcdir)/tests/data; export VR_TEST_DATA;
EXTRA_DIST += tests/as-tap tests/unit/unit.h
UNIT_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
UNIT_LIBS = $(CMOCKA_LIBS) -lm

include tests/unit/basic/local.mk
include tests/unit/introspect/local.mk
include tests/unit/schema/local.mk
include tests/unit/model/local.mk
include tests/unit/live/local.mk
include tests/tools/local.mk
include tests/lab/local.mk
include tests/unit/signal/local.mk
include tests/integration/local.mk
include tests/lint/local.mk
include tests/bench/local.mk
include tests/unit/host/local.mk
include tests/unit/tools/local.mk
include tests/unit/traffic/local.mk
include tests/unit/overlay/local.mk
include tests/unit/whole/local.mk
include tests/data/proc/local.mk
include tests/data/qmp/local.mk
include tests/data/prometheus/local.mk
include tests/data/recorded/local.mk
if TRAINER
include tests/fuzz/local.mk
include tests/unit/archive/local.mk
include tests/unit/sysid/local.mk
include tests/unit/train/local.mk
endif TRAINER
include tests/unit/topology/local.mk
include tests/unit/top/local.mk
include tests/bench/topology.mk

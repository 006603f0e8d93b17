# tests/unit/top: the table of vmrecon-top, and its side of collectd's socket.
TOP_UNITS = \
	tests/unit/top/test_top_daemon \
	tests/unit/top/test_top_keys \
	tests/unit/top/test_top_table
check_PROGRAMS += $(TOP_UNITS)
TESTS += $(TOP_UNITS)
TOP_LIBS = libvr_top.la libvr_live.la libvr_host.la -lpthread $(UNIT_LIBS)
tests_unit_top_test_top_daemon_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_top_test_top_daemon_LDADD = $(TOP_LIBS)
tests_unit_top_test_top_keys_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_top_test_top_keys_LDADD = $(TOP_LIBS)
tests_unit_top_test_top_table_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_top_test_top_table_LDADD = $(TOP_LIBS)
EXTRA_DIST += tests/unit/top/made_guests.h

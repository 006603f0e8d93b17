check_PROGRAMS += tests/unit/basic/test_fileio tests/unit/basic/test_log
TESTS += tests/unit/basic/test_fileio tests/unit/basic/test_log
tests_unit_basic_test_fileio_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_basic_test_fileio_LDADD = libvr_basic.la $(UNIT_LIBS)
tests_unit_basic_test_log_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_basic_test_log_LDADD = libvr_basic.la $(UNIT_LIBS)

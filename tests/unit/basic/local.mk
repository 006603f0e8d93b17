check_PROGRAMS += tests/unit/basic/test_array tests/unit/basic/test_file \
	tests/unit/basic/test_deadline tests/unit/basic/test_log
TESTS += tests/unit/basic/test_array tests/unit/basic/test_file \
	tests/unit/basic/test_deadline tests/unit/basic/test_log
tests_unit_basic_test_array_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_basic_test_array_LDADD = libvr_basic.la $(UNIT_LIBS)
tests_unit_basic_test_file_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_basic_test_file_LDADD = libvr_basic.la $(UNIT_LIBS)
tests_unit_basic_test_log_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_basic_test_log_LDADD = libvr_basic.la $(UNIT_LIBS)
tests_unit_basic_test_deadline_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_basic_test_deadline_LDADD = libvr_basic.la $(UNIT_LIBS) -lpthread

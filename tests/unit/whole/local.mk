# tests/unit/whole: the reader and the engine in one program.
check_PROGRAMS += tests/unit/whole/test_proc_to_value
TESTS += tests/unit/whole/test_proc_to_value
tests_unit_whole_test_proc_to_value_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_whole_test_proc_to_value_LDADD = libvr_test_stream.la libvr_live.la \
	libvr_test_host.la libvr_host.la -lpthread $(UNIT_LIBS) $(JANSSON_LIBS)

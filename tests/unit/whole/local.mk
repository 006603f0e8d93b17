# tests/unit/whole: the reader and the engine in one program.
check_PROGRAMS += tests/unit/whole/test_proc_to_value
TESTS += tests/unit/whole/test_proc_to_value
tests_unit_whole_test_proc_to_value_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_whole_test_proc_to_value_LDADD = libvr_test_stream.la libvr_live.la \
	libvr_test_host.la libvr_host.la -lpthread $(UNIT_LIBS) $(JANSSON_LIBS)

# Who reads which series: the table of signals, held against the readers.
check_PROGRAMS += tests/unit/whole/test_signal_readers
TESTS += tests/unit/whole/test_signal_readers tests/unit/whole/test-signal-readers
EXTRA_DIST += tests/unit/whole/test-signal-readers
tests_unit_whole_test_signal_readers_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_whole_test_signal_readers_LDADD = libvr_top.la libvr_live.la \
	libvr_host.la libvr_topology.la -lpthread $(UNIT_LIBS)

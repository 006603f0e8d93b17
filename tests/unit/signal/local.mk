check_PROGRAMS += tests/unit/signal/test_identifier \
	tests/unit/signal/test_resample
TESTS += tests/unit/signal/test_identifier tests/unit/signal/test_resample
tests_unit_signal_test_identifier_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_signal_test_identifier_LDADD = libvr_signal.la $(UNIT_LIBS)
tests_unit_signal_test_resample_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_signal_test_resample_LDADD = libvr_signal.la $(UNIT_LIBS)

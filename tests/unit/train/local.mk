check_PROGRAMS += tests/unit/train/test_statistics tests/unit/train/test_choose_inputs tests/unit/train/test_totals \
	tests/unit/train/test_truth tests/unit/train/test_sources
TESTS += tests/unit/train/test_statistics tests/unit/train/test_choose_inputs tests/unit/train/test_totals \
	tests/unit/train/test_truth tests/unit/train/test_sources
tests_unit_train_test_statistics_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_train_test_statistics_LDADD = libvr_train.la $(UNIT_LIBS)
tests_unit_train_test_choose_inputs_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_train_test_choose_inputs_LDADD = libvr_train.la $(UNIT_LIBS)
tests_unit_train_test_truth_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_train_test_truth_LDADD = libvr_train.la $(UNIT_LIBS)
tests_unit_train_test_totals_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_train_test_totals_LDADD = libvr_train.la $(UNIT_LIBS)
tests_unit_train_test_sources_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_train_test_sources_LDADD = libvr_train.la $(UNIT_LIBS)

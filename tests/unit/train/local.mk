check_PROGRAMS += tests/unit/train/test_character tests/unit/train/test_select tests/unit/train/test_totals \
	tests/unit/train/test_truth
TESTS += tests/unit/train/test_character tests/unit/train/test_select tests/unit/train/test_totals \
	tests/unit/train/test_truth
tests_unit_train_test_character_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_train_test_character_LDADD = libvr_train.la $(UNIT_LIBS)
tests_unit_train_test_select_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_train_test_select_LDADD = libvr_train.la $(UNIT_LIBS)
tests_unit_train_test_truth_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_train_test_truth_LDADD = libvr_train.la $(UNIT_LIBS)
tests_unit_train_test_totals_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_train_test_totals_LDADD = libvr_train.la $(UNIT_LIBS)

check_PROGRAMS += tests/unit/model/test_arx tests/unit/model/test_model_file \
	tests/unit/model/test_publishable tests/unit/model/test_run
TESTS += tests/unit/model/test_arx tests/unit/model/test_model_file \
	tests/unit/model/test_publishable tests/unit/model/test_run
tests_unit_model_test_arx_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_arx_LDADD = libvr_model.la $(UNIT_LIBS)
tests_unit_model_test_model_file_CPPFLAGS = $(UNIT_CPPFLAGS) \
	-DVR_SOURCE_DIR='"$(abs_top_srcdir)"'
tests_unit_model_test_model_file_LDADD = libvr_model.la $(UNIT_LIBS)

tests_unit_model_test_publishable_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_publishable_LDADD = libvr_model.la $(UNIT_LIBS)
tests_unit_model_test_run_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_run_LDADD = libvr_model.la $(UNIT_LIBS)

check_PROGRAMS += tests/unit/model/test_fit
TESTS += tests/unit/model/test_fit
tests_unit_model_test_fit_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_fit_LDADD = libvr_model.la $(UNIT_LIBS)

check_PROGRAMS += tests/unit/model/test_load_law
TESTS += tests/unit/model/test_load_law
tests_unit_model_test_load_law_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_load_law_LDADD = libvr_model.la $(UNIT_LIBS)

check_PROGRAMS += tests/unit/model/test_ratio
TESTS += tests/unit/model/test_ratio
tests_unit_model_test_ratio_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_ratio_LDADD = libvr_model.la $(UNIT_LIBS)

SYSID_UNITS = \
	tests/unit/sysid/test_correlation \
	tests/unit/sysid/test_fit \
	tests/unit/sysid/test_gram \
	tests/unit/sysid/test_intervals \
	tests/unit/sysid/test_hostile \
	tests/unit/sysid/test_refine \
	tests/unit/sysid/test_regularised \
	tests/unit/sysid/test_search \
	tests/unit/sysid/test_series \
	tests/unit/sysid/test_simulate
check_PROGRAMS += $(SYSID_UNITS)
TESTS += $(SYSID_UNITS)
SYSID_UNIT_CPPFLAGS = $(UNIT_CPPFLAGS) $(GSL_CFLAGS)
SYSID_UNIT_LIBS = libvr_sysid_reference.la libvr_sysid.la $(UNIT_LIBS)

# What several units share: a reference in quadruple precision, and the reader
# of numbers that other programs computed (expected.py: numpy,
# expected.m: Octave).
check_LTLIBRARIES += libvr_sysid_reference.la
libvr_sysid_reference_la_SOURCES = \
	tests/unit/sysid/fixture.c tests/unit/sysid/fixture.h \
	tests/unit/sysid/reference.c tests/unit/sysid/reference.h
libvr_sysid_reference_la_CPPFLAGS = $(SYSID_UNIT_CPPFLAGS)
EXTRA_DIST += tests/unit/sysid/expected.py tests/unit/sysid/expected.m \
	tests/data/sysid/correlation.txt \
	tests/data/sysid/octave.txt \
	tests/data/sysid/ridge.txt \
	tests/data/sysid/series.txt \
	tests/data/sysid/tc.txt

tests_unit_sysid_test_correlation_CPPFLAGS = $(SYSID_UNIT_CPPFLAGS)
tests_unit_sysid_test_correlation_LDADD = $(SYSID_UNIT_LIBS)
tests_unit_sysid_test_fit_CPPFLAGS = $(SYSID_UNIT_CPPFLAGS)
tests_unit_sysid_test_fit_LDADD = $(SYSID_UNIT_LIBS)
tests_unit_sysid_test_refine_CPPFLAGS = $(SYSID_UNIT_CPPFLAGS)
tests_unit_sysid_test_refine_LDADD = $(SYSID_UNIT_LIBS)
tests_unit_sysid_test_regularised_CPPFLAGS = $(SYSID_UNIT_CPPFLAGS)
tests_unit_sysid_test_regularised_LDADD = $(SYSID_UNIT_LIBS)
tests_unit_sysid_test_search_CPPFLAGS = $(SYSID_UNIT_CPPFLAGS)
tests_unit_sysid_test_search_LDADD = $(SYSID_UNIT_LIBS)
tests_unit_sysid_test_series_CPPFLAGS = $(SYSID_UNIT_CPPFLAGS)
tests_unit_sysid_test_series_LDADD = $(SYSID_UNIT_LIBS)
tests_unit_sysid_test_simulate_CPPFLAGS = $(SYSID_UNIT_CPPFLAGS)
tests_unit_sysid_test_simulate_LDADD = $(SYSID_UNIT_LIBS)
tests_unit_sysid_test_hostile_CPPFLAGS = $(SYSID_UNIT_CPPFLAGS)
tests_unit_sysid_test_hostile_LDADD = $(SYSID_UNIT_LIBS)
tests_unit_sysid_test_gram_CPPFLAGS = $(SYSID_UNIT_CPPFLAGS)
tests_unit_sysid_test_gram_LDADD = $(SYSID_UNIT_LIBS)
tests_unit_sysid_test_intervals_CPPFLAGS = $(SYSID_UNIT_CPPFLAGS)
tests_unit_sysid_test_intervals_LDADD = $(SYSID_UNIT_LIBS)

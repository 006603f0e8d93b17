# tests/unit/live: the engine, on streams of values and on directories of models.
check_PROGRAMS += tests/unit/live/test_model_dir
TESTS += tests/unit/live/test_model_dir
tests_unit_live_test_model_dir_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_live_test_model_dir_LDADD = libvr_live.la -lpthread $(UNIT_LIBS)

# The reconstructor, on streams of values.
stream_units = \
	tests/unit/live/test_reconstructor \
	tests/unit/live/test_state_file \
	tests/unit/live/test_stream_drift \
	tests/unit/live/test_stream_faults \
	tests/unit/live/test_stream_hold \
	tests/unit/live/test_stream_hosts \
	tests/unit/live/test_stream_intervals \
	tests/unit/live/test_stream_law \
	tests/unit/live/test_stream_members \
	tests/unit/live/test_stream_range \
	tests/unit/live/test_stream_reasons \
	tests/unit/live/test_stream_reports \
	tests/unit/live/test_stream_names \
	tests/unit/live/test_stream_state \
	tests/unit/live/test_stream_time
check_PROGRAMS += $(stream_units)
TESTS += $(stream_units)
noinst_LTLIBRARIES += libvr_test_stream.la
libvr_test_stream_la_SOURCES = \
	tests/unit/live/stream.c tests/unit/live/stream.h
libvr_test_stream_la_CPPFLAGS = $(UNIT_CPPFLAGS)
stream_libs = libvr_test_stream.la libvr_live.la -lpthread $(UNIT_LIBS)
tests_unit_live_test_reconstructor_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_live_test_reconstructor_LDADD = $(stream_libs)
tests_unit_live_test_state_file_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_live_test_state_file_LDADD = $(stream_libs)
tests_unit_live_test_stream_drift_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_live_test_stream_drift_LDADD = $(stream_libs)
tests_unit_live_test_stream_faults_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_live_test_stream_faults_LDADD = $(stream_libs)
tests_unit_live_test_stream_hold_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_live_test_stream_hold_LDADD = $(stream_libs)
tests_unit_live_test_stream_hosts_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_live_test_stream_hosts_LDADD = $(stream_libs)
tests_unit_live_test_stream_intervals_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_live_test_stream_intervals_LDADD = $(stream_libs)
tests_unit_live_test_stream_law_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_live_test_stream_law_LDADD = $(stream_libs)
tests_unit_live_test_stream_members_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_live_test_stream_members_LDADD = $(stream_libs)
tests_unit_live_test_stream_range_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_live_test_stream_range_LDADD = $(stream_libs)
tests_unit_live_test_stream_reasons_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_live_test_stream_reasons_LDADD = $(stream_libs)
tests_unit_live_test_stream_reports_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_live_test_stream_reports_LDADD = $(stream_libs)
tests_unit_live_test_stream_names_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_live_test_stream_names_LDADD = $(stream_libs)
tests_unit_live_test_stream_state_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_live_test_stream_state_LDADD = $(stream_libs)
tests_unit_live_test_stream_time_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_live_test_stream_time_LDADD = $(stream_libs)

check_PROGRAMS += tests/unit/live/test_stream_offered
TESTS += tests/unit/live/test_stream_offered
tests_unit_live_test_stream_offered_CPPFLAGS = $(UNIT_CPPFLAGS) -DVR_SOURCE_DIR='"$(abs_top_srcdir)"'
tests_unit_live_test_stream_offered_LDADD = $(stream_libs)
check_PROGRAMS += tests/unit/live/test_candidates
TESTS += tests/unit/live/test_candidates
tests_unit_live_test_candidates_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_live_test_candidates_LDADD = libvr_live.la -lpthread $(UNIT_LIBS)

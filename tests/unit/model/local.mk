check_PROGRAMS += tests/unit/model/test_arx tests/unit/model/test_model_file \
	tests/unit/model/test_run
TESTS += tests/unit/model/test_arx tests/unit/model/test_model_file \
	tests/unit/model/test_run
tests_unit_model_test_arx_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_arx_LDADD = libvr_model.la $(UNIT_LIBS)
tests_unit_model_test_model_file_CPPFLAGS = $(UNIT_CPPFLAGS) \
	-DVR_SOURCE_DIR='"$(abs_top_srcdir)"'
tests_unit_model_test_model_file_LDADD = libvr_model.la $(UNIT_LIBS)

check_PROGRAMS += tests/unit/model/test_counters
TESTS += tests/unit/model/test_counters
tests_unit_model_test_counters_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_counters_LDADD = libvr_model.la $(UNIT_LIBS)
check_PROGRAMS += tests/unit/model/test_model_dir
TESTS += tests/unit/model/test_model_dir
tests_unit_model_test_model_dir_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_model_dir_LDADD = libvr_model.la $(UNIT_LIBS)
tests_unit_model_test_run_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_run_LDADD = libvr_model.la $(UNIT_LIBS)

# The reconstructor, on streams of values.
stream_units = \
	tests/unit/model/test_reconstructor \
	tests/unit/model/test_stream_drift \
	tests/unit/model/test_stream_faults \
	tests/unit/model/test_stream_hosts \
	tests/unit/model/test_stream_intervals \
	tests/unit/model/test_stream_range \
	tests/unit/model/test_stream_names \
	tests/unit/model/test_stream_state \
	tests/unit/model/test_stream_time
check_PROGRAMS += $(stream_units)
TESTS += $(stream_units)
noinst_LTLIBRARIES += libvr_test_stream.la
libvr_test_stream_la_SOURCES = \
	tests/unit/model/stream.c tests/unit/model/stream.h
libvr_test_stream_la_CPPFLAGS = $(UNIT_CPPFLAGS)
stream_libs = libvr_test_stream.la libvr_model.la -lpthread $(UNIT_LIBS)
tests_unit_model_test_reconstructor_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_reconstructor_LDADD = $(stream_libs)
tests_unit_model_test_stream_drift_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_stream_drift_LDADD = $(stream_libs)
tests_unit_model_test_stream_faults_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_stream_faults_LDADD = $(stream_libs)
tests_unit_model_test_stream_hosts_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_stream_hosts_LDADD = $(stream_libs)
tests_unit_model_test_stream_intervals_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_stream_intervals_LDADD = $(stream_libs)
tests_unit_model_test_stream_range_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_stream_range_LDADD = $(stream_libs)
tests_unit_model_test_stream_names_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_stream_names_LDADD = $(stream_libs)
tests_unit_model_test_stream_state_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_stream_state_LDADD = $(stream_libs)
tests_unit_model_test_stream_time_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_model_test_stream_time_LDADD = $(stream_libs)

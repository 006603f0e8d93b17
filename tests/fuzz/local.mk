# tests/fuzz: damaged input.
check_PROGRAMS += tests/fuzz/fuzz-inputs
TESTS += tests/fuzz/test-fuzz-inputs
EXTRA_DIST += tests/fuzz/test-fuzz-inputs
tests_fuzz_fuzz_inputs_CPPFLAGS = $(AM_CPPFLAGS) $(RRD_CFLAGS)
tests_fuzz_fuzz_inputs_LDADD = libvr_archive.la libvr_model.la libvr_basic.la \
	$(RRD_LIBS) -lm

# tests/fuzz: damaged input.
check_PROGRAMS += tests/fuzz/fuzz-inputs
TESTS += tests/fuzz/test-fuzz-inputs
EXTRA_DIST += tests/fuzz/test-fuzz-inputs
tests_fuzz_fuzz_inputs_CPPFLAGS = $(TRAIN_CPPFLAGS)
tests_fuzz_fuzz_inputs_LDADD = libvr_train.la -lpthread

# tests/unit/traffic: the program that counts frames, and who its peers are.
# What needs a kernel's taps needs root, and is skipped without.
traffic_units = \
	tests/unit/traffic/test_counting_program \
	tests/unit/traffic/test_frame_counter \
	tests/unit/traffic/test_nics \
	tests/unit/traffic/test_peers
check_PROGRAMS += $(traffic_units)
TESTS += $(traffic_units)
traffic_unit_libs = libvr_traffic.la libvr_host.la $(UNIT_LIBS)
tests_unit_traffic_test_frame_counter_SOURCES = \
	tests/unit/traffic/test_frame_counter.c \
	tests/tools/tap_frames.c tests/tools/tap_frames.h
tests_unit_traffic_test_frame_counter_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_traffic_test_frame_counter_LDADD = $(traffic_unit_libs)
tests_unit_traffic_test_peers_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_traffic_test_peers_LDADD = $(traffic_unit_libs)
tests_unit_traffic_test_nics_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_traffic_test_nics_LDADD = $(traffic_unit_libs)
tests_unit_traffic_test_counting_program_SOURCES = \
	tests/unit/traffic/test_counting_program.c \
	tests/unit/traffic/bpf_machine.c tests/unit/traffic/bpf_machine.h
tests_unit_traffic_test_counting_program_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_traffic_test_counting_program_LDADD = $(traffic_unit_libs)

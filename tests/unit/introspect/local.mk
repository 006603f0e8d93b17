introspect_units = \
	tests/unit/introspect/test_alive \
	tests/unit/introspect/test_btf \
	tests/unit/introspect/test_clock \
	tests/unit/introspect/test_gmem \
	tests/unit/introspect/test_hostile \
	tests/unit/introspect/test_introspect \
	tests/unit/introspect/test_kernel \
	tests/unit/introspect/test_liar \
	tests/unit/introspect/test_maps \
	tests/unit/introspect/test_permission \
	tests/unit/introspect/test_turns \
	tests/unit/introspect/test_vanish \
	tests/unit/introspect/test_watch
check_PROGRAMS += $(introspect_units)
TESTS += $(introspect_units)

introspect_fake = tests/unit/introspect/fake_kernel.c \
	tests/unit/introspect/fake_kernel.h
introspect_guest = $(introspect_fake) tests/unit/introspect/fake_guest.c \
	tests/unit/introspect/fake_guest.h
introspect_libs = libvr_introspect.la libvr_host.la $(UNIT_LIBS)

tests_unit_introspect_test_alive_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_introspect_test_alive_LDADD = $(introspect_libs)
tests_unit_introspect_test_btf_SOURCES = \
	tests/unit/introspect/test_btf.c $(introspect_fake)
tests_unit_introspect_test_btf_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_introspect_test_btf_LDADD = $(introspect_libs)
tests_unit_introspect_test_clock_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_introspect_test_clock_LDADD = $(introspect_libs)
tests_unit_introspect_test_gmem_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_introspect_test_gmem_LDADD = $(introspect_libs)
tests_unit_introspect_test_hostile_SOURCES = \
	tests/unit/introspect/test_hostile.c $(introspect_fake)
tests_unit_introspect_test_hostile_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_introspect_test_hostile_LDADD = $(introspect_libs)
tests_unit_introspect_test_introspect_SOURCES = \
	tests/unit/introspect/test_introspect.c $(introspect_guest)
tests_unit_introspect_test_introspect_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_introspect_test_introspect_LDADD = $(introspect_libs)
tests_unit_introspect_test_kernel_SOURCES = \
	tests/unit/introspect/test_kernel.c $(introspect_fake)
tests_unit_introspect_test_kernel_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_introspect_test_kernel_LDADD = $(introspect_libs)
tests_unit_introspect_test_liar_SOURCES = \
	tests/unit/introspect/test_liar.c $(introspect_guest)
tests_unit_introspect_test_liar_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_introspect_test_liar_LDADD = $(introspect_libs)
tests_unit_introspect_test_maps_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_introspect_test_maps_LDADD = $(introspect_libs)
tests_unit_introspect_test_turns_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_introspect_test_turns_LDADD = $(introspect_libs)
tests_unit_introspect_test_vanish_SOURCES = \
	tests/unit/introspect/test_vanish.c $(introspect_guest)
tests_unit_introspect_test_vanish_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_introspect_test_vanish_LDADD = $(introspect_libs)
tests_unit_introspect_test_watch_SOURCES = \
	tests/unit/introspect/test_watch.c $(introspect_guest)
tests_unit_introspect_test_watch_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_introspect_test_watch_LDADD = $(introspect_libs)
tests_unit_introspect_test_watch_LDFLAGS = -Wl,--wrap=process_vm_readv
tests_unit_introspect_test_permission_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_introspect_test_permission_LDADD = $(introspect_libs)

# tests/unit/overlay: decisions of the overlay, which know no kernel.
overlay_units = \
	tests/unit/overlay/test_announcement \
	tests/unit/overlay/test_arrival \
	tests/unit/overlay/test_locations \
	tests/unit/overlay/test_overlay_plan \
	tests/unit/overlay/test_ways
check_PROGRAMS += $(overlay_units)
TESTS += $(overlay_units)
overlay_unit_cppflags = $(UNIT_CPPFLAGS) $(MNL_CFLAGS)
overlay_unit_libs = libvr_overlay.la libvr_host.la $(UNIT_LIBS)
tests_unit_overlay_test_announcement_CPPFLAGS = $(overlay_unit_cppflags)
tests_unit_overlay_test_announcement_LDADD = $(overlay_unit_libs)
tests_unit_overlay_test_arrival_CPPFLAGS = $(overlay_unit_cppflags)
tests_unit_overlay_test_arrival_LDADD = $(overlay_unit_libs)
tests_unit_overlay_test_locations_CPPFLAGS = $(overlay_unit_cppflags)
tests_unit_overlay_test_locations_LDADD = $(overlay_unit_libs)
tests_unit_overlay_test_overlay_plan_CPPFLAGS = $(overlay_unit_cppflags)
tests_unit_overlay_test_overlay_plan_LDADD = $(overlay_unit_libs)
tests_unit_overlay_test_ways_CPPFLAGS = $(overlay_unit_cppflags)
tests_unit_overlay_test_ways_LDADD = $(overlay_unit_libs)

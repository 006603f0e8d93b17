check_PROGRAMS += tests/unit/archive/test_table tests/unit/archive/test_tree
TESTS += tests/unit/archive/test_table tests/unit/archive/test_tree
tests_unit_archive_test_table_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_archive_test_table_LDADD = libvr_archive.la $(UNIT_LIBS)
tests_unit_archive_test_tree_CPPFLAGS = $(UNIT_CPPFLAGS) $(RRD_CFLAGS)
tests_unit_archive_test_tree_LDADD = libvr_archive.la $(RRD_LIBS) $(UNIT_LIBS)

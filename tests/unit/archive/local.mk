check_PROGRAMS += tests/unit/archive/test_table tests/unit/archive/test_tree
TESTS += tests/unit/archive/test_table tests/unit/archive/test_tree
tests_unit_archive_test_table_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_archive_test_table_LDADD = libvr_archive.la $(UNIT_LIBS)
tests_unit_archive_test_tree_CPPFLAGS = $(UNIT_CPPFLAGS) $(RRD_CFLAGS)
tests_unit_archive_test_tree_LDADD = libvr_archive.la $(RRD_LIBS) $(UNIT_LIBS)
check_PROGRAMS += tests/unit/archive/test_csv_faults
TESTS += tests/unit/archive/test_csv_faults
tests_unit_archive_test_csv_faults_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_archive_test_csv_faults_LDADD = libvr_archive.la $(UNIT_LIBS)
check_PROGRAMS += tests/unit/archive/test_odd_archives
TESTS += tests/unit/archive/test_odd_archives
tests_unit_archive_test_odd_archives_CPPFLAGS = $(UNIT_CPPFLAGS) $(RRD_CFLAGS)
tests_unit_archive_test_odd_archives_LDADD = libvr_archive.la $(RRD_LIBS) \
	$(UNIT_LIBS)

TRAIN_UNITS = \
	tests/unit/train/test_choose_inputs \
	tests/unit/train/test_clock \
	tests/unit/train/test_commands \
	tests/unit/train/test_cpu_law \
	tests/unit/train/test_fall_back \
	tests/unit/train/test_fit_intervals \
	tests/unit/train/test_folds \
	tests/unit/train/test_full_names \
	tests/unit/train/test_judge \
	tests/unit/train/test_page \
	tests/unit/train/test_pool \
	tests/unit/train/test_prefer_known \
	tests/unit/train/test_regression \
	tests/unit/train/test_member_sums \
	tests/unit/train/test_sources \
	tests/unit/train/test_standing \
	tests/unit/train/test_statistics \
	tests/unit/train/test_totals \
	tests/unit/train/test_train_guest \
	tests/unit/train/test_truth \
	tests/unit/train/test_usage \
	tests/unit/train/test_odd_forms \
	tests/unit/train/test_generations \
	tests/unit/train/test_retrain \
	tests/unit/train/test_pool_many \
	tests/unit/train/test_outer \
	tests/unit/train/test_finer_host \
	tests/unit/train/test_give_way \
	tests/unit/train/test_level_truths \
	tests/unit/train/test_derived
check_PROGRAMS += $(TRAIN_UNITS)
TESTS += $(TRAIN_UNITS)
TRAIN_UNIT_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
EXTRA_DIST += tests/unit/train/expected.py

# Archives that several units write, with known laws.
check_LTLIBRARIES += libvr_train_recording.la
libvr_train_recording_la_SOURCES = \
	tests/unit/train/captured.c tests/unit/train/captured.h \
	tests/unit/train/recording.c tests/unit/train/recording.h
libvr_train_recording_la_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
TRAIN_UNIT_LIBS = libvr_train_recording.la libvr_train.la $(UNIT_LIBS)

tests_unit_train_test_choose_inputs_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_choose_inputs_LDADD = libvr_train.la $(UNIT_LIBS)
tests_unit_train_test_clock_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_clock_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_commands_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_commands_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_cpu_law_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_cpu_law_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_fall_back_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_fall_back_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_fit_intervals_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_fit_intervals_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_folds_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_folds_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_full_names_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_full_names_LDADD = libvr_train.la $(UNIT_LIBS)
tests_unit_train_test_judge_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_judge_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_page_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_page_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_pool_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_pool_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_prefer_known_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_prefer_known_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_regression_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_regression_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_member_sums_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_member_sums_LDADD = libvr_train.la $(UNIT_LIBS)
tests_unit_train_test_sources_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_sources_LDADD = libvr_train.la $(UNIT_LIBS)
tests_unit_train_test_standing_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_standing_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_statistics_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_statistics_LDADD = libvr_train.la $(UNIT_LIBS)
tests_unit_train_test_totals_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_totals_LDADD = libvr_train.la $(UNIT_LIBS)
tests_unit_train_test_train_guest_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_train_guest_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_truth_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_truth_LDADD = libvr_train.la $(UNIT_LIBS)
tests_unit_train_test_odd_forms_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_odd_forms_LDADD = libvr_train.la $(UNIT_LIBS)
tests_unit_train_test_usage_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_usage_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_generations_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_generations_LDADD = libvr_train.la $(UNIT_LIBS)
tests_unit_train_test_generations_LDFLAGS = -Wl,--wrap=rename,--wrap=renameat2
tests_unit_train_test_retrain_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_retrain_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_pool_many_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_pool_many_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_finer_host_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_finer_host_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_outer_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_outer_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_give_way_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_give_way_LDADD = $(TRAIN_UNIT_LIBS)
tests_unit_train_test_level_truths_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_level_truths_LDADD = $(TRAIN_UNIT_LIBS)

tests_unit_train_test_derived_CPPFLAGS = $(TRAIN_UNIT_CPPFLAGS)
tests_unit_train_test_derived_LDADD = $(TRAIN_UNIT_LIBS)

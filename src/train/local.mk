# src/train: vmrecon-train. Everything but main() is a library, for the tests.
noinst_LTLIBRARIES += libvr_train.la
libvr_train_la_SOURCES = \
	src/train/cli/model_files.c \
	src/train/cli/model_files.h \
	src/train/cli/options.c \
	src/train/cli/options.h \
	src/train/cli/progress.c \
	src/train/cli/progress.h \
	src/train/data/added_sources.c \
	src/train/data/definitions.c \
	src/train/data/definitions.h \
	src/train/data/guest_data.c \
	src/train/data/guest_data.h \
	src/train/data/pairs.c \
	src/train/data/pairs.h \
	src/train/data/reader.c \
	src/train/data/reader.h \
	src/train/data/sources.c \
	src/train/data/sources.h \
	src/train/data/totals.c \
	src/train/data/totals.h \
	src/train/data/truth.c \
	src/train/data/truth.h \
	src/train/evaluate/compare_truths.c \
	src/train/evaluate/compare_truths.h \
	src/train/evaluate/diagnosis.c \
	src/train/evaluate/diagnosis.h \
	src/train/evaluate/score.c \
	src/train/evaluate/score.h \
	src/train/evaluate/statistics.c \
	src/train/evaluate/statistics.h \
	src/train/fit/adopt_known.c \
	src/train/fit/adopt_known.h \
	src/train/fit/choose_inputs.c \
	src/train/fit/choose_inputs.h \
	src/train/fit/defined.c \
	src/train/fit/defined.h \
	src/train/fit/features.c \
	src/train/fit/features.h \
	src/train/fit/fit_intervals.c \
	src/train/fit/fit_intervals.h \
	src/train/fit/fit_orders.c \
	src/train/fit/fit_orders.h \
	src/train/fit/folds.c \
	src/train/fit/folds.h \
	src/train/fit/infer.c \
	src/train/fit/infer.h \
	src/train/fit/model_run.c \
	src/train/fit/model_run.h \
	src/train/fit/physics.c \
	src/train/fit/physics.h \
	src/train/fit/pool.c \
	src/train/fit/pool.h \
	src/train/fit/train_guest.c \
	src/train/fit/train_guest.h \
	src/train/report/characterise.c \
	src/train/report/characterise.h \
	src/train/report/correlation_report.c \
	src/train/report/correlation_report.h \
	src/train/report/guest_report.c \
	src/train/report/guest_report.h \
	src/train/report/list.c \
	src/train/report/list.h \
	src/train/report/numbers.c \
	src/train/report/numbers.h \
	src/train/report/pool_report.c \
	src/train/report/score_report.c \
	src/train/table/table_fit.c \
	src/train/table/table_fit.h \
	src/train/table/table_refine.c \
	src/train/table/table_refine.h \
	src/train/table/table_report.c
TRAIN_CPPFLAGS = $(AM_CPPFLAGS) $(GSL_CFLAGS) $(RRD_CFLAGS) $(JANSSON_CFLAGS)
libvr_train_la_CPPFLAGS = $(TRAIN_CPPFLAGS)
libvr_train_la_LIBADD = libvr_archive.la libvr_sysid.la libvr_model.la \
	libvr_signal.la libvr_basic.la $(GSL_LIBS) $(RRD_LIBS) $(JANSSON_LIBS) -lm

bin_PROGRAMS += vmrecon-train
vmrecon_train_SOURCES = src/train/cli/main.c \
	src/train/cli/command_characterise.c \
	src/train/cli/commands.h \
	src/train/cli/command_common.c \
	src/train/cli/command_compare.c \
	src/train/cli/command_list.c \
	src/train/cli/command_pool.c \
	src/train/cli/command_score.c \
	src/train/cli/command_table.c \
	src/train/cli/command_train.c
vmrecon_train_CPPFLAGS = $(TRAIN_CPPFLAGS)
vmrecon_train_LDADD = libvr_train.la -lpthread

# src/train: vmrecon-train. Everything but main() is a library, for the tests.
noinst_LTLIBRARIES += libvr_train.la
libvr_train_la_SOURCES = \
	src/train/added_sources.c \
	src/train/character.c src/train/character.h \
	src/train/characterise.c src/train/characterise.h \
	src/train/compare.c src/train/compare.h \
	src/train/correlation_report.c src/train/correlation_report.h \
	src/train/defined.c src/train/defined.h \
	src/train/definitions.c src/train/definitions.h \
	src/train/diagnosis.c src/train/diagnosis.h \
	src/train/features.c src/train/features.h \
	src/train/folds.c src/train/folds.h \
	src/train/guest_data.c src/train/guest_data.h \
	src/train/infer.c src/train/infer.h \
	src/train/intervals.c src/train/intervals.h \
	src/train/known.c src/train/known.h \
	src/train/list.c src/train/list.h \
	src/train/models.c src/train/models.h \
	src/train/options.c src/train/options.h \
	src/train/numbers.c src/train/numbers.h \
	src/train/orders.c src/train/orders.h \
	src/train/pairs.c src/train/pairs.h \
	src/train/physics.c src/train/physics.h \
	src/train/pool.c src/train/pool.h src/train/pool_report.c \
	src/train/progress.c src/train/progress.h \
	src/train/reader.c src/train/reader.h \
	src/train/report.c src/train/report.h \
	src/train/run.c src/train/run.h \
	src/train/score.c src/train/score_report.c src/train/score.h \
	src/train/select.c src/train/select.h \
	src/train/sources.c src/train/sources.h \
	src/train/table_fit.c src/train/table_fit.h src/train/table_report.c \
	src/train/table_refine.c src/train/table_refine.h \
	src/train/totals.c src/train/totals.h \
	src/train/train.c src/train/train.h \
	src/train/truth.c src/train/truth.h
TRAIN_CPPFLAGS = $(AM_CPPFLAGS) $(GSL_CFLAGS) $(RRD_CFLAGS) $(JANSSON_CFLAGS)
libvr_train_la_CPPFLAGS = $(TRAIN_CPPFLAGS)
libvr_train_la_LIBADD = libvr_archive.la libvr_sysid.la libvr_model.la \
	libvr_signal.la libvr_basic.la $(GSL_LIBS) $(RRD_LIBS) $(JANSSON_LIBS) -lm

bin_PROGRAMS += vmrecon-train
vmrecon_train_SOURCES = src/train/main.c \
	src/train/commands/characterise.c \
	src/train/commands/commands.h \
	src/train/commands/common.c \
	src/train/commands/compare.c \
	src/train/commands/list.c \
	src/train/commands/pool.c \
	src/train/commands/score.c \
	src/train/commands/table.c \
	src/train/commands/train.c
vmrecon_train_CPPFLAGS = $(TRAIN_CPPFLAGS)
vmrecon_train_LDADD = libvr_train.la -lpthread

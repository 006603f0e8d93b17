# src/model: the ARX model, its free run, its file, and the reconstructor.
noinst_LTLIBRARIES += libvr_model.la
libvr_model_la_SOURCES = \
	src/model/alarms.c \
	src/model/arx.c src/model/arx.h \
	src/model/binding.c \
	src/model/catalog.c src/model/catalog.h \
	src/model/counters.c src/model/counters.h \
	src/model/describe.c \
	src/model/drift.c src/model/drift.h \
	src/model/excursion.c src/model/excursion.h \
	src/model/guest.c src/model/guest.h \
	src/model/hosts.c src/model/hosts.h \
	src/model/intervals.c src/model/intervals.h \
	src/model/load_filter.c src/model/load_filter.h \
	src/model/lock.h \
	src/model/model.c src/model/model.h \
	src/model/model_dir.c src/model/model_dir.h \
	src/model/model_file_read.c src/model/model_file_write.c \
	src/model/namesakes.c src/model/namesakes.h \
	src/model/notices.c src/model/notices.h \
	src/model/reconstructor.c src/model/reconstructor.h \
	src/model/reconstructor_internal.h \
	src/model/quality.c src/model/quality.h \
	src/model/run.c src/model/run.h \
	src/model/state_file.c \
	src/model/text.c src/model/text.h
libvr_model_la_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
libvr_model_la_LIBADD = libvr_signal.la libvr_basic.la $(JANSSON_LIBS) -lm

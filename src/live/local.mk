# src/live: the concurrent engine that turns host values into guest values.
noinst_LTLIBRARIES += libvr_live.la
libvr_live_la_SOURCES = \
	src/live/alarms.c \
	src/live/binding.c \
	src/live/catalog.c \
	src/live/catalog.h \
	src/live/describe.c \
	src/live/drift.c \
	src/live/drift.h \
	src/live/duplicates.c \
	src/live/duplicates.h \
	src/live/guest.c \
	src/live/guest.h \
	src/live/hosts.c \
	src/live/hosts.h \
	src/live/model_dir.c \
	src/live/model_dir.h \
	src/live/notices.c \
	src/live/notices.h \
	src/live/quality.c \
	src/live/quality.h \
	src/live/reconstructor.c \
	src/live/reconstructor.h \
	src/live/reconstructor_internal.h \
	src/live/state_file.c
libvr_live_la_LIBADD = libvr_model.la -lpthread

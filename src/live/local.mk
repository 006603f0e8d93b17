# src/live: the concurrent engine that turns host values into guest values.
noinst_LTLIBRARIES += libvr_live.la
libvr_live_la_SOURCES = \
	src/live/alarms.c \
	src/live/alarms.h \
	src/live/answer.h \
	src/live/binding.c \
	src/live/binding.h \
	src/live/catalog.c \
	src/live/catalog.h \
	src/live/choose.c \
	src/live/choose.h \
	src/live/describe.c \
	src/live/describe.h \
	src/live/drift.c \
	src/live/drift.h \
	src/live/duplicates.c \
	src/live/duplicates.h \
	src/live/feed.c \
	src/live/feed.h \
	src/live/fingerprint.c \
	src/live/fingerprint.h \
	src/live/guest.c \
	src/live/guest.h \
	src/live/guest_series.c \
	src/live/guest_series.h \
	src/live/guest_state.h \
	src/live/guest_table.c \
	src/live/guest_table.h \
	src/live/hosts.c \
	src/live/hosts.h \
	src/live/input_history.c \
	src/live/input_history.h \
	src/live/live_options.c \
	src/live/live_options.h \
	src/live/memory.c \
	src/live/memory.h \
	src/live/migration.c \
	src/live/migration.h \
	src/live/model_dir.c \
	src/live/model_dir.h \
	src/live/newcomers.c \
	src/live/newcomers.h \
	src/live/notices.c \
	src/live/notices.h \
	src/live/presence.c \
	src/live/presence.h \
	src/live/quality.c \
	src/live/quality.h \
	src/live/rate_group.c \
	src/live/rate_group.h \
	src/live/reconstructor.c \
	src/live/reconstructor.h \
	src/live/state_file.c \
	src/live/state_file.h \
	src/live/state_line.c \
	src/live/state_line.h \
	src/live/tick.c \
	src/live/tick.h \
	src/live/total.c \
	src/live/total.h \
	src/live/waiting.c \
	src/live/waiting.h
libvr_live_la_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
libvr_live_la_LIBADD = libvr_model.la $(JANSSON_LIBS) -lpthread

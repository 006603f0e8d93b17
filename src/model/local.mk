# src/model: the ARX model, its free run, and its file.
noinst_LTLIBRARIES += libvr_model.la
libvr_model_la_SOURCES = \
	src/model/arx.c \
	src/model/arx.h \
	src/model/fit.c \
	src/model/fit.h \
	src/model/interval.c \
	src/model/interval.h \
	src/model/json_reader.c \
	src/model/json_reader.h \
	src/model/load_filter.c \
	src/model/load_filter.h \
	src/model/load_law.c \
	src/model/load_law.h \
	src/model/model.c \
	src/model/model.h \
	src/model/model_file_read.c \
	src/model/model_file_write.c \
	src/model/publishable.c \
	src/model/publishable.h \
	src/model/range.c \
	src/model/range.h \
	src/model/ratio.c \
	src/model/ratio.h \
	src/model/replay.c \
	src/model/run.c \
	src/model/run.h \
	src/model/same.c \
	src/model/same.h \
	src/model/units.c \
	src/model/units.h
libvr_model_la_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
libvr_model_la_LIBADD = libvr_signal.la libvr_schema.la libvr_basic.la $(JANSSON_LIBS) -lm

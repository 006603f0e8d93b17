# src/archive: readers of recorded history.
noinst_LTLIBRARIES += libvr_archive.la
libvr_archive_la_SOURCES = \
	src/archive/archive.c \
	src/archive/archive.h \
	src/archive/cells.c \
	src/archive/cells.h \
	src/archive/columns.c \
	src/archive/columns.h \
	src/archive/csv.c \
	src/archive/csv.h \
	src/archive/csv_order.c \
	src/archive/csv_order.h \
	src/archive/csv_samples.c \
	src/archive/csv_samples.h \
	src/archive/directories.c \
	src/archive/directories.h \
	src/archive/history.c \
	src/archive/rrd.c \
	src/archive/rrd.h \
	src/archive/rrd_header.c \
	src/archive/rrd_header.h \
	src/archive/rrdcached.c \
	src/archive/rrdcached.h \
	src/archive/unlisted.c \
	src/archive/unlisted.h
libvr_archive_la_CPPFLAGS = $(AM_CPPFLAGS) $(RRD_CFLAGS)
libvr_archive_la_LIBADD = libvr_signal.la libvr_basic.la $(RRD_LIBS) -lm

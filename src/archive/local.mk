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
	src/archive/directories.c \
	src/archive/directories.h \
	src/archive/history.c \
	src/archive/prometheus.c \
	src/archive/prometheus.h \
	src/archive/prometheus_names.c \
	src/archive/prometheus_names.h \
	src/archive/prometheus_open.c \
	src/archive/prometheus_query.c \
	src/archive/prometheus_query.h \
	src/archive/prometheus_slices.c \
	src/archive/prometheus_slices.h \
	src/archive/prometheus_transport.c \
	src/archive/prometheus_transport.h \
	src/archive/rrd.c \
	src/archive/rrd.h \
	src/archive/rrd_header.c \
	src/archive/rrd_header.h \
	src/archive/rrdcached.c \
	src/archive/rrdcached.h \
	src/archive/sampled.c \
	src/archive/sampled.h \
	src/archive/samples.c \
	src/archive/samples.h \
	src/archive/unlisted.c \
	src/archive/unlisted.h
libvr_archive_la_CPPFLAGS = $(AM_CPPFLAGS) $(RRD_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS)
libvr_archive_la_LIBADD = libvr_signal.la libvr_basic.la $(RRD_LIBS) \
	$(CURL_LIBS) $(JANSSON_LIBS) -lm

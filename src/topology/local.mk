# src/topology: patterns of traffic between guests, and placement advice.
noinst_LTLIBRARIES += libvr_topology.la
libvr_topology_la_SOURCES = \
	src/topology/advice.c \
	src/topology/advice.h \
	src/topology/advice_print.c \
	src/topology/advice_state.c \
	src/topology/advice_state.h \
	src/topology/applications.c \
	src/topology/applications.h \
	src/topology/classify.c \
	src/topology/classify.h \
	src/topology/dwell.c \
	src/topology/dwell.h \
	src/topology/embed.c \
	src/topology/embed.h \
	src/topology/escape.c \
	src/topology/escape.h \
	src/topology/groups.c \
	src/topology/groups.h \
	src/topology/index.c \
	src/topology/index.h \
	src/topology/instance.h \
	src/topology/instance_read.c \
	src/topology/instance_write.c \
	src/topology/ledger.c \
	src/topology/ledger.h \
	src/topology/likelihood.c \
	src/topology/likelihood.h \
	src/topology/placement.c \
	src/topology/placement.h \
	src/topology/template.c \
	src/topology/template.h \
	src/topology/topology.c \
	src/topology/topology.h \
	src/topology/windows.c \
	src/topology/windows.h
libvr_topology_la_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
libvr_topology_la_LIBADD = libvr_signal.la libvr_basic.la $(JANSSON_LIBS) -lm

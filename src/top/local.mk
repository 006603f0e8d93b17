# src/top: guests as a table, for vmrecon-top. No terminal in here.
noinst_LTLIBRARIES += libvr_top.la
libvr_top_la_SOURCES = \
	src/top/top_cells.c \
	src/top/top_cells.h \
	src/top/top_columns.c \
	src/top/top_columns.h \
	src/top/top_daemon.c \
	src/top/top_daemon.h \
	src/top/top_detail.c \
	src/top/top_detail.h \
	src/top/top_guests.c \
	src/top/top_guests.h \
	src/top/top_help.c \
	src/top/top_help.h \
	src/top/top_keys.c \
	src/top/top_keys.h \
	src/top/top_layout.c \
	src/top/top_layout.h \
	src/top/top_line.c \
	src/top/top_line.h \
	src/top/top_link.c \
	src/top/top_link.h \
	src/top/top_machine.c \
	src/top/top_machine.h \
	src/top/top_options.c \
	src/top/top_options.h \
	src/top/top_print.c \
	src/top/top_print.h \
	src/top/top_rhythm.c \
	src/top/top_rhythm.h \
	src/top/top_source.c \
	src/top/top_source.h \
	src/top/top_view.c \
	src/top/top_view.h \
	src/top/top_wanted.c \
	src/top/top_wanted.h
libvr_top_la_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
# Whoever links it links libvr_live and libvr_host as well.

if HAVE_NCURSES
bin_PROGRAMS += vmrecon-top
dist_man_MANS += docs/vmrecon-top.1
vmrecon_top_SOURCES = src/tools/vmrecon-top.c \
	src/tools/vmrecon-top-screen.c \
	src/tools/vmrecon-top-screen.h
vmrecon_top_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(NCURSES_CFLAGS)
vmrecon_top_LDADD = libvr_top.la libvr_live.la libvr_host.la $(NCURSES_LIBS) -lpthread -lm
endif HAVE_NCURSES

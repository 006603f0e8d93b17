# src/tools: programs that belong to no single room. The others' lists are in the
# rooms that they are about.

# For machines that have nothing of ours, and minimal guests: of the libraries that
# src/host may use nothing is needed here.
bin_PROGRAMS += vmrecon-ns
dist_man_MANS += docs/vmrecon-ns.1
vmrecon_ns_SOURCES = \
	src/tools/close_output.h \
	src/tools/ended.h \
	src/tools/vmrecon-ns.c \
	src/tools/vmrecon-ns-print.c \
	src/tools/vmrecon-ns-print.h \
	src/tools/vmrecon-ns-read.c \
	src/tools/vmrecon-ns-read.h
vmrecon_ns_CPPFLAGS = $(AM_CPPFLAGS)
vmrecon_ns_LDFLAGS = $(AM_LDFLAGS) -Wl,--as-needed
vmrecon_ns_LDADD = libvr_host.la libvr_schema.la libvr_basic.la -lm

# Plays traces of load, also inside a minimal guest: needs libc and libm.
bin_PROGRAMS += vmrecon-play
dist_man_MANS += docs/vmrecon-play.1
vmrecon_play_SOURCES = \
	src/tools/close_output.h \
	src/tools/ended.h \
	src/tools/vmrecon-play.c \
	src/tools/vmrecon-play-acts.c \
	src/tools/vmrecon-play-acts.h \
	src/tools/vmrecon-play-bytes.c \
	src/tools/vmrecon-play-clock.h \
	src/tools/vmrecon-play-cpu.c \
	src/tools/vmrecon-play-cpu.h \
	src/tools/vmrecon-play-generate.c \
	src/tools/vmrecon-play-generate.h \
	src/tools/vmrecon-play-invert.c \
	src/tools/vmrecon-play-invert.h \
	src/tools/vmrecon-play-kinds.c \
	src/tools/vmrecon-play-kinds.h \
	src/tools/vmrecon-play-machine.c \
	src/tools/vmrecon-play-machine.h \
	src/tools/vmrecon-play-noise.c \
	src/tools/vmrecon-play-noise.h \
	src/tools/vmrecon-play-options.c \
	src/tools/vmrecon-play-options.h \
	src/tools/vmrecon-play-player.c \
	src/tools/vmrecon-play-player.h \
	src/tools/vmrecon-play-random.h \
	src/tools/vmrecon-play-rrd.c \
	src/tools/vmrecon-play-rrd.h \
	src/tools/vmrecon-play-score.c \
	src/tools/vmrecon-play-score.h \
	src/tools/vmrecon-play-trace.c \
	src/tools/vmrecon-play-trace.h
vmrecon_play_CPPFLAGS = $(AM_CPPFLAGS)
vmrecon_play_LDFLAGS = $(AM_LDFLAGS) -Wl,--as-needed
vmrecon_play_LDADD = libvr_host.la libvr_model.la libvr_schema.la libvr_basic.la -lm

# src/topology: patterns of traffic between guests, and placement advice.
noinst_LTLIBRARIES += libvr_topology.la
libvr_topology_la_SOURCES = \
	src/topology/advice.c \
	src/topology/advice.h \
	src/topology/advice_anneal.c \
	src/topology/advice_anneal.h \
	src/topology/advice_print.c \
	src/topology/advice_state.c \
	src/topology/advice_state.h \
	src/topology/advice_step.h \
	src/topology/applications.c \
	src/topology/applications.h \
	src/topology/classify.c \
	src/topology/classify.h \
	src/topology/conservation.c \
	src/topology/conservation.h \
	src/topology/dwell.c \
	src/topology/dwell.h \
	src/topology/edges.c \
	src/topology/edges.h \
	src/topology/embed.c \
	src/topology/embed.h \
	src/topology/escape.c \
	src/topology/escape.h \
	src/topology/fdb.c \
	src/topology/fdb.h \
	src/topology/groups.c \
	src/topology/groups.h \
	src/topology/index.c \
	src/topology/index.h \
	src/topology/instance.h \
	src/topology/instance_read.c \
	src/topology/instance_seen.c \
	src/topology/instance_seen.h \
	src/topology/instance_underlay.c \
	src/topology/instance_underlay.h \
	src/topology/instance_write.c \
	src/topology/ledger.c \
	src/topology/ledger.h \
	src/topology/likelihood.c \
	src/topology/likelihood.h \
	src/topology/underlay.c \
	src/topology/underlay.h \
	src/topology/observer.c \
	src/topology/observer.h \
	src/topology/parse_json.c \
	src/topology/parse_json.h \
	src/topology/paths.c \
	src/topology/paths.h \
	src/topology/paths_demands.c \
	src/topology/paths_find.c \
	src/topology/paths_keeper.c \
	src/topology/paths_keeper.h \
	src/topology/paths_print.c \
	src/topology/paths_print.h \
	src/topology/paths_rates.c \
	src/topology/paths_rates.h \
	src/topology/placement.c \
	src/topology/placement.h \
	src/topology/roster.c \
	src/topology/roster.h \
	src/topology/survey.c \
	src/topology/survey.h \
	src/topology/template.c \
	src/topology/template.h \
	src/topology/topology.c \
	src/topology/topology.h \
	src/topology/windows.c \
	src/topology/windows.h \
	src/topology/windows_file.c \
	src/topology/windows_file.h
libvr_topology_la_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
libvr_topology_la_LIBADD = libvr_signal.la libvr_basic.la $(JANSSON_LIBS) -lm

# It reads archives, as the trainer does.
if TRAINER
bin_PROGRAMS += vmrecon-net
vmrecon_net_SOURCES = src/tools/vmrecon-net.c \
	src/tools/vmrecon-net-archive.c \
	src/tools/vmrecon-net-archive.h \
	src/tools/vmrecon-net-doctor.c \
	src/tools/vmrecon-net-doctor.h \
	src/tools/vmrecon-net-input.c \
	src/tools/vmrecon-net-input.h \
	src/tools/vmrecon-net-options.c \
	src/tools/vmrecon-net-options.h \
	src/tools/vmrecon-net-overlay.c \
	src/tools/vmrecon-net-overlay.h \
	src/tools/vmrecon-net-paths.c \
	src/tools/vmrecon-net-paths.h \
	src/tools/vmrecon-net-train.c \
	src/tools/vmrecon-net-train.h \
	src/tools/vmrecon-net-show.c \
	src/tools/vmrecon-net-show.h
vmrecon_net_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(MNL_CFLAGS)
vmrecon_net_LDADD = libvr_overlay.la libvr_topology.la libvr_host.la libvr_archive.la -lm
endif TRAINER

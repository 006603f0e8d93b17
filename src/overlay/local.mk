# src/overlay: a virtual LAN that follows its guests, by bridges and VXLANs of
# the kernel.
noinst_LTLIBRARIES += libvr_overlay.la
libvr_overlay_la_SOURCES = \
	src/overlay/address.c \
	src/overlay/address.h \
	src/overlay/announcement.c \
	src/overlay/announcement.h \
	src/overlay/arrival.c \
	src/overlay/arrival.h \
	src/overlay/lan.c \
	src/overlay/lan.h \
	src/overlay/locations.c \
	src/overlay/locations.h \
	src/overlay/members.c \
	src/overlay/members.h \
	src/overlay/overlay.c \
	src/overlay/overlay.h \
	src/overlay/overlay_apply.c \
	src/overlay/overlay_apply.h \
	src/overlay/overlay_card.c \
	src/overlay/overlay_card.h \
	src/overlay/overlay_claim.c \
	src/overlay/overlay_claim.h \
	src/overlay/overlay_internal.c \
	src/overlay/overlay_internal.h \
	src/overlay/overlay_options.h \
	src/overlay/overlay_plan.c \
	src/overlay/overlay_plan.h \
	src/overlay/overlay_ports.c \
	src/overlay/overlay_ports.h \
	src/overlay/overlay_remove.c \
	src/overlay/overlay_remove.h \
	src/overlay/overlay_state.c \
	src/overlay/overlay_state.h \
	src/overlay/overlay_value.h \
	src/overlay/overlay_ways.c \
	src/overlay/overlay_ways.h \
	src/overlay/overlay_watch.c \
	src/overlay/overlay_watch.h \
	src/overlay/refusal.c \
	src/overlay/refusal.h \
	src/overlay/rtnl.c \
	src/overlay/rtnl.h \
	src/overlay/rtnl_fdb.c \
	src/overlay/rtnl_fdb.h \
	src/overlay/rtnl_link.c \
	src/overlay/rtnl_link.h \
	src/overlay/rtnl_route.c \
	src/overlay/rtnl_route.h \
	src/overlay/ways.c \
	src/overlay/ways.h
libvr_overlay_la_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(MNL_CFLAGS)
libvr_overlay_la_LIBADD = $(JANSSON_LIBS) $(MNL_LIBS) -lm -lpthread

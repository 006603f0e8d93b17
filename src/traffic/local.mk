# src/traffic: frames of guests, counted for each peer.
noinst_LTLIBRARIES += libvr_traffic.la
libvr_traffic_la_SOURCES = \
	src/traffic/assembler.c \
	src/traffic/assembler.h \
	src/traffic/bpf_call.c \
	src/traffic/bpf_call.h \
	src/traffic/counting_code.h \
	src/traffic/counting_program.c \
	src/traffic/counting_program.h \
	src/traffic/counting_segments.c \
	src/traffic/counting_segments.h \
	src/traffic/counts.c \
	src/traffic/counts.h \
	src/traffic/frame_counter.c \
	src/traffic/frame_counter.h \
	src/traffic/interface_socket.c \
	src/traffic/interface_socket.h \
	src/traffic/peers.c \
	src/traffic/peers.h \
	src/traffic/traffic.c \
	src/traffic/traffic.h \
	src/traffic/traffic_guest.c \
	src/traffic/traffic_guest.h
libvr_traffic_la_CPPFLAGS = $(AM_CPPFLAGS)

# src/basic: what every room uses: messages, errors, arrays, texts, files, locks.
noinst_LTLIBRARIES += libvr_basic.la
libvr_basic_la_SOURCES = \
	src/basic/array.c \
	src/basic/array.h \
	src/basic/cleanup.h \
	src/basic/deadline.c \
	src/basic/deadline.h \
	src/basic/error.c \
	src/basic/error.h \
	src/basic/exit_status.h \
	src/basic/file.c \
	src/basic/file.h \
	src/basic/lock.h \
	src/basic/log.c \
	src/basic/log.h \
	src/basic/mac.c \
	src/basic/mac.h \
	src/basic/patience.c \
	src/basic/patience.h \
	src/basic/remote_file.c \
	src/basic/remote_file.h \
	src/basic/safe_open.c \
	src/basic/safe_open.h \
	src/basic/sort.h \
	src/basic/text.c \
	src/basic/text.h

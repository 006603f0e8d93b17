# src/basic: what every part uses: log callback, cleanup attributes, files.
noinst_LTLIBRARIES += libvr_basic.la
libvr_basic_la_SOURCES = \
	src/basic/cleanup.h \
	src/basic/fileio.c src/basic/fileio.h \
	src/basic/log.c src/basic/log.h

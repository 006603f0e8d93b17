# src/signal: names of series, patterns for them, and the one resampler.
noinst_LTLIBRARIES += libvr_signal.la
libvr_signal_la_SOURCES = \
	src/signal/identifier.c \
	src/signal/identifier.h \
	src/signal/resample.c \
	src/signal/resample.h \
	src/signal/series.c \
	src/signal/series.h

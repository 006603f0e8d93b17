# src/sysid: estimation on ready data; the only user of GSL besides the trainer.
noinst_LTLIBRARIES += libvr_sysid.la
libvr_sysid_la_SOURCES = \
	src/sysid/arx_build.c \
	src/sysid/clock_offset.c \
	src/sysid/clock_offset.h \
	src/sysid/conformal.c \
	src/sysid/coverage.c \
	src/sysid/dataset.c \
	src/sysid/dataset.h \
	src/sysid/estimate.c \
	src/sysid/estimate.h \
	src/sysid/gram.c \
	src/sysid/gram.h \
	src/sysid/gsl_errors.c \
	src/sysid/kernels.c \
	src/sysid/kernels.h \
	src/sysid/known_poles.c \
	src/sysid/linalg.c \
	src/sysid/linalg.h \
	src/sysid/long_memory.c \
	src/sysid/lsq.c \
	src/sysid/lsq.h \
	src/sysid/nnls.c \
	src/sysid/poles.c \
	src/sysid/poles.h \
	src/sysid/refine.c \
	src/sysid/refine.h \
	src/sysid/regularised.c \
	src/sysid/regularised.h \
	src/sysid/residual.c \
	src/sysid/residual.h \
	src/sysid/ridge.c \
	src/sysid/rows.c \
	src/sysid/rows.h \
	src/sysid/search.c \
	src/sysid/search.h \
	src/sysid/shortlist.c \
	src/sysid/shortlist.h \
	src/sysid/simulate.c \
	src/sysid/simulate.h \
	src/sysid/spectrum.c \
	src/sysid/static_gain.c \
	src/sysid/static_gain.h \
	src/sysid/sysid_internal.h \
	src/sysid/timeseries.c \
	src/sysid/timeseries.h \
	src/sysid/tsqr.c \
	src/sysid/tsqr.h \
	src/sysid/xcorr.c \
	src/sysid/xcorr.h
libvr_sysid_la_CPPFLAGS = $(AM_CPPFLAGS) $(GSL_CFLAGS)
libvr_sysid_la_LIBADD = libvr_model.la libvr_basic.la $(GSL_LIBS)

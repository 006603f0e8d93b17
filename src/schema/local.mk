# src/schema: the tables, each fact once.
noinst_LTLIBRARIES += libvr_schema.la
libvr_schema_la_SOURCES = \
	src/schema/accelerator.c \
	src/schema/accelerator.h \
	src/schema/counters.c \
	src/schema/counters.h \
	src/schema/counters.inc \
	src/schema/cpu_terms.c \
	src/schema/cpu_ticks.h \
	src/schema/cpu_terms.h \
	src/schema/derived.c \
	src/schema/derived.h \
	src/schema/detail_names.c \
	src/schema/detail_names.h \
	src/schema/direct.c \
	src/schema/direct.h \
	src/schema/guest_kernel.h \
	src/schema/health.c \
	src/schema/health.h \
	src/schema/host_signals.c \
	src/schema/host_signals.h \
	src/schema/host_signals.inc \
	src/schema/idle_signals.c \
	src/schema/idle_signals.h \
	src/schema/labels.h \
	src/schema/load_terms.c \
	src/schema/load_terms.h \
	src/schema/per.c \
	src/schema/per.h \
	src/schema/plugin_names.h \
	src/schema/provenance.c \
	src/schema/provenance.h \
	src/schema/references.c \
	src/schema/references.h \
	src/schema/remedies.c \
	src/schema/remedies.h \
	src/schema/types.c \
	src/schema/types.h \
	src/schema/value.h

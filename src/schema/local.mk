# src/schema: the tables, each fact once.
noinst_LTLIBRARIES += libvr_schema.la
libvr_schema_la_SOURCES = \
	src/schema/accelerator.c \
	src/schema/accelerator.h \
	src/schema/counters.c \
	src/schema/counters.h \
	src/schema/per.c \
	src/schema/per.h \
	src/schema/provenance.c \
	src/schema/provenance.h

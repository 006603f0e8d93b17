# src/introspect: a guest kernel's counters, read from guest memory.
noinst_LTLIBRARIES += libvr_introspect.la
libvr_introspect_la_SOURCES = \
	src/introspect/alive.c \
	src/introspect/alive.h \
	src/introspect/backing.c \
	src/introspect/backing.h \
	src/introspect/batch.c \
	src/introspect/batch.h \
	src/introspect/btf.c \
	src/introspect/btf.h \
	src/introspect/budget.h \
	src/introspect/fields.h \
	src/introspect/gmem.c \
	src/introspect/gmem.h \
	src/introspect/gmem_maps.c \
	src/introspect/introspect.c \
	src/introspect/introspect.h \
	src/introspect/introspect_series.c \
	src/introspect/introspect_series.h \
	src/introspect/introspect_values.h \
	src/introspect/introspect_watch.c \
	src/introspect/introspect_watch.h \
	src/introspect/kallsyms.c \
	src/introspect/kallsyms.h \
	src/introspect/kernel.c \
	src/introspect/kernel.h \
	src/introspect/kernel_clock.c \
	src/introspect/kernel_clock.h \
	src/introspect/kernel_search.c \
	src/introspect/permission.c \
	src/introspect/permission.h \
	src/introspect/plan.c \
	src/introspect/plan.h \
	src/introspect/plan_counters.c \
	src/introspect/plan_counters.h \
	src/introspect/plan_tasks.c \
	src/introspect/plan_tasks.h
libvr_introspect_la_CPPFLAGS = $(AM_CPPFLAGS) $(LIBBPF_CFLAGS)
# Whoever links it links libvr_host as well, which brings libvr_basic along.
libvr_introspect_la_LIBADD = $(LIBBPF_LIBS) -lpthread

bin_PROGRAMS += vmrecon-introspect
vmrecon_introspect_SOURCES = src/tools/vmrecon-introspect.c \
	src/tools/vmrecon-introspect-guest.c \
	src/tools/vmrecon-introspect-guest.h
vmrecon_introspect_LDADD = libvr_introspect.la libvr_host.la -lm

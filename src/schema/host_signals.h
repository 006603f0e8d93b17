/* SPDX-License-Identifier: MIT
 *
 * Every series that src/host emits, of the hypervisor host and of its guests:
 * what it holds, and whether the trainer may build models on it. A series that
 * has no row in host_signals.inc cannot be emitted.
 */
#ifndef VR_SCHEMA_HOST_SIGNALS_H
#define VR_SCHEMA_HOST_SIGNALS_H

#include "schema/counters.h"
#include "schema/per.h"
#include "schema/types.h"

#include <stdbool.h>

/* What KVM counts of a guest, by the kernel's own names, and who reads it (as
 * in host_signals.inc). Kernels and architectures have some of them. */
#define VR_KVM_STATS(f)                                                        \
  f(exits, NOBODY) f(halt_exits, NOBODY) f(io_exits, NOBODY)                   \
      f(mmio_exits, NOBODY) f(irq_exits, NOBODY) f(irq_injections, NOBODY)     \
          f(signal_exits, NOBODY) f(insn_emulation, NOBODY)                    \
              f(hypercalls, NOBODY) f(halt_wakeup, NOBODY)                     \
                  f(halt_poll_success_ns, DEFINITIONS)                         \
                      f(halt_poll_fail_ns, DEFINITIONS)                        \
                          f(halt_wait_ns, NOBODY)

/* Where a series is measured. Each is a bit, so that a set is their sum. */
enum vr_signal_group {
  VR_VM_PROCESS = 1,     /* the VM process itself: its threads, memory, I/O */
  VR_DEVICE = 2,         /* the guest's devices on the host: tap, block layer */
  VR_BALLOON = 4,        /* reported by the guest's balloon driver */
  VR_HOST = 8,           /* the hypervisor host */
  VR_GUEST_SIZE = 16,    /* what the guest was configured to have */
  VR_VHOST_THREADS = 32, /* kernel threads that serve its network */
  VR_CGROUP = 64,        /* its control group */
  VR_KVM = 128,          /* counted by KVM */
  VR_EVERY_GROUP = 255,
};

/* Who reads a series of ours. Each is a bit, so that a set is their sum. */
enum vr_signal_reader {
  VR_READ_BY_MODELS = 1,      /* the trainer offers it to models */
  VR_READ_BY_DEFINITIONS = 2, /* direct.c, cpu_terms.c or load_terms.c */
  VR_READ_BY_ENGINE = 4,      /* target and trainer know a guest by it */
  VR_READ_BY_PLACEMENT = 8,   /* vmrecon_topology and vmrecon-net advise */
  VR_READ_BY_DASHBOARDS = 16, /* contrib/dashboards */
  VR_READ_BY_ALERTS = 32,     /* contrib/alerts */
  VR_READ_BY_TOP = 64,        /* vmrecon-top */
};

enum vr_signal_id {
#define SIGNAL(id, ...) id,
#define HOST_SIGNAL SIGNAL
#include "schema/host_signals.inc"
#undef SIGNAL
#undef HOST_SIGNAL
  VR_SIGNALS
};

/* One data source as an input of models. */
struct vr_signal_use {
  const char *source;      /* the trainer's name of it; NULL: not offered */
  const char *reason;      /* why it is not offered */
  double scale;            /* brings its usual values near 1 */
  vr_counter_set explains; /* it has a physical reason to move these */
  vr_counter_set measures; /* these it measures itself */
};

struct vr_signal_info {
  enum vr_signal_group group;
  enum vr_type type;
  const char *type_instance; /* "" for none */
  const char *unit;          /* of the level, or of the rate per second */
  enum vr_per per;           /* as an input it is divided by this */
  unsigned readers; /* 0: nobody, it is emitted where it is asked for */
  struct vr_signal_use uses[VR_TYPE_MAX_SOURCES]; /* one a data source */
};

/* ID must be below VR_SIGNALS. */
const struct vr_signal_info *vr_schema_signal(enum vr_signal_id id);

/* Is ID emitted, where those that nobody reads are asked for of GROUPS? */
bool vr_schema_signal_emitted(enum vr_signal_id id, unsigned groups);

/* The groups that the words of TEXT name are added to *RET_GROUPS: "balloon",
 * "vhost", "cgroup", "kvm" and "host" in any case, "true" for all of them;
 * "false" takes all away. Returns 0, or -EINVAL for another word. */
int vr_schema_extra_groups(const char *text, unsigned *ret_groups);

/* One data source of a signal, by its index. */
struct vr_signal_value {
  enum vr_signal_id id;
  unsigned source;
};

enum { VR_SIGNAL_PATTERN_SIZE = 96 };

/* The identifier pattern of V, "%{host}/vmrecon-%{guest}/derive-vcpu_run:value"
 * for one. */
void vr_schema_signal_pattern(struct vr_signal_value v,
                              char ret_pattern[VR_SIGNAL_PATTERN_SIZE]);

/* A sum of two data sources that the trainer is offered as one source. Scale
 * and per are those of the first. */
struct vr_signal_sum {
  const char *source;
  struct vr_signal_value parts[2];
  vr_counter_set explains, measures;
};

/* The sums. Each stands among the sources before its first part. */
extern const struct vr_signal_sum vr_schema_sums[];
extern const size_t vr_schema_sums_count;

#endif

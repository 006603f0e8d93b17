/* SPDX-License-Identifier: MIT */
#include "introspect/series.h"

#define USER_HZ_NS 10000000u /* the unit of /proc/stat: 1/100 s */

struct out {
  vr_series_fn fn;
  void *ctx;
};

static void counter(const struct out *o, const char *type, const char *instance,
                    uint64_t value) {
  union vr_value v = {.count = value};
  o->fn(o->ctx, &(struct vr_series){type, instance, true, 1, &v});
}

static void pair(const struct out *o, const char *type, const char *instance,
                 uint64_t first, uint64_t second) {
  union vr_value v[2] = {{.count = first}, {.count = second}};
  o->fn(o->ctx, &(struct vr_series){type, instance, true, 2, v});
}

static void level(const struct out *o, const char *type, const char *instance,
                  double value) {
  union vr_value v = {.level = value};
  o->fn(o->ctx, &(struct vr_series){type, instance, false, 1, &v});
}

static bool has(const struct vr_introspect_values *v, uint64_t bits) {
  return (v->have & bits) == bits;
}

static void task_series(const struct out *o,
                        const struct vr_introspect_values *v) {
  if (has(v, VR_HAVE_LOAD)) {
    union vr_value load[3] = {
        {.level = v->load[0]}, {.level = v->load[1]}, {.level = v->load[2]}};
    o->fn(o->ctx, &(struct vr_series){"load", "", false, 3, load});
  }
  if (has(v, VR_HAVE_PROCESSES))
    level(o, "count", "processes", (double)v->processes);
  if (has(v, VR_HAVE_THREADS))
    level(o, "count", "threads", (double)v->threads);
  if (has(v, VR_HAVE_RUNNING))
    level(o, "ps_state", "running", (double)v->running);
  if (has(v, VR_HAVE_BLOCKED))
    level(o, "ps_state", "blocked", (double)v->uninterruptible);
  if (has(v, VR_HAVE_IDLE_TASKS))
    level(o, "ps_state", "idle", (double)v->idle_tasks);
  if (has(v, VR_HAVE_FORKS))
    counter(o, "fork_rate", "", v->forks);
  if (has(v, VR_HAVE_SWITCHES))
    counter(o, "contextswitch", "", v->switches);
  if (has(v, VR_HAVE_UPTIME))
    level(o, "uptime", "", v->uptime);
}

static uint64_t total(const struct vr_introspect_cpu *c) {
  return c->user + c->nice + c->system + c->softirq + c->irq + c->idle +
         c->iowait + c->steal;
}

/* All but idle, as collectd's cpu plugin has it; waiting for I/O is active. */
static void active_series(const struct out *o,
                          const struct vr_introspect_values *before,
                          const struct vr_introspect_values *v) {
  if (!before || !has(before, VR_HAVE_CPU | VR_HAVE_CPU_IDLE) ||
      total(&v->cpu) <= total(&before->cpu) || v->cpu.idle < before->cpu.idle)
    return;
  double time = (double)(total(&v->cpu) - total(&before->cpu));
  double idle = (double)(v->cpu.idle - before->cpu.idle);
  if (idle <= time)
    level(o, "percent", "active", 100 * (time - idle) / time);
}

static void cpu_series(const struct out *o,
                       const struct vr_introspect_values *before,
                       const struct vr_introspect_values *v) {
  if (!has(v, VR_HAVE_CPU))
    return;
  counter(o, "cpu", "user", v->cpu.user / USER_HZ_NS);
  counter(o, "cpu", "nice", v->cpu.nice / USER_HZ_NS);
  counter(o, "cpu", "system", v->cpu.system / USER_HZ_NS);
  counter(o, "cpu", "softirq", v->cpu.softirq / USER_HZ_NS);
  counter(o, "cpu", "interrupt", v->cpu.irq / USER_HZ_NS);
  counter(o, "cpu", "steal", v->cpu.steal / USER_HZ_NS);
  level(o, "count", "cpus", v->n_online);
  if (!has(v, VR_HAVE_CPU_IDLE))
    return;
  counter(o, "cpu", "idle", v->cpu.idle / USER_HZ_NS);
  counter(o, "cpu", "wait", v->cpu.iowait / USER_HZ_NS);
  active_series(o, before, v);
}

/* As collectd's vmem plugin names them: minflt is pgfault, all of them. */
static void fault_series(const struct out *o,
                         const struct vr_introspect_values *v) {
  if (has(v, VR_HAVE_FAULTS))
    pair(o, "vmpage_faults", "", v->pgfault, v->pgmajfault);
  if (has(v, VR_HAVE_PAGING))
    pair(o, "vmpage_io", "memory", v->pgpgin / 1024, v->pgpgout / 1024);
  if (has(v, VR_HAVE_SWAPPING))
    pair(o, "vmpage_io", "swap", v->pswpin, v->pswpout);
}

/* The six parts of collectd's memory plugin, whose sum is the total; given only
 * together, so that a share of the sum is right. */
static void memory_series(const struct out *o,
                          const struct vr_introspect_values *v) {
  if (has(v, VR_HAVE_AVAILABLE))
    level(o, "bytes", "available", (double)v->available);
  if (!has(v, VR_HAVE_TOTAL | VR_HAVE_FREE | VR_HAVE_BUFFERED | VR_HAVE_CACHED |
                  VR_HAVE_SLAB))
    return;
  uint64_t rest = v->free + v->buffered + v->cached + v->slab_reclaimable +
                  v->slab_unreclaimable;
  if (v->total == 0 || rest > v->total)
    return;
  level(o, "memory", "used", (double)(v->total - rest));
  level(o, "memory", "free", (double)v->free);
  level(o, "memory", "buffered", (double)v->buffered);
  level(o, "memory", "cached", (double)v->cached);
  level(o, "memory", "slab_recl", (double)v->slab_reclaimable);
  level(o, "memory", "slab_unrecl", (double)v->slab_unreclaimable);
  level(o, "percent", "buffered", 100 * (double)v->buffered / (double)v->total);
}

void vr_introspect_series(const struct vr_introspect_values *before,
                          const struct vr_introspect_values *v, vr_series_fn fn,
                          void *ctx) {
  const struct out o = {fn, ctx};
  task_series(&o, v);
  cpu_series(&o, before, v);
  fault_series(&o, v);
  memory_series(&o, v);
}

/* SPDX-License-Identifier: MIT */
#include "introspect/introspect_series.h"

#include "host/emit.h"

#define USER_HZ_NS 10000000u /* the unit of /proc/stat: 1/100 s */

static bool has(const struct vr_introspect_values *v, uint64_t bits) {
  return (v->have & bits) == bits;
}

static void task_series(const struct vr_emitter *o,
                        const struct vr_introspect_values *v) {
  if (has(v, VR_HAVE_LOAD))
    vr_emit_load(o, v->load[0], v->load[1], v->load[2]);
  if (has(v, VR_HAVE_PROCESSES))
    vr_emit_level(o, "count", "processes", (double)v->processes);
  if (has(v, VR_HAVE_THREADS))
    vr_emit_level(o, "count", "threads", (double)v->threads);
  if (has(v, VR_HAVE_RUNNING))
    vr_emit_level(o, "ps_state", "running", (double)v->running);
  if (has(v, VR_HAVE_BLOCKED))
    vr_emit_level(o, "ps_state", "blocked", (double)v->uninterruptible);
  if (has(v, VR_HAVE_IDLE_TASKS))
    vr_emit_level(o, "ps_state", "idle", (double)v->idle_tasks);
  if (has(v, VR_HAVE_FORKS))
    vr_emit_counter(o, "fork_rate", "", v->forks);
  if (has(v, VR_HAVE_SWITCHES))
    vr_emit_counter(o, "contextswitch", "", v->switches);
  if (has(v, VR_HAVE_UPTIME))
    vr_emit_level(o, "uptime", "", v->uptime);
}

static uint64_t total(const struct vr_introspect_cpu *c) {
  return c->user + c->nice + c->system + c->softirq + c->irq + c->idle +
         c->iowait + c->steal;
}

/* All but idle, as collectd's cpu plugin has it; waiting for I/O is active. */
static void active_series(const struct vr_emitter *o,
                          const struct vr_introspect_values *before,
                          const struct vr_introspect_values *v) {
  if (!before || !has(before, VR_HAVE_CPU | VR_HAVE_CPU_IDLE) ||
      total(&v->cpu) <= total(&before->cpu) || v->cpu.idle < before->cpu.idle)
    return;
  double time = (double)(total(&v->cpu) - total(&before->cpu));
  double idle = (double)(v->cpu.idle - before->cpu.idle);
  if (idle <= time)
    vr_emit_level(o, "percent", "active", 100 * (time - idle) / time);
}

static void cpu_series(const struct vr_emitter *o,
                       const struct vr_introspect_values *before,
                       const struct vr_introspect_values *v) {
  if (!has(v, VR_HAVE_CPU))
    return;
  vr_emit_counter(o, "cpu", "user", v->cpu.user / USER_HZ_NS);
  vr_emit_counter(o, "cpu", "nice", v->cpu.nice / USER_HZ_NS);
  vr_emit_counter(o, "cpu", "system", v->cpu.system / USER_HZ_NS);
  vr_emit_counter(o, "cpu", "softirq", v->cpu.softirq / USER_HZ_NS);
  vr_emit_counter(o, "cpu", "interrupt", v->cpu.irq / USER_HZ_NS);
  vr_emit_counter(o, "cpu", "steal", v->cpu.steal / USER_HZ_NS);
  vr_emit_level(o, "count", "cpus", v->n_online);
  if (!has(v, VR_HAVE_CPU_IDLE))
    return;
  vr_emit_counter(o, "cpu", "idle", v->cpu.idle / USER_HZ_NS);
  vr_emit_counter(o, "cpu", "wait", v->cpu.iowait / USER_HZ_NS);
  active_series(o, before, v);
}

/* As collectd's vmem plugin names them: minflt is pgfault, all of them. */
static void fault_series(const struct vr_emitter *o,
                         const struct vr_introspect_values *v) {
  if (has(v, VR_HAVE_FAULTS))
    vr_emit_pair(o, "vmpage_faults", "", v->pgfault, v->pgmajfault);
  if (has(v, VR_HAVE_PAGING))
    vr_emit_pair(o, "vmpage_io", "memory", v->pgpgin / 1024, v->pgpgout / 1024);
  if (has(v, VR_HAVE_SWAPPING))
    vr_emit_pair(o, "vmpage_io", "swap", v->pswpin, v->pswpout);
}

/* The six parts of collectd's memory plugin, whose sum is the total; given only
 * together, so that a share of the sum is right. */
static void memory_series(const struct vr_emitter *o,
                          const struct vr_introspect_values *v) {
  if (has(v, VR_HAVE_AVAILABLE))
    vr_emit_level(o, "bytes", "available", (double)v->available);
  if (!has(v, VR_HAVE_TOTAL | VR_HAVE_FREE | VR_HAVE_BUFFERED | VR_HAVE_CACHED |
                  VR_HAVE_SLAB))
    return;
  uint64_t rest = v->free + v->buffered + v->cached + v->slab_reclaimable +
                  v->slab_unreclaimable;
  if (v->total == 0 || rest > v->total)
    return;
  vr_emit_level(o, "memory", "used", (double)(v->total - rest));
  vr_emit_level(o, "memory", "free", (double)v->free);
  vr_emit_level(o, "memory", "buffered", (double)v->buffered);
  vr_emit_level(o, "memory", "cached", (double)v->cached);
  vr_emit_level(o, "memory", "slab_recl", (double)v->slab_reclaimable);
  vr_emit_level(o, "memory", "slab_unrecl", (double)v->slab_unreclaimable);
  vr_emit_level(o, "percent", "buffered",
                100 * (double)v->buffered / (double)v->total);
}

void vr_introspect_series(const struct vr_introspect_values *before,
                          const struct vr_introspect_values *v, vr_emit_fn fn,
                          void *ctx) {
  const struct vr_emitter o = {fn, ctx};
  task_series(&o, v);
  cpu_series(&o, before, v);
  fault_series(&o, v);
  memory_series(&o, v);
}

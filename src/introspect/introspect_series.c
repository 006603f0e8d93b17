/* SPDX-License-Identifier: MIT */
#include "introspect/introspect_series.h"

#include "schema/counters.h"

#define USER_HZ_NS 10000000u /* the unit of /proc/stat: 1/100 s */

static bool has(const struct vr_introspect_values *v, uint64_t bits) {
  return (v->have & bits) == bits;
}

/* The series of counter C, as the counters' table has it. */
static void level_of(const struct vr_emitter *o, enum vr_counter c,
                     double value) {
  const struct vr_introspected *s = &vr_counter_info(c)->introspected;
  vr_emit_level(o, s->type, s->type_instance, value);
}

static void accumulator_of(const struct vr_emitter *o, enum vr_counter c,
                           uint64_t value) {
  const struct vr_introspected *s = &vr_counter_info(c)->introspected;
  vr_emit_accumulator(o, s->type, s->type_instance, value);
}

static void load_series(const struct vr_emitter *o, const double load[3]) {
  const struct vr_introspected *s = &vr_counter_info(VR_LOAD)->introspected;
  const union vr_number averages[] = {
      {.gauge = load[0]}, {.gauge = load[1]}, {.gauge = load[2]}};
  vr_emit(o, s->type, s->type_instance, averages);
}

static void task_series(const struct vr_emitter *o,
                        const struct vr_introspect_values *v) {
  if (has(v, VR_HAVE_LOAD))
    load_series(o, v->load);
  if (has(v, VR_HAVE_PROCESSES))
    level_of(o, VR_PROCESSES, (double)v->processes);
  if (has(v, VR_HAVE_THREADS))
    vr_emit_level(o, VR_TYPE_COUNT, "threads", (double)v->threads);
  if (has(v, VR_HAVE_RUNNING))
    vr_emit_level(o, VR_TYPE_PS_STATE, "running", (double)v->running);
  if (has(v, VR_HAVE_BLOCKED))
    vr_emit_level(o, VR_TYPE_PS_STATE, "blocked", (double)v->uninterruptible);
  if (has(v, VR_HAVE_IDLE_TASKS))
    vr_emit_level(o, VR_TYPE_PS_STATE, "idle", (double)v->idle_tasks);
  if (has(v, VR_HAVE_FORKS))
    vr_emit_accumulator(o, VR_TYPE_FORK_RATE, "", v->forks);
  if (has(v, VR_HAVE_SWITCHES))
    accumulator_of(o, VR_CONTEXTSWITCH, v->switches);
  if (has(v, VR_HAVE_UPTIME))
    vr_emit_level(o, VR_TYPE_UPTIME, "", v->uptime);
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
    level_of(o, VR_CPU, 100 * (time - idle) / time);
}

static void cpu_series(const struct vr_emitter *o,
                       const struct vr_introspect_values *before,
                       const struct vr_introspect_values *v) {
  if (!has(v, VR_HAVE_CPU))
    return;
  vr_emit_accumulator(o, VR_TYPE_CPU, "user", v->cpu.user / USER_HZ_NS);
  vr_emit_accumulator(o, VR_TYPE_CPU, "nice", v->cpu.nice / USER_HZ_NS);
  vr_emit_accumulator(o, VR_TYPE_CPU, "system", v->cpu.system / USER_HZ_NS);
  vr_emit_accumulator(o, VR_TYPE_CPU, "softirq", v->cpu.softirq / USER_HZ_NS);
  vr_emit_accumulator(o, VR_TYPE_CPU, "interrupt", v->cpu.irq / USER_HZ_NS);
  vr_emit_accumulator(o, VR_TYPE_CPU, "steal", v->cpu.steal / USER_HZ_NS);
  vr_emit_level(o, VR_TYPE_COUNT, "cpus", v->n_online);
  if (!has(v, VR_HAVE_CPU_IDLE))
    return;
  vr_emit_accumulator(o, VR_TYPE_CPU, "idle", v->cpu.idle / USER_HZ_NS);
  vr_emit_accumulator(o, VR_TYPE_CPU, "wait", v->cpu.iowait / USER_HZ_NS);
  active_series(o, before, v);
}

/* As collectd's vmem plugin names them: minflt is pgfault, all of them. */
static void fault_series(const struct vr_emitter *o,
                         const struct vr_introspect_values *v) {
  const struct vr_introspected *faults =
      &vr_counter_info(VR_PAGE_FAULTS)->introspected;
  if (has(v, VR_HAVE_FAULTS))
    vr_emit_pair(o, faults->type, faults->type_instance, v->pgfault,
                 v->pgmajfault);
  if (has(v, VR_HAVE_PAGING))
    vr_emit_pair(o, VR_TYPE_VMPAGE_IO, "memory", v->pgpgin / 1024,
                 v->pgpgout / 1024);
  if (has(v, VR_HAVE_SWAPPING))
    vr_emit_pair(o, VR_TYPE_VMPAGE_IO, "swap", v->pswpin, v->pswpout);
}

/* The six parts of collectd's memory plugin, whose sum is the total; given only
 * together, so that a ratio to the sum is right. */
static void memory_series(const struct vr_emitter *o,
                          const struct vr_introspect_values *v) {
  if (has(v, VR_HAVE_AVAILABLE))
    vr_emit_level(o, VR_TYPE_BYTES, "available", (double)v->available);
  if (!has(v, VR_HAVE_TOTAL | VR_HAVE_FREE | VR_HAVE_BUFFERED | VR_HAVE_CACHED |
                  VR_HAVE_SLAB))
    return;
  uint64_t rest = v->free + v->buffered + v->cached + v->slab_reclaimable +
                  v->slab_unreclaimable;
  if (v->total == 0 || rest > v->total)
    return;
  vr_emit_level(o, VR_TYPE_MEMORY, "used", (double)(v->total - rest));
  vr_emit_level(o, VR_TYPE_MEMORY, "free", (double)v->free);
  vr_emit_level(o, VR_TYPE_MEMORY, "buffered", (double)v->buffered);
  vr_emit_level(o, VR_TYPE_MEMORY, "cached", (double)v->cached);
  vr_emit_level(o, VR_TYPE_MEMORY, "slab_recl", (double)v->slab_reclaimable);
  vr_emit_level(o, VR_TYPE_MEMORY, "slab_unrecl",
                (double)v->slab_unreclaimable);
  level_of(o, VR_BUFFERS, 100 * (double)v->buffered / (double)v->total);
}

void vr_introspect_series(const struct vr_introspect_values *before,
                          const struct vr_introspect_values *v, vr_emit_fn fn,
                          void *ctx) {
  const struct vr_emitter o = {fn, ctx, 0};
  task_series(&o, v);
  cpu_series(&o, before, v);
  fault_series(&o, v);
  memory_series(&o, v);
}

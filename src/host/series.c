/* SPDX-License-Identifier: MIT */
#include "host/series.h"

#include <stdio.h>

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

/* --- the machine --- */

static void stat_series(const struct out *o, const struct vr_hoststat *s) {
  static const char *const states[VR_CPU_STATES] = {
      "user", "nice",      "system",  "idle",
      "wait", "interrupt", "softirq", "steal"};
  for (int i = 0; i < VR_CPU_STATES; i++)
    counter(o, "cpu", states[i], s->cpu[i]);
  level(o, "count", "cpus", s->cpus);
  counter(o, "fork_rate", "", s->forks);
  counter(o, "contextswitch", "", s->context_switches);
  level(o, "ps_state", "running", (double)s->running);
  level(o, "ps_state", "blocked", (double)s->blocked);
}

static void load_series(const struct out *o, const struct vr_loadavg *l) {
  union vr_value v[3] = {
      {.level = l->shortterm}, {.level = l->midterm}, {.level = l->longterm}};
  o->fn(o->ctx, &(struct vr_series){"load", "", false, 3, v});
}

static void memory_series(const struct out *o, const struct vr_meminfo *m) {
  level(o, "memory", "used", (double)m->used);
  level(o, "memory", "free", (double)m->free);
  level(o, "memory", "buffered", (double)m->buffered);
  level(o, "memory", "cached", (double)m->cached);
  level(o, "memory", "available", (double)m->available);
}

void vr_host_series(const struct vr_host_sample *s, vr_series_fn fn,
                    void *ctx) {
  const struct out o = {fn, ctx};
  if (s->have_stat)
    stat_series(&o, &s->stat);
  if (s->have_load)
    load_series(&o, &s->load);
  if (s->have_faults)
    pair(&o, "vmpage_faults", "", s->faults.minor, s->faults.major);
  if (s->have_memory)
    memory_series(&o, &s->memory);
  if (s->have_disks)
    pair(&o, "disk_octets", "", s->disks.read_bytes, s->disks.write_bytes);
  if (s->have_net)
    pair(&o, "if_octets", "", s->net.rx_bytes, s->net.tx_bytes);
}

/* --- a guest --- */

static void group_series(const struct out *o, const char *group,
                         const struct vr_thread_sums *t) {
  char name[64];
  if (t->have_sched) {
    snprintf(name, sizeof(name), "%s_run", group);
    counter(o, "derive", name, t->sched.run_ns);
    snprintf(name, sizeof(name), "%s_wait", group);
    counter(o, "derive", name, t->sched.wait_ns);
    snprintf(name, sizeof(name), "%s_timeslices", group);
    counter(o, "derive", name, t->sched.timeslices);
  }
  if (t->have_switches) {
    snprintf(name, sizeof(name), "%s_switches_voluntary", group);
    counter(o, "derive", name, t->switches.voluntary);
    snprintf(name, sizeof(name), "%s_switches_involuntary", group);
    counter(o, "derive", name, t->switches.involuntary);
  }
  if (t->have_faults)
    pair(o, "vmpage_faults", group, t->minflt, t->majflt);
}

static void balloon_series(const struct out *o, const struct vr_balloon *b) {
  if (b->have_total)
    level(o, "memory", "balloon_total", (double)b->total);
  if (b->have_free)
    level(o, "memory", "balloon_free", (double)b->free);
  if (b->have_available)
    level(o, "memory", "balloon_available", (double)b->available);
  if (b->have_caches)
    level(o, "memory", "balloon_caches", (double)b->caches);
  if (b->have_minor && b->have_major)
    pair(o, "vmpage_faults", "balloon", b->minor, b->major);
  if (b->have_swap_in)
    counter(o, "derive", "balloon_swap_in", b->swap_in);
  if (b->have_swap_out)
    counter(o, "derive", "balloon_swap_out", b->swap_out);
}

static void cgroup_series(const struct out *o,
                          const struct vr_cgroup_sample *c) {
  if (c->have_cpu)
    counter(o, "derive", "cgroup_cpu", c->usage_ns);
  if (c->have_throttled)
    counter(o, "derive", "cgroup_throttled", c->throttled_ns);
  if (c->have_memory)
    level(o, "memory", "cgroup", (double)c->memory);
  if (c->have_io) {
    pair(o, "disk_octets", "cgroup", c->read_bytes, c->write_bytes);
    pair(o, "disk_ops", "cgroup", c->read_ops, c->write_ops);
  }
  if (c->have_cpu_pressure)
    counter(o, "derive", "cgroup_pressure_cpu", c->cpu_pressure_ns);
  if (c->have_memory_pressure)
    counter(o, "derive", "cgroup_pressure_memory", c->memory_pressure_ns);
  if (c->have_io_pressure)
    counter(o, "derive", "cgroup_pressure_io", c->io_pressure_ns);
}

static void kvm_series(const struct out *o, const struct vr_kvm_sample *k) {
  char name[64];
  for (int i = 0; i < VR_KVM_STAT_COUNT; i++) {
    if (!k->have[i])
      continue;
    snprintf(name, sizeof(name), "kvm_%s", vr_kvm_stat_names[i]);
    counter(o, "derive", name, k->value[i]);
  }
}

static void size_series(const struct out *o, const struct vr_guest_sample *s) {
  if (s->vcpus > 0)
    level(o, "count", "vcpus", s->vcpus);
  if (s->memory > 0)
    level(o, "memory", "configured", (double)s->memory);
  if (s->accelerator != VR_ACCEL_UNKNOWN)
    level(o, "gauge", "accelerator", s->accelerator);
}

void vr_guest_series(const struct vr_guest_sample *s, vr_series_fn fn,
                     void *ctx) {
  const struct out o = {fn, ctx};
  /* What does not change goes first: it says how to read the rest. */
  size_series(&o, s);
  if (s->have_threads) {
    group_series(&o, "vcpu", &s->vcpu);
    group_series(&o, "emulator", &s->emulator);
  }
  if (s->have_vhost) {
    counter(&o, "derive", "vhost_run", s->vhost.run_ns);
    counter(&o, "derive", "vhost_wait", s->vhost.wait_ns);
  }
  if (s->have_resident)
    level(&o, "memory", "rss", (double)s->resident);
  if (s->have_io) {
    pair(&o, "disk_octets", "process", s->io.read_bytes, s->io.write_bytes);
    pair(&o, "disk_ops", "process", s->io.read_calls, s->io.write_calls);
  }
  if (s->have_block) {
    pair(&o, "disk_octets", "block", s->block.read_bytes, s->block.write_bytes);
    pair(&o, "disk_ops", "block", s->block.read_ops, s->block.write_ops);
  }
  if (s->have_tap) {
    pair(&o, "if_octets", "tap", s->tap.rx_bytes, s->tap.tx_bytes);
    pair(&o, "if_packets", "tap", s->tap.rx_packets, s->tap.tx_packets);
  }
  if (s->have_balloon)
    balloon_series(&o, &s->balloon);
  if (s->have_kvm)
    kvm_series(&o, &s->kvm);
  cgroup_series(&o, &s->cgroup);
}

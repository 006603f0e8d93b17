/* SPDX-License-Identifier: MIT */
#include "host/emit_samples.h"

#include "host/emit.h"

#include <stdio.h>

/* --- the machine --- */

static void stat_series(const struct vr_emitter *o,
                        const struct vr_hoststat *s) {
  static const char *const states[VR_CPU_STATES] = {
      "user", "nice",      "system",  "idle",
      "wait", "interrupt", "softirq", "steal"};
  for (int i = 0; i < VR_CPU_STATES; i++)
    vr_emit_counter(o, "cpu", states[i], s->cpu[i]);
  vr_emit_level(o, "count", "cpus", s->cpus);
  vr_emit_counter(o, "fork_rate", "", s->forks);
  vr_emit_counter(o, "contextswitch", "", s->context_switches);
  vr_emit_level(o, "ps_state", "running", (double)s->running);
  vr_emit_level(o, "ps_state", "blocked", (double)s->blocked);
}

static void memory_series(const struct vr_emitter *o,
                          const struct vr_meminfo *m) {
  vr_emit_level(o, "memory", "used", (double)m->used);
  vr_emit_level(o, "memory", "free", (double)m->free);
  vr_emit_level(o, "memory", "buffered", (double)m->buffered);
  vr_emit_level(o, "memory", "cached", (double)m->cached);
  vr_emit_level(o, "memory", "available", (double)m->available);
}

void vr_emit_host(const struct vr_host_sample *s, vr_emit_fn fn, void *ctx) {
  const struct vr_emitter o = {fn, ctx};
  if (s->have_stat)
    stat_series(&o, &s->stat);
  if (s->have_load)
    vr_emit_load(&o, s->load.shortterm, s->load.midterm, s->load.longterm);
  if (s->have_faults)
    vr_emit_pair(&o, "vmpage_faults", "", s->faults.minor, s->faults.major);
  if (s->have_memory)
    memory_series(&o, &s->memory);
  if (s->have_disks)
    vr_emit_pair(&o, "disk_octets", "", s->disks.read_bytes,
                 s->disks.write_bytes);
  if (s->have_net)
    vr_emit_pair(&o, "if_octets", "", s->net.rx_bytes, s->net.tx_bytes);
}

/* --- a guest --- */

static void group_series(const struct vr_emitter *o, const char *group,
                         const struct vr_thread_sums *t) {
  char name[64];
  if (t->have_sched) {
    snprintf(name, sizeof(name), "%s_run", group);
    vr_emit_counter(o, "derive", name, t->sched.run_ns);
    snprintf(name, sizeof(name), "%s_wait", group);
    vr_emit_counter(o, "derive", name, t->sched.wait_ns);
    snprintf(name, sizeof(name), "%s_timeslices", group);
    vr_emit_counter(o, "derive", name, t->sched.timeslices);
  }
  if (t->have_switches) {
    snprintf(name, sizeof(name), "%s_switches_voluntary", group);
    vr_emit_counter(o, "derive", name, t->switches.voluntary);
    snprintf(name, sizeof(name), "%s_switches_involuntary", group);
    vr_emit_counter(o, "derive", name, t->switches.involuntary);
  }
  if (t->have_faults)
    vr_emit_pair(o, "vmpage_faults", group, t->minflt, t->majflt);
}

static void balloon_series(const struct vr_emitter *o,
                           const struct vr_balloon *b) {
  if (b->have_total)
    vr_emit_level(o, "memory", "balloon_total", (double)b->total);
  if (b->have_free)
    vr_emit_level(o, "memory", "balloon_free", (double)b->free);
  if (b->have_available)
    vr_emit_level(o, "memory", "balloon_available", (double)b->available);
  if (b->have_caches)
    vr_emit_level(o, "memory", "balloon_caches", (double)b->caches);
  if (b->have_minor && b->have_major)
    vr_emit_pair(o, "vmpage_faults", "balloon", b->minor, b->major);
  if (b->have_swap_in)
    vr_emit_counter(o, "derive", "balloon_swap_in", b->swap_in);
  if (b->have_swap_out)
    vr_emit_counter(o, "derive", "balloon_swap_out", b->swap_out);
}

static void cgroup_series(const struct vr_emitter *o,
                          const struct vr_cgroup_sample *c) {
  if (c->have_cpu)
    vr_emit_counter(o, "derive", "cgroup_cpu", c->usage_ns);
  if (c->have_throttled)
    vr_emit_counter(o, "derive", "cgroup_throttled", c->throttled_ns);
  if (c->have_memory)
    vr_emit_level(o, "memory", "cgroup", (double)c->memory);
  if (c->have_io) {
    vr_emit_pair(o, "disk_octets", "cgroup", c->read_bytes, c->write_bytes);
    vr_emit_pair(o, "disk_ops", "cgroup", c->read_ops, c->write_ops);
  }
  if (c->have_cpu_pressure)
    vr_emit_counter(o, "derive", "cgroup_pressure_cpu", c->cpu_pressure_ns);
  if (c->have_memory_pressure)
    vr_emit_counter(o, "derive", "cgroup_pressure_memory",
                    c->memory_pressure_ns);
  if (c->have_io_pressure)
    vr_emit_counter(o, "derive", "cgroup_pressure_io", c->io_pressure_ns);
}

static void kvm_series(const struct vr_emitter *o,
                       const struct vr_kvm_sample *k) {
  char name[64];
  for (int i = 0; i < VR_KVM_STAT_COUNT; i++) {
    if (!k->have[i])
      continue;
    snprintf(name, sizeof(name), "kvm_%s", vr_kvmstats_names[i]);
    vr_emit_counter(o, "derive", name, k->value[i]);
  }
}

static void size_series(const struct vr_emitter *o,
                        const struct vr_vmproc_sample *s) {
  if (s->vcpus > 0)
    vr_emit_level(o, "count", "vcpus", s->vcpus);
  if (s->memory > 0)
    vr_emit_level(o, "memory", "configured", (double)s->memory);
  if (s->accelerator != VR_ACCEL_UNKNOWN)
    vr_emit_level(o, "gauge", "accelerator", s->accelerator);
}

void vr_emit_vmproc(const struct vr_vmproc_sample *s, vr_emit_fn fn,
                    void *ctx) {
  const struct vr_emitter o = {fn, ctx};
  /* What does not change goes first: it says how to read the rest. */
  size_series(&o, s);
  if (s->have_threads) {
    group_series(&o, "vcpu", &s->vcpu);
    if (s->vcpu.have_sched && s->vcpu.have_switches)
      vr_emit_counter(&o, "derive", "vcpu_wait_preempted",
                      s->vcpu.preempted_ns);
    group_series(&o, "emulator", &s->emulator);
  }
  if (s->have_vhost) {
    vr_emit_counter(&o, "derive", "vhost_run", s->vhost.run_ns);
    vr_emit_counter(&o, "derive", "vhost_wait", s->vhost.wait_ns);
  }
  if (s->have_resident)
    vr_emit_level(&o, "memory", "rss", (double)s->resident);
  if (s->have_io) {
    vr_emit_pair(&o, "disk_octets", "process", s->io.read_bytes,
                 s->io.write_bytes);
    vr_emit_pair(&o, "disk_ops", "process", s->io.read_calls,
                 s->io.write_calls);
  }
  if (s->have_block) {
    vr_emit_pair(&o, "disk_octets", "block", s->block.read_bytes,
                 s->block.write_bytes);
    vr_emit_pair(&o, "disk_ops", "block", s->block.read_ops,
                 s->block.write_ops);
  }
  if (s->have_tap) {
    vr_emit_pair(&o, "if_octets", "tap", s->tap.rx_bytes, s->tap.tx_bytes);
    vr_emit_pair(&o, "if_packets", "tap", s->tap.rx_packets, s->tap.tx_packets);
  }
  if (s->have_balloon)
    balloon_series(&o, &s->balloon);
  if (s->have_kvm)
    kvm_series(&o, &s->kvm);
  cgroup_series(&o, &s->cgroup);
}

/* SPDX-License-Identifier: MIT */
#include "host/emit_samples.h"

#include "schema/host_signals.h"

static void accumulator(const struct vr_emitter *o, enum vr_signal_id id,
                        uint64_t value) {
  const struct vr_signal_info *s = vr_schema_signal(id);
  vr_emit_accumulator(o, s->type, s->type_instance, value);
}

static void pair(const struct vr_emitter *o, enum vr_signal_id id,
                 uint64_t first, uint64_t second) {
  const struct vr_signal_info *s = vr_schema_signal(id);
  vr_emit_pair(o, s->type, s->type_instance, first, second);
}

static void level(const struct vr_emitter *o, enum vr_signal_id id,
                  double value) {
  const struct vr_signal_info *s = vr_schema_signal(id);
  vr_emit_level(o, s->type, s->type_instance, value);
}

/* --- the machine --- */

_Static_assert(VR_SIGNAL_HOST_CPU_STEAL - VR_SIGNAL_HOST_CPU_USER + 1 ==
                   VR_CPU_STATES,
               "the table must have one row for each CPU state");

static void stat_series(const struct vr_emitter *o,
                        const struct vr_hoststat *s) {
  for (int i = 0; i < VR_CPU_STATES; i++)
    accumulator(o, (enum vr_signal_id)(VR_SIGNAL_HOST_CPU_USER + i), s->cpu[i]);
  level(o, VR_SIGNAL_HOST_CPUS, s->cpus);
  accumulator(o, VR_SIGNAL_HOST_FORKS, s->forks);
  accumulator(o, VR_SIGNAL_HOST_CONTEXTSWITCH, s->context_switches);
  level(o, VR_SIGNAL_HOST_RUNNING, (double)s->running);
  level(o, VR_SIGNAL_HOST_BLOCKED, (double)s->blocked);
}

static void load_series(const struct vr_emitter *o,
                        const struct vr_loadavg *l) {
  const struct vr_signal_info *s = vr_schema_signal(VR_SIGNAL_HOST_LOAD);
  const union vr_number averages[] = {
      {.gauge = l->shortterm}, {.gauge = l->midterm}, {.gauge = l->longterm}};
  vr_emit(o, s->type, s->type_instance, averages);
}

static void memory_series(const struct vr_emitter *o,
                          const struct vr_meminfo *m) {
  if (m->have_used)
    level(o, VR_SIGNAL_HOST_MEMORY_USED, (double)m->used);
  if (m->have_free)
    level(o, VR_SIGNAL_HOST_MEMORY_FREE, (double)m->free);
  if (m->have_buffered)
    level(o, VR_SIGNAL_HOST_MEMORY_BUFFERED, (double)m->buffered);
  if (m->have_cached)
    level(o, VR_SIGNAL_HOST_MEMORY_CACHED, (double)m->cached);
  if (m->have_available)
    level(o, VR_SIGNAL_HOST_MEMORY_AVAILABLE, (double)m->available);
}

void vr_emit_host(const struct vr_host_sample *s, vr_emit_fn fn, void *ctx) {
  const struct vr_emitter o = {fn, ctx};
  if (s->have_stat)
    stat_series(&o, &s->stat);
  if (s->have_load)
    load_series(&o, &s->load);
  if (s->have_faults)
    pair(&o, VR_SIGNAL_HOST_FAULTS, s->faults.minor, s->faults.major);
  if (s->have_memory)
    memory_series(&o, &s->memory);
  if (s->have_disks)
    pair(&o, VR_SIGNAL_HOST_DISK_OCTETS, s->disks.read_bytes,
         s->disks.write_bytes);
  if (s->have_net)
    pair(&o, VR_SIGNAL_HOST_IF_OCTETS, s->net.rx_bytes, s->net.tx_bytes);
}

/* --- a guest --- */

/* The signals of one kind of threads. */
struct thread_signals {
  enum vr_signal_id run, wait, timeslices, voluntary, involuntary, faults;
};
static const struct thread_signals of_vcpus = {
    VR_SIGNAL_VCPU_RUN,
    VR_SIGNAL_VCPU_WAIT,
    VR_SIGNAL_VCPU_TIMESLICES,
    VR_SIGNAL_VCPU_SWITCHES_VOLUNTARY,
    VR_SIGNAL_VCPU_SWITCHES_INVOLUNTARY,
    VR_SIGNAL_VCPU_FAULTS,
};
static const struct thread_signals of_emulator = {
    VR_SIGNAL_EMULATOR_RUN,
    VR_SIGNAL_EMULATOR_WAIT,
    VR_SIGNAL_EMULATOR_TIMESLICES,
    VR_SIGNAL_EMULATOR_SWITCHES_VOLUNTARY,
    VR_SIGNAL_EMULATOR_SWITCHES_INVOLUNTARY,
    VR_SIGNAL_EMULATOR_FAULTS,
};

static void thread_series(const struct vr_emitter *o,
                          const struct thread_signals *signals,
                          const struct vr_thread_sums *t) {
  if (t->have_sched) {
    accumulator(o, signals->run, t->sched.run_ns);
    accumulator(o, signals->wait, t->sched.wait_ns);
    accumulator(o, signals->timeslices, t->sched.timeslices);
  }
  if (t->have_switches) {
    accumulator(o, signals->voluntary, t->switches.voluntary);
    accumulator(o, signals->involuntary, t->switches.involuntary);
  }
  if (t->have_faults)
    pair(o, signals->faults, t->minflt, t->majflt);
}

static void balloon_series(const struct vr_emitter *o,
                           const struct vr_balloon *b) {
  if (b->have_total)
    level(o, VR_SIGNAL_BALLOON_TOTAL, (double)b->total);
  if (b->have_free)
    level(o, VR_SIGNAL_BALLOON_FREE, (double)b->free);
  if (b->have_available)
    level(o, VR_SIGNAL_BALLOON_AVAILABLE, (double)b->available);
  if (b->have_caches)
    level(o, VR_SIGNAL_BALLOON_CACHES, (double)b->caches);
  if (b->have_minor && b->have_major)
    pair(o, VR_SIGNAL_BALLOON_FAULTS, b->minor, b->major);
  if (b->have_swap_in)
    accumulator(o, VR_SIGNAL_BALLOON_SWAP_IN, b->swap_in);
  if (b->have_swap_out)
    accumulator(o, VR_SIGNAL_BALLOON_SWAP_OUT, b->swap_out);
}

static void cgroup_series(const struct vr_emitter *o,
                          const struct vr_cgroup_sample *c) {
  if (c->have_cpu)
    accumulator(o, VR_SIGNAL_CGROUP_CPU, c->usage_ns);
  if (c->have_throttled)
    accumulator(o, VR_SIGNAL_CGROUP_THROTTLED, c->throttled_ns);
  if (c->have_memory)
    level(o, VR_SIGNAL_CGROUP_MEMORY, (double)c->memory);
  if (c->have_io) {
    pair(o, VR_SIGNAL_CGROUP_OCTETS, c->read_bytes, c->write_bytes);
    pair(o, VR_SIGNAL_CGROUP_OPS, c->read_ops, c->write_ops);
  }
  if (c->have_cpu_pressure)
    accumulator(o, VR_SIGNAL_CGROUP_PRESSURE_CPU, c->cpu_pressure_ns);
  if (c->have_memory_pressure)
    accumulator(o, VR_SIGNAL_CGROUP_PRESSURE_MEMORY, c->memory_pressure_ns);
  if (c->have_io_pressure)
    accumulator(o, VR_SIGNAL_CGROUP_PRESSURE_IO, c->io_pressure_ns);
}

static void kvm_series(const struct vr_emitter *o,
                       const struct vr_kvm_sample *k) {
#define KVM_SIGNAL(name) [VR_KVM_##name] = VR_SIGNAL_KVM_##name,
  static const enum vr_signal_id ids[] = {VR_KVM_STATS(KVM_SIGNAL)};
#undef KVM_SIGNAL
  for (int i = 0; i < VR_KVM_STAT_COUNT; i++)
    if (k->have[i])
      accumulator(o, ids[i], k->value[i]);
}

static void size_series(const struct vr_emitter *o,
                        const struct vr_vmproc_sample *s) {
  if (s->vcpus > 0)
    level(o, VR_SIGNAL_CONFIGURED_VCPUS, s->vcpus);
  if (s->memory > 0)
    level(o, VR_SIGNAL_CONFIGURED_MEMORY, (double)s->memory);
  if (s->accelerator != VR_ACCEL_UNKNOWN)
    level(o, VR_SIGNAL_CONFIGURED_ACCELERATOR, s->accelerator);
}

static void process_series(const struct vr_emitter *o,
                           const struct vr_vmproc_sample *s) {
  if (s->have_threads) {
    thread_series(o, &of_vcpus, &s->vcpu);
    if (s->vcpu.have_sched && s->vcpu.have_switches)
      accumulator(o, VR_SIGNAL_VCPU_WAIT_PREEMPTED, s->vcpu.preempted_ns);
    thread_series(o, &of_emulator, &s->emulator);
  }
  if (s->have_vhost) {
    accumulator(o, VR_SIGNAL_VHOST_RUN, s->vhost.run_ns);
    accumulator(o, VR_SIGNAL_VHOST_WAIT, s->vhost.wait_ns);
  }
  if (s->have_resident)
    level(o, VR_SIGNAL_RSS, (double)s->resident);
  if (s->have_io) {
    pair(o, VR_SIGNAL_PROCESS_OCTETS, s->io.read_bytes, s->io.write_bytes);
    if (s->uncached)
      pair(o, VR_SIGNAL_UNCACHED_OCTETS, s->io.read_bytes, s->io.write_bytes);
    pair(o, VR_SIGNAL_PROCESS_OPS, s->io.read_calls, s->io.write_calls);
  }
}

static void device_series(const struct vr_emitter *o,
                          const struct vr_vmproc_sample *s) {
  if (s->have_block) {
    pair(o, VR_SIGNAL_BLOCK_OCTETS, s->block.read_bytes, s->block.write_bytes);
    pair(o, VR_SIGNAL_BLOCK_OPS, s->block.read_ops, s->block.write_ops);
  }
  if (s->have_tap) {
    pair(o, VR_SIGNAL_TAP_OCTETS, s->tap.rx_bytes, s->tap.tx_bytes);
    pair(o, VR_SIGNAL_TAP_PACKETS, s->tap.rx_packets, s->tap.tx_packets);
  }
}

void vr_emit_vmproc(const struct vr_vmproc_sample *s, vr_emit_fn fn,
                    void *ctx) {
  const struct vr_emitter o = {fn, ctx};
  /* What does not change goes first: the rest is read by it. */
  size_series(&o, s);
  process_series(&o, s);
  device_series(&o, s);
  if (s->have_balloon)
    balloon_series(&o, &s->balloon);
  if (s->have_kvm)
    kvm_series(&o, &s->kvm);
  cgroup_series(&o, &s->cgroup);
}

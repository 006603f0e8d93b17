/* SPDX-License-Identifier: MIT */
#include "host/vmprocess_qmp.h"

#include <math.h>
#include <string.h>

/* A QEMU that waits for its first client before the machine starts belongs to
 * that client: only a machine that has processors already is asked. */
bool vr_vmproc_wants_qmp(const struct vr_vmproc *g) {
  return !g->qmp && g->vm.qmp_path[0] != '\0' &&
         !(g->vm.qmp_waits && g->threads.vcpus == 0 &&
           g->reads < VR_VMPROC_FIRST_READS);
}

void vr_vmproc_connect_qmp(struct vr_vmproc *g, const char *proc,
                           struct vr_fd_budget *budget,
                           const struct vr_qmp_options *options) {
  struct vr_qmp_options o = *options;
  o.kvm = g->sample.accelerator == VR_ACCEL_KVM;
  if (vr_qmp_new(proc, g->pid, g->vm.qmp_path, g->sample.name, &o, &g->qmp) ==
      0)
    budget->used++;
}

void vr_vmproc_take_report(struct vr_vmproc *g, const struct vr_qmp_report *r) {
  struct vr_vmproc_sample *s = &g->sample;
  s->have_block = r->have_block;
  s->have_balloon = r->have_balloon;
  s->state = r->state;
  s->have_stalled = r->have_stalled;
  s->stalled = r->stalled;
  if (r->have_block)
    s->disks = r->disks;
  if (r->have_balloon) {
    s->balloon = r->balloon;
    g->balloon_updated = r->balloon_updated;
    g->balloon_period = r->balloon_period;
  }
  if (r->os != VR_OS_UNKNOWN)
    g->os_described = r->os;
  if (r->labels.title[0] != '\0')
    s->labels = r->labels;
  else if (r->labels.project[0] != '\0')
    memcpy(s->labels.project, r->labels.project, sizeof(s->labels.project));
  /* QEMU counts NVDIMMs as memory; to the guest they are disks. */
  if (r->have_memory && r->memory > g->vm.pmem)
    s->memory = r->memory - g->vm.pmem;
  if (!r->have_kvm)
    return;
  s->have_kvm = true;
  s->kvm = r->kvm;
}

/* Which threads are vCPUs, of a QEMU that does not name them. */
static void take_vcpus(struct vr_vmproc *g) {
  pid_t tids[VR_VCPUS_MAX];
  if (g->threads.named)
    return;
  size_t n = vr_qmp_vcpus(g->qmp, tids, VR_VCPUS_MAX);
  vr_threads_set_vcpus(&g->threads, tids, n);
  g->vcpus_reported |= n > 0;
  vr_vmproc_show_threads(g);
  /* One more thread may be one more vCPU. */
  if (g->threads.grown)
    vr_qmp_probe_again(g->qmp);
  g->threads.grown = false;
}

void vr_vmproc_take_qmp(struct vr_vmproc *g) {
  struct vr_qmp_report report = {0};
  g->sample.have_block = g->sample.have_balloon = false;
  g->sample.have_stalled = false;
  g->sample.state = VR_VMSTATE_UNKNOWN;
  if (!g->qmp)
    return;
  vr_qmp_deadline(g->qmp);
  vr_qmp_sample(g->qmp, &report);
  vr_vmproc_take_report(g, &report);
  take_vcpus(g);
}

void vr_vmproc_sum_disks(struct vr_vmproc *g) {
  struct vr_vmproc_sample *s = &g->sample;
  if (!s->have_block)
    return;
  bool have_times = false, have_flush_time = false;
  vr_accumulator_begin(&g->disk_sums);
  for (size_t i = 0; i < s->disks.count; i++) {
    const struct vr_disks *d = &s->disks.v[i].counters;
    const uint64_t now[VR_ACCUMULATOR_COUNTERS] = {
        d->read_bytes, d->write_bytes, d->read_ops, d->write_ops,
        d->read_ns,    d->write_ns,    d->flush_ns};
    have_times |= d->have_times;
    have_flush_time |= d->have_flush_time;
    vr_accumulator_add(&g->disk_sums, s->disks.v[i].key, now, false);
  }
  vr_accumulator_end(&g->disk_sums);
  const uint64_t *sum = g->disk_sums.sum;
  s->block = (struct vr_disks){.read_bytes = sum[0],
                               .write_bytes = sum[1],
                               .read_ops = sum[2],
                               .write_ops = sum[3],
                               .have_times = have_times,
                               .have_flush_time = have_flush_time,
                               .read_ns = sum[4],
                               .write_ns = sum[5],
                               .flush_ns = sum[6]};
}

/* Of faults that were reported at the instant AT: are they new? What is read
 * between two readings must be of a second of its own, as collectd rounds it:
 * an RRD file takes no other. */
static void note_faults(struct vr_vmproc_sample *s, double at, bool between) {
  bool apart = between || s->faults_between;
  s->have_faults = apart ? round(at) > round(s->faults_at) : at > s->faults_at;
  if (!s->have_faults)
    return;
  s->faults_at = at;
  s->faults_between = between;
}

void vr_vmproc_date_balloon(struct vr_vmproc *g, double interval, double now) {
  struct vr_vmproc_sample *s = &g->sample;
  s->have_faults = false;
  if (!s->have_balloon)
    return;
  double at = vr_qmp_balloon_instant(g->balloon_updated, g->balloon_period,
                                     interval, s->balloon_at, now);
  s->have_balloon = at > 0;
  if (s->have_balloon)
    s->balloon_at = at;
  note_faults(s, at, false);
}

void vr_vmproc_take_faults(struct vr_vmproc *g, double now) {
  struct vr_vmproc_sample *s = &g->sample;
  struct vr_qmp_report report;
  s->have_faults = false;
  if (!g->qmp)
    return;
  vr_qmp_end_between(g->qmp);
  vr_qmp_sample(g->qmp, &report);
  if (!report.have_balloon)
    return;
  double at = vr_qmp_balloon_second(report.balloon_updated, now);
  note_faults(s, at, true);
  if (s->have_faults)
    s->balloon = report.balloon;
}

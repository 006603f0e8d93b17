/* SPDX-License-Identifier: MIT */
#include "host/details.h"

#include "basic/array.h"
#include "schema/cpu_ticks.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct disk {
  uint64_t key;
  char name[VR_DISK_NAME_MAX];
  bool has_times;
  struct vr_disks counters;
  double average[2]; /* read, write: see VR_DETAIL_DISK_TIME */
};

struct nic {
  char name[VR_IFNAME_MAX];
  bool known;
  struct vr_netif counters;
};

struct vcpu {
  int number;
  uint64_t run_ns, wait_ns, preempted_ns;
  double active; /* percent; NAN: not known yet */
};

struct vr_details {
  unsigned kinds;
  size_t n_disks, n_nics, n_vcpus, vcpus_size;
  struct disk disks[VR_DISKS_MAX];
  struct nic nics[VR_TAPS_MAX];
  struct vcpu *vcpus;
};

int vr_details_new(unsigned kinds, struct vr_details **ret) {
  struct vr_details *d = calloc(1, sizeof(*d));
  if (!d)
    return -ENOMEM;
  d->kinds = kinds;
  *ret = d;
  return 0;
}

void vr_details_free(struct vr_details *d) {
  if (!d)
    return;
  free(d->vcpus);
  free(d);
}

/* --- network cards --- */

void vr_details_name_nics(struct vr_details *d, const struct vr_vm *vm,
                          const struct vr_taps *taps, int sysfd,
                          const char *libvirt) {
  struct vr_nics nics = vm->nics;
  if (vm->libvirt)
    vr_nics_of_libvirt(libvirt, vm->name, &nics);
  d->n_nics = taps->count;
  for (size_t i = 0; i < taps->count; i++) {
    d->nics[i].known = false;
    vr_nic_names_find(&nics, taps, i, sysfd, d->nics[i].name);
  }
}

void vr_details_take_nic(struct vr_details *d, size_t i,
                         const struct vr_netif *counters) {
  if (i >= d->n_nics)
    return;
  d->nics[i].known = counters != NULL;
  if (counters)
    d->nics[i].counters = *counters;
}

/* --- processors --- */

static double active_part(const struct vcpu *before, const struct vcpu *now,
                          enum vr_accelerator accelerator, double seconds) {
  double run = 1e-9 * (double)(now->run_ns - before->run_ns) / seconds;
  double wait = 1e-9 * (double)(now->wait_ns - before->wait_ns) / seconds;
  double preempted =
      1e-9 * (double)(now->preempted_ns - before->preempted_ns) / seconds;
  double active =
      accelerator == VR_ACCEL_TCG
          ? vr_schema_cpu_of_ticks(run, preempted, fmax(wait - preempted, 0))
          : run + wait;
  return active >= 0 && seconds > 0 ? fmin(100 * active, 100) : NAN;
}

static struct vcpu *find_vcpu(struct vr_details *d, int number) {
  for (size_t i = 0; i < d->n_vcpus; i++)
    if (d->vcpus[i].number == number)
      return &d->vcpus[i];
  if (vr_array_reserve(&d->vcpus, &d->vcpus_size, d->n_vcpus + 1) < 0)
    return NULL;
  struct vcpu *v = &d->vcpus[d->n_vcpus++];
  *v = (struct vcpu){.number = number, .active = NAN};
  return v;
}

void vr_details_take_vcpus(struct vr_details *d, const struct vr_threads *t,
                           enum vr_accelerator accelerator, double seconds) {
  for (size_t i = 0; d->kinds & VR_DETAIL_VCPUS && i < t->count; i++) {
    const struct vr_thread *thread = &t->v[i];
    if (!thread->vcpu || thread->number < 0)
      continue;
    struct vcpu *v = find_vcpu(d, thread->number);
    if (!v)
      return;
    struct vcpu now = {.number = thread->number,
                       .run_ns = thread->sched.run_ns,
                       .wait_ns = thread->sched.wait_ns,
                       .preempted_ns = thread->preempted_ns};
    now.active = v->run_ns > 0 && now.run_ns >= v->run_ns
                     ? active_part(v, &now, accelerator, seconds)
                     : NAN;
    *v = now;
  }
}

/* --- disks --- */

static const struct disk *find_disk(const struct disk *disks, size_t n,
                                    uint64_t key) {
  for (size_t i = 0; i < n; i++)
    if (disks[i].key == key)
      return &disks[i];
  return NULL;
}

/* What an operation took on average since the reading before, in ms. */
static double average_ms(uint64_t ns, uint64_t ops) {
  bool sane = ops > 0 && ops <= INT64_MAX && ns <= INT64_MAX;
  return sane ? 1e-6 * (double)ns / (double)ops : 0;
}

static void add_averages(struct disk *now, const struct disk *before,
                         double seconds) {
  const struct vr_disks *a = &before->counters, *b = &now->counters;
  memcpy(now->average, before->average, sizeof(now->average));
  now->average[0] +=
      seconds * average_ms(b->read_ns - a->read_ns, b->read_ops - a->read_ops);
  now->average[1] += seconds * average_ms(b->write_ns - a->write_ns,
                                          b->write_ops - a->write_ops);
}

/* Two that are called the same become two series. */
static void distinguish(struct disk *disks, size_t i) {
  for (size_t k = 0; k < i; k++)
    if (strcmp(disks[k].name, disks[i].name) == 0) {
      size_t length = strnlen(disks[i].name, VR_DISK_NAME_MAX - 4);
      snprintf(disks[i].name + length, 4, "_%zu", (i + 1) % 100);
      return;
    }
}

void vr_details_take_disks(struct vr_details *d,
                           const struct vr_disk_list *disks, double seconds) {
  struct disk before[VR_DISKS_MAX];
  size_t n_before = d->n_disks;
  if (!(d->kinds & VR_DETAIL_DISKS))
    return;
  memcpy(before, d->disks, sizeof(before));
  d->n_disks = disks ? disks->count : 0;
  for (size_t i = 0; i < d->n_disks; i++) {
    struct disk *now = &d->disks[i];
    *now =
        (struct disk){.key = disks->v[i].key, .counters = disks->v[i].counters};
    memcpy(now->name, disks->v[i].name, sizeof(now->name));
    distinguish(d->disks, i);
    const struct disk *old = find_disk(before, n_before, now->key);
    if (old)
      add_averages(now, old, seconds);
  }
}

/* --- as series --- */

static void emit(const struct vr_emitter *o, enum vr_detail id,
                 const char *device, const union vr_number *numbers) {
  const struct vr_detail_info *info = vr_schema_detail(id);
  char instance[96];
  snprintf(instance, sizeof(instance), "%s_%s", info->raw, device);
  vr_emit(o, info->type, instance, numbers);
}

static void emit_pair(const struct vr_emitter *o, enum vr_detail id,
                      const char *device, uint64_t a, uint64_t b) {
  emit(o, id, device,
       (const union vr_number[2]){{.derive = (int64_t)a},
                                  {.derive = (int64_t)b}});
}

static void emit_disk(const struct vr_emitter *o, const struct disk *disk) {
  const struct vr_disks *c = &disk->counters;
  if (disk->name[0] == '\0')
    return;
  emit_pair(o, VR_DETAIL_DISK_OCTETS, disk->name, c->read_bytes,
            c->write_bytes);
  emit_pair(o, VR_DETAIL_DISK_OPS, disk->name, c->read_ops, c->write_ops);
  if (c->have_times)
    emit_pair(o, VR_DETAIL_DISK_TIME, disk->name, (uint64_t)disk->average[0],
              (uint64_t)disk->average[1]);
  if (c->have_errors)
    emit(o, VR_DETAIL_DISK_ERRORS, disk->name,
         &(const union vr_number){.derive = (int64_t)c->errors});
}

static void emit_nic(const struct vr_emitter *o, const struct nic *nic) {
  const struct vr_netif *c = &nic->counters;
  if (!nic->known)
    return;
  emit_pair(o, VR_DETAIL_NIC_OCTETS, nic->name, c->rx_bytes, c->tx_bytes);
  emit_pair(o, VR_DETAIL_NIC_PACKETS, nic->name, c->rx_packets, c->tx_packets);
  if (!c->have_errors)
    return;
  emit_pair(o, VR_DETAIL_NIC_ERRORS, nic->name, c->rx_errors, c->tx_errors);
  emit_pair(o, VR_DETAIL_NIC_DROPPED, nic->name, c->rx_dropped, c->tx_dropped);
}

static void emit_vcpu(const struct vr_emitter *o, const struct vcpu *v) {
  char number[16];
  snprintf(number, sizeof(number), "%d", v->number);
  emit(o, VR_DETAIL_VCPU_RUN, number,
       &(const union vr_number){.derive = (int64_t)v->run_ns});
  emit(o, VR_DETAIL_VCPU_WAIT, number,
       &(const union vr_number){.derive = (int64_t)v->wait_ns});
  if (isfinite(v->active))
    emit(o, VR_DETAIL_VCPU_ACTIVE, number,
         &(const union vr_number){.gauge = v->active});
}

void vr_details_emit(const struct vr_details *d, vr_emit_fn fn, void *ctx) {
  const struct vr_emitter o = {fn, ctx, 0};
  for (size_t i = 0; i < d->n_disks; i++)
    emit_disk(&o, &d->disks[i]);
  for (size_t i = 0; d->kinds & VR_DETAIL_NICS && i < d->n_nics; i++)
    emit_nic(&o, &d->nics[i]);
  for (size_t i = 0; i < d->n_vcpus; i++)
    emit_vcpu(&o, &d->vcpus[i]);
}

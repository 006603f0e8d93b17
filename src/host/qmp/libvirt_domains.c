/* SPDX-License-Identifier: MIT */
#include "host/qmp/libvirt_domains.h"

#include "basic/array.h"
#include "basic/sort.h"
#include "host/proc/accumulator.h"
#include "host/proc/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct vr_libvirt_domain *vr_libvirt_domains_add(struct vr_libvirt_domains *d) {
  if (vr_array_reserve(&d->v, &d->capacity, d->count + 1) < 0)
    return NULL;
  struct vr_libvirt_domain *domain = &d->v[d->count++];
  memset(domain, 0, sizeof(*domain));
  return domain;
}

static int by_uuid(const void *a, const void *b) {
  return strcasecmp(((const struct vr_libvirt_domain *)a)->uuid,
                    ((const struct vr_libvirt_domain *)b)->uuid);
}

void vr_libvirt_domains_sort(struct vr_libvirt_domains *d) {
  if (d->count > 0)
    vr_sort(d->v, d->count, sizeof(d->v[0]), by_uuid);
}

struct vr_libvirt_domain *
vr_libvirt_domains_find(const struct vr_libvirt_domains *d, const char *uuid) {
  struct vr_libvirt_domain key;
  snprintf(key.uuid, sizeof(key.uuid), "%s", uuid);
  return vr_sort_find(&key, d->v, d->count, sizeof(key), by_uuid);
}

void vr_libvirt_domains_swap(struct vr_libvirt_domains *a,
                             struct vr_libvirt_domains *b) {
  struct vr_libvirt_domains t = *a;
  *a = *b;
  *b = t;
}

/* --- the numbers --- */

static bool get_u64(const virTypedParameter *p, uint64_t *ret) {
  switch (p->type) {
  case VIR_TYPED_PARAM_ULLONG:
    *ret = p->value.ul;
    return true;
  case VIR_TYPED_PARAM_LLONG:
    *ret = (uint64_t)p->value.l;
    return p->value.l >= 0;
  case VIR_TYPED_PARAM_UINT:
    *ret = p->value.ui;
    return true;
  default:
    return false;
  }
}

/* libvirt gives sizes of memory in KiB. */
static void take_kib(const virTypedParameter *p, bool *have, uint64_t *ret) {
  uint64_t kib;
  if (!get_u64(p, &kib) || kib > UINT64_MAX / 1024)
    return;
  *have = true;
  *ret = kib * 1024;
}

static void take_balloon(struct vr_libvirt_domain *d,
                         const virTypedParameter *p, const char *key) {
  struct vr_balloon *b = &d->balloon;
  uint64_t updated;
  if (strcmp(key, "available") == 0) /* what the guest has at all */
    take_kib(p, &b->have_total, &b->total);
  else if (strcmp(key, "unused") == 0)
    take_kib(p, &b->have_free, &b->free);
  else if (strcmp(key, "usable") == 0)
    take_kib(p, &b->have_available, &b->available);
  else if (strcmp(key, "disk_caches") == 0)
    take_kib(p, &b->have_caches, &b->caches);
  else if (strcmp(key, "swap_in") == 0)
    take_kib(p, &b->have_swap_in, &b->swap_in);
  else if (strcmp(key, "swap_out") == 0)
    take_kib(p, &b->have_swap_out, &b->swap_out);
  else if (strcmp(key, "minor_fault") == 0)
    b->have_minor = get_u64(p, &b->minor);
  else if (strcmp(key, "major_fault") == 0)
    b->have_major = get_u64(p, &b->major);
  else if (strcmp(key, "last-update") == 0 && get_u64(p, &updated)) {
    d->updated = (time_t)updated;
    d->have_balloon = true;
  }
}

/* The disk that block.N is about; they come in the order of their numbers. */
static struct vr_disk *disk_of(struct vr_libvirt_domain *d, uint64_t number) {
  while (d->disks.count <= number && d->disks.count < VR_DISKS_MAX)
    vr_diskstats_list_next(&d->disks)->key = d->disks.count;
  return &d->disks.v[number < VR_DISKS_MAX ? number : VR_DISKS_MAX - 1];
}

/* block.N.name, block.N.rd.bytes and its like. */
static void take_block(struct vr_libvirt_domain *d, const virTypedParameter *p,
                       const char *key) {
  static const struct {
    const char *key;
    size_t offset;
  } counters[] = {{"rd.bytes", offsetof(struct vr_disks, read_bytes)},
                  {"wr.bytes", offsetof(struct vr_disks, write_bytes)},
                  {"rd.reqs", offsetof(struct vr_disks, read_ops)},
                  {"wr.reqs", offsetof(struct vr_disks, write_ops)},
                  {"rd.times", offsetof(struct vr_disks, read_ns)},
                  {"wr.times", offsetof(struct vr_disks, write_ns)},
                  {"fl.times", offsetof(struct vr_disks, flush_ns)}};
  uint64_t number, value;
  if (!vr_scan_u64(&key, &number) || *key++ != '.')
    return;
  struct vr_disk *disk = disk_of(d, number);
  if (strcmp(key, "name") == 0 && p->type == VIR_TYPED_PARAM_STRING) {
    disk->key = vr_accumulator_key(p->value.s);
    vr_diskstats_name(disk, p->value.s);
  }
  for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
    if (strcmp(key, counters[i].key) == 0 && get_u64(p, &value)) {
      *(uint64_t *)((char *)&disk->counters + counters[i].offset) += value;
      d->have_block = true;
      disk->counters.have_times |= strcmp(key, "rd.times") == 0;
      disk->counters.have_flush_time |= strcmp(key, "fl.times") == 0;
    }
}

static void take_state(struct vr_libvirt_domain *d, const virTypedParameter *p,
                       const char *key) {
  if (p->type != VIR_TYPED_PARAM_INT)
    return;
  if (strcmp(key, "state") == 0)
    d->state = p->value.i;
  else if (strcmp(key, "reason") == 0)
    d->reason = p->value.i;
}

void vr_libvirt_domain_take(struct vr_libvirt_domain *d,
                            const virDomainStatsRecord *record) {
  for (int i = 0; i < record->nparams; i++) {
    const virTypedParameter *p = &record->params[i];
    const char *key = p->field;
    if (VR_SCAN_KEY(&key, "balloon."))
      take_balloon(d, p, key);
    else if (VR_SCAN_KEY(&key, "block."))
      take_block(d, p, key);
    else if (VR_SCAN_KEY(&key, "state."))
      take_state(d, p, key);
  }
}

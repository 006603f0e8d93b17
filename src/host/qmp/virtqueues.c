/* SPDX-License-Identifier: MIT */
#include "host/qmp/virtqueues.h"

#include "basic/array.h"
#include "host/proc/accumulator.h"
#include "host/qmp/qmp_replies.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How many queues a disk has is not asked: the first number that QEMU refuses
 * tells. DISKS_MAX: as many as are read; QUEUES_MAX: more than QEMU makes. */
enum { PROBED = 2, DISKS_MAX = 64, QUEUES_MAX = 1024 };

struct vr_virtqueue_disk {
  uint64_t key;
  char *path;
  uint64_t completed; /* requests, ever */
  bool seen;          /* in the last reading */
  bool compared;      /* with the reading before that */
  bool still;         /* it completed nothing in between */
  bool foreign;       /* no virtio-blk device, as QEMU 7.2 reports one */
  unsigned queues;    /* 0: not known */
  unsigned next;      /* queue to be asked for */
  /* Requests in flight since it is still: at the queues before that one, and of
   * the last round, where there was one. */
  uint64_t sum, last;
  bool have_last;
};

/* --- disks --- */

static struct vr_virtqueue_disk *find(const struct vr_virtqueues *q,
                                      uint64_t key) {
  for (size_t i = 0; i < q->count; i++)
    if (q->v[i].key == key)
      return &q->v[i];
  return NULL;
}

static struct vr_virtqueue_disk *add(struct vr_virtqueues *q, uint64_t key,
                                     const char *path) {
  char *copy = q->count < DISKS_MAX ? strdup(path) : NULL;
  if (!copy || vr_array_reserve(&q->v, &q->capacity, q->count + 1) < 0) {
    free(copy);
    return NULL;
  }
  struct vr_virtqueue_disk *d = &q->v[q->count++];
  *d = (struct vr_virtqueue_disk){.key = key, .path = copy};
  return d;
}

/* A virtio device as -drive if=virtio and -device make it. Names of devices are
 * the user's: only plain ones are put into questions. */
static bool is_virtio(const char *path) {
  static const char end[] = "/virtio-backend";
  size_t n = path ? strlen(path) : 0;
  return n > sizeof(end) && n < VR_VIRTQUEUE_PATH_MAX &&
         strcmp(path + n - (sizeof(end) - 1), end) == 0 &&
         vr_qmp_is_plain(path, "/");
}

/* A disk that only discards, or whose requests fail, does not hang. */
static uint64_t completed_of(const json_t *stats) {
  static const char *const keys[] = {
      "rd_operations",           "wr_operations",
      "flush_operations",        "unmap_operations",
      "failed_rd_operations",    "failed_wr_operations",
      "failed_flush_operations", "failed_unmap_operations",
  };
  uint64_t sum = 0, value;
  for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
    if (vr_qmp_number(json_object_get(stats, keys[i]), &value))
      sum += value;
  return sum;
}

static void begin_anew(struct vr_virtqueue_disk *d) {
  d->next = 0;
  d->sum = d->last = 0;
  d->have_last = false;
}

static void take_disk(struct vr_virtqueues *q, const char *path,
                      uint64_t completed) {
  uint64_t key = vr_accumulator_key(path);
  struct vr_virtqueue_disk *d = find(q, key);
  bool known = d != NULL;
  if (!known)
    d = add(q, key, path);
  if (!d || d->seen)
    return;
  bool still = known && completed == d->completed;
  if (d->queues > 0 && (!still || !d->still))
    begin_anew(d);
  d->seen = true;
  d->compared |= known;
  d->still = still;
  d->completed = completed;
}

static void drop_unseen(struct vr_virtqueues *q) {
  size_t kept = 0;
  for (size_t i = 0; i < q->count; i++)
    if (q->v[i].seen)
      q->v[kept++] = q->v[i];
    else
      free(q->v[i].path);
  q->count = kept;
}

void vr_virtqueues_take_disks(struct vr_virtqueues *q, const json_t *value) {
  size_t i;
  const json_t *entry;
  for (i = 0; i < q->count; i++)
    q->v[i].seen = false;
  json_array_foreach(value, i, entry) {
    const char *path = json_string_value(json_object_get(entry, "qdev"));
    if (is_virtio(path))
      take_disk(q, path, completed_of(json_object_get(entry, "stats")));
  }
  drop_unseen(q);
}

/* --- questions --- */

/* How many queues of one disk are due: one round at most. */
static size_t due_of(const struct vr_virtqueue_disk *d, size_t room) {
  size_t n = d->queues == 0 ? PROBED : d->queues - d->next;
  if (d->foreign || (d->queues > 0 && !d->still))
    n = 0;
  return n < room ? n : room;
}

size_t vr_virtqueues_due(struct vr_virtqueues *q,
                         struct vr_virtqueue ret[VR_VIRTQUEUES_MAX]) {
  size_t n = 0;
  q->first++;
  for (size_t i = 0; i < q->count && !q->absent; i++) {
    const struct vr_virtqueue_disk *d = &q->v[(q->first + i) % q->count];
    size_t due = due_of(d, VR_VIRTQUEUES_MAX - n);
    for (unsigned k = 0; k < due; k++)
      ret[n++] = (struct vr_virtqueue){
          .disk = d->key, .number = d->next + k, .path = d->path};
  }
  return n;
}

/* --- answers --- */

int vr_virtqueues_parse(const json_t *value, uint64_t *ret) {
  uint64_t size, in_use, available, used;
  const char *name = json_string_value(json_object_get(value, "name"));
  if (!name || strcmp(name, "virtio-blk") != 0 ||
      !vr_qmp_number(json_object_get(value, "vring-num"), &size) ||
      !vr_qmp_number(json_object_get(value, "inuse"), &in_use) ||
      size > UINT16_MAX + 1 || in_use > size)
    return -EBADMSG;
  *ret = in_use;
  /* What the guest has made available and the device has not fetched waits,
   * too. The indices are of 16 bits and wrap; those of a packed queue wrap
   * elsewhere, and give no number that fits or the same. */
  if (vr_qmp_number(json_object_get(value, "shadow-avail-idx"), &available) &&
      vr_qmp_number(json_object_get(value, "used-idx"), &used)) {
    uint16_t waiting = (uint16_t)(available - used);
    if (waiting > in_use && waiting <= size)
      *ret = waiting;
  }
  return 0;
}

void vr_virtqueues_take(struct vr_virtqueues *q, uint64_t disk, unsigned number,
                        const json_t *value) {
  struct vr_virtqueue_disk *d = find(q, disk);
  uint64_t in_flight;
  /* One that has moved since it was asked for starts anew. */
  if (!d || number != d->next || (d->queues > 0 && !d->still))
    return;
  if (vr_virtqueues_parse(value, &in_flight) < 0 || number >= QUEUES_MAX) {
    d->foreign = true;
    return;
  }
  d->sum += in_flight;
  d->next++;
  if (d->next != d->queues)
    return;
  d->last = d->sum;
  d->have_last = true;
  d->sum = 0;
  d->next = 0;
}

void vr_virtqueues_take_error(struct vr_virtqueues *q, uint64_t disk,
                              unsigned number, const json_t *error) {
  const char *class = json_string_value(json_object_get(error, "class"));
  struct vr_virtqueue_disk *d = find(q, disk);
  q->absent |= class && strcmp(class, "CommandNotFound") == 0;
  if (!d || number != d->next)
    return;
  /* It was unplugged, or is no virtio device: not even a first queue. */
  d->foreign |= number == 0;
  d->queues = number;
  begin_anew(d);
}

bool vr_virtqueues_stalled(const struct vr_virtqueues *q, uint64_t *ret) {
  uint64_t sum = 0;
  bool any = false;
  for (size_t i = 0; i < q->count; i++) {
    const struct vr_virtqueue_disk *d = &q->v[i];
    if (d->foreign)
      continue;
    if (d->queues == 0 || !d->compared || (d->still && !d->have_last))
      return false;
    any = true;
    /* Of a round that is under way what is known already. */
    if (d->still)
      sum += d->sum > d->last ? d->sum : d->last;
  }
  if (!any || q->absent)
    return false;
  *ret = sum;
  return true;
}

void vr_virtqueues_free(struct vr_virtqueues *q) {
  for (size_t i = 0; i < q->count; i++)
    free(q->v[i].path);
  free(q->v);
  *q = (struct vr_virtqueues){0};
}

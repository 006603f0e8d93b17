/* SPDX-License-Identifier: MIT
 *
 * Requests that wait at a guest's virtio-blk disks while those complete
 * nothing: what a disk does whose storage hangs. QEMU reports it queue by queue
 * (x-query-virtio-queue-status, since 7.2; an experimental command: what does
 * not fit is dropped). Only of disks that stand still is it asked, a few queues
 * in a reading: as long as a disk completes nothing, no queue of it gets
 * shorter, so that earlier answers remain lower bounds.
 */
#ifndef VR_HOST_QMP_VIRTQUEUES_H
#define VR_HOST_QMP_VIRTQUEUES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Questions in one reading; and of what may be longer nothing is asked. */
enum { VR_VIRTQUEUES_MAX = 8, VR_VIRTQUEUE_PATH_MAX = 192 };

/* A question: one queue of the device PATH in QEMU's object tree, which is
 * plain text. */
struct vr_virtqueue {
  uint64_t disk; /* key of its path */
  unsigned number;
  const char *path; /* until the disks change */
};

struct vr_virtqueue_disk;

/* All zero: nothing is known yet. */
struct vr_virtqueues {
  struct vr_virtqueue_disk *v;
  size_t count, capacity;
  size_t first; /* disk to be asked about: each in turn */
  bool absent;  /* this QEMU does not have the command, or another form of it */
};

/* The disks in a reply to query-blockstats: which there are, and which of them
 * have completed something since the reading before. */
void vr_virtqueues_take_disks(struct vr_virtqueues *q, const json_t *value);

/* What is to be asked now: at most VR_VIRTQUEUES_MAX, returns how many. */
size_t vr_virtqueues_due(struct vr_virtqueues *q,
                         struct vr_virtqueue ret[VR_VIRTQUEUES_MAX]);

/* The value of "return" to such a question. */
void vr_virtqueues_take(struct vr_virtqueues *q, uint64_t disk, unsigned number,
                        const json_t *value);

/* The value of "error". Where it means that the command is absent, so is all of
 * it from now on. */
void vr_virtqueues_take_error(struct vr_virtqueues *q, uint64_t disk,
                              unsigned number, const json_t *error);

/* Requests in flight, summed over the disks that have completed nothing in two
 * intervals; of others none counts. Returns false, and leaves *RET alone, where
 * that is not known of every virtio-blk disk, or there is none. */
bool vr_virtqueues_stalled(const struct vr_virtqueues *q, uint64_t *ret);

void vr_virtqueues_free(struct vr_virtqueues *q);

/* x-query-virtio-queue-status of a virtio-blk device: how many requests are in
 * flight. -EBADMSG when it is not as QEMU documents it. */
int vr_virtqueues_parse(const json_t *value, uint64_t *ret);

#endif

/* SPDX-License-Identifier: MIT
 *
 * A fixed set of small ranges of guest memory, read by one process_vm_readv
 * call: ranges that lie close together become one, because a range costs more
 * than the bytes between two of them.
 */
#ifndef VR_INTROSPECT_BATCH_H
#define VR_INTROSPECT_BATCH_H

#include "introspect/gmem.h"

#include <sys/uio.h>

struct vr_batch_range {
  uint64_t offset;
  uint32_t length;
  uint32_t position; /* in the buffer, after vr_batch_seal() */
};

struct vr_batch {
  struct vr_batch_range *ranges;
  size_t n, room;
  struct iovec *local, *remote; /* merged */
  size_t n_vectors;
  uint8_t *buffer;
  size_t length;
};

/* Asks for LENGTH bytes at the RAM offset. Returns the range's number, or -1
 * without memory or for a range that is not in RAM. */
int vr_batch_add(struct vr_batch *b, const struct vr_gmem *m, uint64_t offset,
                 uint32_t length);

/* Merges the ranges; nothing can be added afterwards. Returns 0 or -ENOMEM. */
int vr_batch_seal(struct vr_batch *b, const struct vr_gmem *m);

/* Reads all of it. Returns 0 or what vr_gmem_read_vectors() returns. */
int vr_batch_read(struct vr_batch *b, const struct vr_gmem *m);

/* The bytes of a range after reading; NULL for the number -1. */
const void *vr_batch_get(const struct vr_batch *b, int range);

/* Numbers of a range: its I-th u64, u32; 0 for the number -1. */
uint64_t vr_batch_u64(const struct vr_batch *b, int range, unsigned i);
uint32_t vr_batch_u32(const struct vr_batch *b, int range, unsigned i);

void vr_batch_free(struct vr_batch *b);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Counters of several things that are summed up: a guest's disks, its network
 * interfaces, the devices of its control group. They come and go, and the sum
 * must neither jump by what one did in its life before, nor go back when one
 * has gone: it grows by what each of them goes on.
 */
#ifndef VR_HOST_PROC_ACCUMULATOR_H
#define VR_HOST_PROC_ACCUMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VR_ACCUMULATOR_COUNTERS = 7 };

struct vr_accumulator_part {
  uint64_t key; /* of its name, or number */
  uint64_t last[VR_ACCUMULATOR_COUNTERS];
  bool seen;
  bool ignored; /* the caller's: it counts elsewhere */
};

/* All zero: nothing yet. */
struct vr_accumulator {
  struct vr_accumulator_part *v;
  size_t count, capacity;
  bool begun; /* the first sum holds all that its parts ever did */
  uint64_t sum[VR_ACCUMULATOR_COUNTERS];
};

/* A key for what has a name. */
uint64_t vr_accumulator_key(const char *name);

/* Begins a reading. */
void vr_accumulator_begin(struct vr_accumulator *s);

/* The part with this key, or NULL. */
struct vr_accumulator_part *vr_accumulator_find(struct vr_accumulator *s,
                                                uint64_t key);

/* The counters of one part now; a caller that has fewer leaves zeros. One that
 * was not there at the first reading counts from now on, or from zero
 * (FROM_ZERO) if it cannot have done anything before the last reading. One that
 * went back goes on from there. Returns it, or NULL when there is no memory. */
struct vr_accumulator_part *
vr_accumulator_add(struct vr_accumulator *s, uint64_t key,
                   const uint64_t now[VR_ACCUMULATOR_COUNTERS], bool from_zero);

/* This part is still there, but cannot be read now. */
void vr_accumulator_keep(struct vr_accumulator *s, uint64_t key);

/* Ends a reading: who was neither added nor kept has gone. */
void vr_accumulator_end(struct vr_accumulator *s);

void vr_accumulator_free(struct vr_accumulator *s);

#endif

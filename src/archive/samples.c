/* SPDX-License-Identifier: MIT */
#include "archive/samples.h"

#include "basic/array.h"

#include <errno.h>
#include <stdlib.h>

void vr_samples_clear(struct vr_samples *s) {
  for (size_t d = 0; s->ds && d < s->n_ds; d++)
    free(s->ds[d]);
  free(s->ds);
  free(s->times);
  free(s->cells);
  *s = (struct vr_samples){0};
}

int vr_samples_grow(struct vr_samples *s, size_t n) {
  if (vr_array_reserve(&s->times, &s->room_times, n) < 0)
    return -ENOMEM;
  return vr_array_reserve(&s->cells, &s->room_cells, n * s->n_ds);
}

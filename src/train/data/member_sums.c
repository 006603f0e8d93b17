/* SPDX-License-Identifier: MIT */
#include "train/data/member_sums.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum {
  /* Rows of a gap: a series whose samples are further apart has ended. */
  LONGEST_GAP = 2,
  KNOWN = 1,
  GAP = 2,
};

int vr_member_sums_new(size_t rows, struct vr_member_sums *ret) {
  *ret = (struct vr_member_sums){.rows = rows,
                                 .sum = calloc(rows + 1, sizeof(*ret->sum)),
                                 .state = calloc(rows + 1, 1)};
  return ret->sum && ret->state ? 0 : -ENOMEM;
}

void vr_member_sums_clear(struct vr_member_sums *s) {
  free(s->sum);
  free(s->state);
  *s = (struct vr_member_sums){0};
}

void vr_member_sums_add(struct vr_member_sums *s, const double *x) {
  size_t next = 0; /* row after the last one that is known; 0: none */
  for (size_t i = 0; i < s->rows; i++) {
    if (!isfinite(x[i]))
      continue;
    for (size_t k = next; next > 0 && i - next <= LONGEST_GAP && k < i; k++)
      s->state[k] |= GAP;
    s->sum[i] += x[i];
    s->state[i] |= KNOWN;
    next = i + 1;
  }
}

double *vr_member_sums_take(struct vr_member_sums *s) {
  for (size_t i = 0; i < s->rows; i++)
    if (s->state[i] != KNOWN)
      s->sum[i] = NAN;
  double *sum = vr_steal(&s->sum);
  vr_member_sums_clear(s);
  return sum;
}

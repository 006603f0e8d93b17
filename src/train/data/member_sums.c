/* SPDX-License-Identifier: MIT */
#include "train/data/member_sums.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum {
  /* Rows of a gap: a series whose samples are further apart has ended. */
  LONGEST_GAP = 2,
  KNOWN = 1,
  GAP = 2,
  ENDS = 4, /* one does, after this row */
  BEGINS = 8,
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

static void mark_gap(struct vr_member_sums *s, size_t from, size_t end) {
  for (size_t i = from; i < end; i++)
    s->state[i] |= GAP;
}

void vr_member_sums_add(struct vr_member_sums *s, const double *x) {
  size_t next = 0; /* row after the last one that is known; 0: none */
  for (size_t i = 0; i < s->rows; i++) {
    if (!isfinite(x[i]))
      continue;
    bool goes_on = next > 0 && i - next <= LONGEST_GAP;
    if (goes_on)
      mark_gap(s, next, i);
    else
      s->state[i] |= BEGINS;
    if (next > 0 && !goes_on)
      s->state[next - 1] |= ENDS;
    s->sum[i] += x[i];
    s->state[i] |= KNOWN;
    next = i + 1;
  }
  if (next > 0)
    s->state[next - 1] |= ENDS;
}

/* One that begins soon after another has ended goes on as that. */
static void mark_hand_overs(struct vr_member_sums *s) {
  for (size_t i = 0; i < s->rows; i++)
    for (size_t k = i + 1;
         s->state[i] & ENDS && k < s->rows && k <= i + 1 + LONGEST_GAP; k++)
      if (s->state[k] & BEGINS) {
        mark_gap(s, i + 1, k);
        break;
      }
}

double *vr_member_sums_take(struct vr_member_sums *s) {
  mark_hand_overs(s);
  for (size_t i = 0; i < s->rows; i++)
    if (!(s->state[i] & KNOWN) || s->state[i] & GAP)
      s->sum[i] = NAN;
  double *sum = vr_steal(&s->sum);
  vr_member_sums_clear(s);
  return sum;
}

/* SPDX-License-Identifier: MIT */
#include "sysid/shortlist.h"

#include "basic/sort.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int vr_shortlist_init(struct vr_shortlist *s, size_t keep,
                      enum vr_criterion criterion, unsigned na_min,
                      unsigned na_max, size_t rows) {
  *s = (struct vr_shortlist){.keep = keep,
                             .rows = rows,
                             .criterion = criterion,
                             .na_min = na_min,
                             .n_na = na_max - na_min + 1};
  for (unsigned i = 0; i < VR_CRITERIA; i++)
    s->best_value[i] = INFINITY;
  s->filled = calloc(s->n_na + 1, sizeof(*s->filled));
  s->heap = calloc((s->n_na + 1) * keep, sizeof(*s->heap));
  return s->filled && s->heap ? 0 : -ENOMEM;
}

void vr_shortlist_clear(struct vr_shortlist *s) {
  free(s->filled);
  free(s->heap);
}

static void sift_down(struct vr_shortlisted *heap, size_t n, size_t at) {
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= n)
      return;
    if (child + 1 < n && heap[child + 1].value > heap[child].value)
      child++;
    if (heap[child].value <= heap[at].value)
      return;
    struct vr_shortlisted c = heap[at];
    heap[at] = heap[child];
    heap[child] = c;
    at = child;
  }
}

/* Keeps C in list number LIST if it is among the best there. */
static void keep(struct vr_shortlist *s, size_t list,
                 const struct vr_shortlisted *c) {
  struct vr_shortlisted *heap = s->heap + list * s->keep;
  size_t *n = &s->filled[list];
  if (*n == s->keep) {
    if (c->value >= heap[0].value)
      return;
    heap[0] = *c;
    sift_down(heap, *n, 0);
    return;
  }
  size_t at = (*n)++;
  heap[at] = *c;
  while (at > 0 && heap[(at - 1) / 2].value < heap[at].value) {
    struct vr_shortlisted up = heap[(at - 1) / 2];
    heap[(at - 1) / 2] = heap[at];
    heap[at] = up;
    at = (at - 1) / 2;
  }
}

void vr_shortlist_offer(struct vr_shortlist *s, unsigned na,
                        unsigned parameters, size_t choice, double rss) {
  double value[VR_CRITERIA];
  vr_criterion_all(rss, parameters, s->rows, value);
  const struct vr_shortlisted c = {.value = value[s->criterion],
                                   .rss = rss,
                                   .choice = choice,
                                   .na = na,
                                   .parameters = parameters};
  s->offered++;
  for (unsigned i = 0; i < VR_CRITERIA; i++)
    if (value[i] < s->best_value[i]) {
      s->best_value[i] = value[i];
      s->best[i] = c;
    }
  keep(s, s->n_na, &c);
  keep(s, na - s->na_min, &c);
}

static int by_value(const void *x, const void *y) {
  const struct vr_shortlisted *a = x, *b = y;
  return a->value < b->value ? -1 : a->value > b->value;
}

static bool listed(const struct vr_shortlisted *list, size_t n,
                   const struct vr_shortlisted *c) {
  for (size_t k = 0; k < n; k++)
    if (list[k].na == c->na && list[k].choice == c->choice)
      return true;
  return false;
}

int vr_shortlist_finish(struct vr_shortlist *s, struct vr_shortlisted **ret,
                        size_t *ret_n) {
  struct vr_shortlisted *list = calloc(s->keep + 1, sizeof(*list));
  if (!list)
    return -ENOMEM;
  for (size_t k = 0; k <= s->n_na; k++)
    vr_sort(s->heap + k * s->keep, s->filled[k], sizeof(*s->heap), by_value);
  size_t n = 0, half = (s->keep + 1) / 2;
  for (size_t k = 0; n < half && k < s->filled[s->n_na]; k++)
    list[n++] = s->heap[s->n_na * s->keep + k];
  for (unsigned i = 0; s->offered > 0 && i < VR_CRITERIA; i++)
    if (n < s->keep && !listed(list, n, &s->best[i]))
      list[n++] = s->best[i];
  for (size_t rank = 0; n < s->keep && rank < s->keep; rank++)
    for (size_t na = 0; n < s->keep && na < s->n_na; na++) {
      const struct vr_shortlisted *c = &s->heap[na * s->keep + rank];
      if (rank < s->filled[na] && !listed(list, n, c))
        list[n++] = *c;
    }
  *ret = list;
  *ret_n = n;
  return 0;
}

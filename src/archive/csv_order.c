/* SPDX-License-Identifier: MIT */
#include "archive/csv_order.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_ordered(const struct vr_csv_samples *s) {
  for (size_t i = 1; i < s->n; i++)
    if (s->times[i] <= s->times[i - 1])
      return false;
  return true;
}

/* The longest increasing subsequence, as by patience sorting (Fredman 1975). */
struct piles {
  const struct vr_csv_samples *s;
  size_t n;
  size_t *top;    /* the sample on each pile: the earliest that ends so many */
  size_t *before; /* of each sample the one on the pile before */
};

/* The first pile whose top is not earlier than TIME. */
static size_t find_pile(const struct piles *p, vr_time time) {
  size_t low = 0, high = p->n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (p->s->times[p->top[middle]] < time)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Of two of one time the first counts. */
static void put_on_pile(struct piles *p, size_t sample) {
  size_t at = find_pile(p, p->s->times[sample]);
  if (at < p->n && p->s->times[p->top[at]] == p->s->times[sample])
    return;
  p->before[sample] = at > 0 ? p->top[at - 1] : 0;
  p->top[at] = sample;
  if (at == p->n)
    p->n++;
}

static void keep(struct vr_csv_samples *s, const size_t *kept, size_t n) {
  for (size_t i = 0; i < n; i++) {
    s->times[i] = s->times[kept[i]];
    memmove(&s->cells[i * s->n_ds], &s->cells[kept[i] * s->n_ds],
            s->n_ds * sizeof(*s->cells));
  }
  s->n = n;
}

int vr_csv_order(struct vr_csv_samples *s) {
  if (is_ordered(s))
    return 0;
  vr_auto_free size_t *top = calloc(s->n, sizeof(*top));
  vr_auto_free size_t *before = calloc(s->n, sizeof(*before));
  if (!top || !before)
    return -ENOMEM;
  struct piles p = {s, 0, top, before};
  for (size_t i = 0; i < s->n; i++)
    put_on_pile(&p, i);
  for (size_t i = p.n - 1; i > 0; i--)
    top[i - 1] = before[top[i]];
  keep(s, top, p.n);
  return 0;
}

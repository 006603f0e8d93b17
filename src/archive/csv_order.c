/* SPDX-License-Identifier: MIT */
#include "archive/csv_order.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <stdlib.h>

/* The longest increasing subsequence, as by patience sorting (Fredman 1975). */
struct piles {
  const vr_time *times;
  size_t n;
  size_t *top;    /* the sample on each pile: the earliest that ends so many */
  size_t *before; /* of each sample the one on the pile before */
};

/* The first pile whose top is not earlier than TIME. */
static size_t find_pile(const struct piles *p, vr_time time) {
  size_t low = 0, high = p->n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (p->times[p->top[middle]] < time)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Of two of one time the first counts. */
static void put_on_pile(struct piles *p, size_t sample) {
  size_t at = find_pile(p, p->times[sample]);
  if (at < p->n && p->times[p->top[at]] == p->times[sample])
    return;
  p->before[sample] = at > 0 ? p->top[at - 1] : 0;
  p->top[at] = sample;
  if (at == p->n)
    p->n++;
}

int vr_csv_order(const vr_time *times, size_t n, size_t **ret_kept,
                 size_t *ret_n) {
  vr_auto_free size_t *top = calloc(n + 1, sizeof(*top));
  vr_auto_free size_t *before = calloc(n + 1, sizeof(*before));
  if (!top || !before)
    return -ENOMEM;
  struct piles p = {times, 0, top, before};
  for (size_t i = 0; i < n; i++)
    put_on_pile(&p, i);
  for (size_t i = p.n; i > 1; i--)
    top[i - 2] = before[top[i - 1]];
  *ret_n = p.n;
  *ret_kept = vr_steal(&top);
  return 0;
}

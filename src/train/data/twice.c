/* SPDX-License-Identifier: MIT */
#include "train/data/twice.h"

#include "basic/cleanup.h"
#include "basic/log.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* So many known rows on both sides show it, and so many that differ from the
 * one before, if so many are equal. */
enum { LEAST_ROWS = 20, LEAST_CHANGES = 10 };
#define EQUAL 0.99

/* The first files of P's and Q's plugins that have one type. */
static bool find_files(const struct vr_archive *a, const struct vr_pair *p,
                       const struct vr_pair *q,
                       const struct vr_archive_file *ret[2]) {
  size_t first, end = vr_archive_host_range(a, p->where, &first);
  for (size_t i = first; i < end; i++) {
    ret[0] = &a->files[i];
    ret[1] = strcmp(ret[0]->plugin, p->plugin) == 0
                 ? vr_archive_find(a, q->where, q->plugin, ret[0]->type)
                 : NULL;
    if (ret[1] && strncmp(ret[0]->type, "derive-", 7) == 0)
      return true;
  }
  return false;
}

/* Rows that both know, and those that are equal; a constant says nothing. */
static bool are_equal(const struct vr_history *h, const struct vr_history *k) {
  size_t known = 0, equal = 0, changes = 0;
  double before = NAN;
  for (size_t i = 0; i < h->rows && h->n_ds > 0 && k->n_ds > 0; i++) {
    double x = h->values[i], y = k->values[i];
    if (!isfinite(x) || !isfinite(y))
      continue;
    known++;
    equal += fabs(x - y) <= 1e-9 * fabs(x);
    changes += x != before;
    before = x;
  }
  return known >= LEAST_ROWS && changes >= LEAST_CHANGES &&
         (double)equal >= EQUAL * (double)known;
}

/* Are FILES, of one type, the same series? *ret_end: their last rows. */
static bool are_same(const struct vr_archive_file *const files[2],
                     double ret_end[2]) {
  struct vr_extent e[2];
  struct vr_error error;
  vr_cleanup(vr_history_clear) struct vr_history h = {0}, k = {0};
  for (int i = 0; i < 2; i++)
    if (vr_archive_extent(files[i], -INFINITY, &e[i], &error) < 0)
      return false;
  double step = e[0].step, begin = fmax(e[0].begin, e[1].begin),
         end = fmin(e[0].end, e[1].end);
  if (step != e[1].step || !(end - begin >= LEAST_ROWS * step))
    return false;
  const struct vr_timeline grid = {.begin = begin,
                                   .step = step,
                                   .rows =
                                       (size_t)floor((end - begin) / step) + 1};
  if (vr_archive_fetch(files[0], &grid, &h, &error) < 0 ||
      vr_archive_fetch(files[1], &grid, &k, &error) < 0)
    return false;
  ret_end[0] = e[0].end;
  ret_end[1] = e[1].end;
  return are_equal(&h, &k);
}

/* Which of the two is to go: -1: neither. */
static int which_goes(const struct vr_archive *a, const struct vr_pair *p,
                      const struct vr_pair *q) {
  const struct vr_archive_file *files[2];
  double end[2];
  if (strcmp(p->guest, q->guest) != 0 || strcmp(p->where, q->where) == 0 ||
      !find_files(a, p, q, files) || !are_same(files, end))
    return -1;
  return end[0] < end[1] ? 0 : 1;
}

static void drop(struct vr_pairs *p, size_t i, size_t kept) {
  vr_log_notice("guest %s: its series below %s are those below %s again; they "
                "count once, as those of %s",
                p->pairs[i].guest, p->pairs[i].where, p->pairs[kept].where,
                p->pairs[kept].host);
  vr_pairs_clear_one(&p->pairs[i]);
  memmove(&p->pairs[i], &p->pairs[i + 1], (p->n - i - 1) * sizeof(*p->pairs));
  p->n--;
  p->n_twice++;
}

void vr_twice_drop(struct vr_pairs *p, const struct vr_archive *a) {
  for (size_t i = 0; i < p->n; i++)
    for (size_t k = i + 1; k < p->n;) {
      int goes = which_goes(a, &p->pairs[i], &p->pairs[k]);
      if (goes == 0) {
        drop(p, i, k);
        k = i + 1;
      } else if (goes == 1)
        drop(p, k, i);
      else
        k++;
    }
}

/* SPDX-License-Identifier: MIT */
#include "sysid/conformal.h"

#include "basic/cleanup.h"
#include "sysid/sysid_errors.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* How many blocks N samples make: a last one below half the length joins the
 * one before. */
static size_t count_blocks(size_t n, size_t block) {
  size_t blocks = n / block;
  if (n % block >= block - block / 2 || blocks == 0)
    blocks++;
  return blocks;
}

static size_t block_of(size_t t, size_t blocks, size_t block) {
  return t / block < blocks ? t / block : blocks - 1;
}

size_t vr_residual_blocks(const struct vr_residuals *groups, size_t n_groups,
                          size_t block) {
  size_t blocks = 0;
  for (size_t g = 0; g < n_groups; g++)
    blocks += count_blocks(groups[g].n, block);
  return blocks;
}

size_t vr_residual_block(const struct vr_residuals *group, size_t t,
                         size_t block) {
  return block_of(t, count_blocks(group->n, block), block);
}

/* --- residuals in the order of their size --- */

struct sized {
  double size;  /* |e| */
  size_t block; /* counted through all groups */
};

/* How many items lie between two of those before which each block's are
 * counted. */
enum { STRIDE = 256 };

/* |e| of the samples of one regime, or of all. */
struct sorted {
  size_t n;
  struct sized *items;
  double *in_block; /* samples in each block */
  size_t n_present; /* blocks that have any, */
  size_t *present;  /* and which */
  /* How many items of block present[j] are before item STRIDE k, at k *
   * n_present + j; NULL where looking at all items is as cheap. */
  unsigned *before;
};

struct vr_calibration {
  unsigned n_regimes;
  size_t blocks;
  struct sorted *of; /* n_regimes + 1: the last one holds all */
};

void vr_sysid_calibration_free(struct vr_calibration *c) {
  for (unsigned k = 0; c && c->of && k <= c->n_regimes; k++) {
    free(c->of[k].items);
    free(c->of[k].in_block);
    free(c->of[k].present);
    free(c->of[k].before);
  }
  if (c)
    free(c->of);
  free(c);
}

/* Numbers of no sign are in the order of their bits: DIGIT of them at a time,
 * the last ones first. */
enum { DIGIT = 11, DIGITS = (64 + DIGIT - 1) / DIGIT };

static size_t digit_of(const struct sized *x, unsigned k) {
  uint64_t bits;
  memcpy(&bits, &x->size, sizeof(bits));
  return bits >> (DIGIT * k) & ((1u << DIGIT) - 1);
}

/* FROM, N items, to TO by digit K. */
static void sort_by_digit(const struct sized *from, size_t n, unsigned k,
                          struct sized *to) {
  size_t at[1u << DIGIT] = {0}, sum = 0;
  for (size_t i = 0; i < n; i++)
    at[digit_of(&from[i], k)]++;
  for (size_t d = 0; d < 1u << DIGIT; d++) {
    size_t here = at[d];
    at[d] = sum;
    sum += here;
  }
  for (size_t i = 0; i < n; i++)
    to[at[digit_of(&from[i], k)]++] = from[i];
}

/* Returns 0 or -ENOMEM. */
static int sort_items(struct sorted *s) {
  vr_auto_free struct sized *other = malloc((s->n + 1) * sizeof(*other));
  if (!other)
    return -ENOMEM;
  for (unsigned k = 0; k < DIGITS; k++) {
    sort_by_digit(s->items, s->n, k, other);
    struct sized *sorted = other;
    other = s->items;
    s->items = sorted;
  }
  return 0;
}

static void put(struct sorted *s, double size, size_t block) {
  s->items[s->n++] = (struct sized){size, block};
  s->in_block[block]++;
}

static void put_group(struct vr_calibration *c, const struct vr_residuals *g,
                      size_t first, size_t block) {
  for (size_t t = 0; t < g->n; t++) {
    if (!isfinite(g->e[t]))
      continue;
    size_t at = first + vr_residual_block(g, t, block);
    put(&c->of[c->n_regimes], fabs(g->e[t]), at);
    if (g->regime)
      put(&c->of[g->regime[t]], fabs(g->e[t]), at);
  }
}

/* Room for the samples of regime K of all groups. */
static int make_room(struct vr_calibration *c, unsigned k,
                     const struct vr_residuals *groups, size_t n_groups) {
  size_t n = 0;
  for (size_t g = 0; g < n_groups; g++)
    for (size_t t = 0; t < groups[g].n; t++)
      n +=
          isfinite(groups[g].e[t]) &&
          (k == c->n_regimes || (groups[g].regime && groups[g].regime[t] == k));
  c->of[k].items = malloc((n + 1) * sizeof(*c->of[k].items));
  c->of[k].in_block = calloc(c->blocks + 1, sizeof(double));
  return c->of[k].items && c->of[k].in_block ? 0 : -ENOMEM;
}

/* Counts each block's items, if it is worth it: a search looks at all blocks in
 * each of its steps. Returns 0 or -ENOMEM. */
static int count_before(struct sorted *s, size_t blocks) {
  size_t marks = s->n / STRIDE + 1, steps = 1;
  vr_auto_free size_t *place = calloc(blocks + 1, sizeof(*place));
  s->present = calloc(blocks + 1, sizeof(*s->present));
  if (!place || !s->present)
    return -ENOMEM;
  for (size_t b = 0; b < blocks; b++) {
    place[b] = s->n_present;
    if (s->in_block[b] > 0)
      s->present[s->n_present++] = b;
  }
  while (marks >> steps)
    steps++;
  if (s->n_present * steps > s->n / 4)
    return 0;
  s->before = calloc(marks * s->n_present, sizeof(*s->before));
  if (!s->before)
    return -ENOMEM;
  for (size_t k = 1; k < marks; k++) {
    unsigned *row = s->before + k * s->n_present;
    memcpy(row, row - s->n_present, s->n_present * sizeof(*row));
    for (size_t i = (k - 1) * STRIDE; i < k * STRIDE; i++)
      row[place[s->items[i].block]]++;
  }
  return 0;
}

struct vr_calibration *
vr_sysid_calibration_new(const struct vr_residuals *groups, size_t n_groups,
                         unsigned n_regimes, size_t block) {
  struct vr_calibration *c = calloc(1, sizeof(*c));
  if (!c)
    return NULL;
  c->n_regimes = n_regimes;
  c->blocks = vr_residual_blocks(groups, n_groups, block);
  c->of = calloc(n_regimes + 1u, sizeof(*c->of));
  int r = c->of ? 0 : -ENOMEM;
  for (unsigned k = 0; r == 0 && k <= n_regimes; k++)
    r = make_room(c, k, groups, n_groups);
  if (r < 0) {
    vr_sysid_calibration_free(c);
    return NULL;
  }
  size_t first = 0;
  for (size_t g = 0; g < n_groups; g++) {
    put_group(c, &groups[g], first, block);
    first += vr_residual_blocks(&groups[g], 1, block);
  }
  for (unsigned k = 0; r == 0 && k <= n_regimes; k++) {
    r = sort_items(&c->of[k]);
    if (r == 0)
      r = count_before(&c->of[k], c->blocks);
  }
  if (r == 0)
    return c;
  vr_sysid_calibration_free(c);
  return NULL;
}

size_t vr_sysid_calibration_blocks(const struct vr_calibration *c) {
  return c->blocks;
}

static double times_of(const unsigned *times, size_t block) {
  return times ? times[block] : 1;
}

/* The blocks' averaged distribution before mark K; block b is there TIMES[b]
 * times (NULL: once). */
static double share_before(const struct sorted *s, size_t k,
                           const unsigned *times) {
  const unsigned *before = s->before + k * s->n_present;
  double sum = 0;
  for (size_t j = 0; j < s->n_present; j++) {
    size_t b = s->present[j];
    sum += times_of(times, b) * before[j] / s->in_block[b];
  }
  return sum;
}

/* The last mark before which less than ENOUGH is; *RET_SUM: how much. */
static size_t find_mark(const struct sorted *s, double enough,
                        const unsigned *times, double *ret_sum) {
  size_t low = 0, high = s->n / STRIDE + 1;
  *ret_sum = 0;
  while (s->before && high - low > 1) {
    size_t middle = (low + high) / 2;
    double sum = share_before(s, middle, times);
    if (sum >= enough) {
      high = middle;
      continue;
    }
    low = middle;
    *ret_sum = sum;
  }
  return low;
}

/* The level quantile of the blocks' averaged distributions with one more block
 * at infinity. */
static double width(const struct sorted *s, double level,
                    const unsigned *times) {
  double blocks = 0, sum;
  for (size_t j = 0; j < s->n_present; j++)
    blocks += times_of(times, s->present[j]);
  double enough = level * (blocks + 1) * (1 - 1e-12);
  size_t first = STRIDE * find_mark(s, enough, times, &sum);
  for (size_t k = first; k < s->n; k++) {
    size_t b = s->items[k].block;
    sum += times_of(times, b) / s->in_block[b];
    if (sum >= enough)
      return s->items[k].size;
  }
  return INFINITY;
}

/* How many items there are up to the size Q. */
static size_t count_up_to(const struct sorted *s, double q) {
  size_t low = 0, high = s->n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (s->items[middle].size <= q)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* The same with each block there TIMES[b] times. */
static double weigh_up_to(const struct sorted *s, double q,
                          const unsigned *times) {
  size_t end = count_up_to(s, q), k = s->before ? end / STRIDE : 0;
  double sum = 0;
  for (size_t j = 0; s->before && j < s->n_present; j++)
    sum += times_of(times, s->present[j]) * s->before[k * s->n_present + j];
  for (size_t i = k * STRIDE; i < end; i++)
    sum += times_of(times, s->items[i].block);
  return sum;
}

void vr_sysid_calibration_held(const struct vr_calibration *c, const double *q,
                               const unsigned *times, double *ret_hits,
                               double *ret_of) {
  const struct sorted *all = &c->of[c->n_regimes];
  size_t of_regimes = 0;
  for (unsigned k = 0; k < c->n_regimes; k++)
    of_regimes += c->of[k].n;
  *ret_hits = *ret_of = 0;
  for (size_t b = 0; b < c->blocks; b++)
    *ret_of += times_of(times, b) * all->in_block[b];
  if (of_regimes < all->n)
    *ret_hits = weigh_up_to(all, q[0], times);
  for (unsigned k = 0; of_regimes == all->n && k < c->n_regimes; k++)
    *ret_hits += weigh_up_to(&c->of[k], q[k], times);
}

double vr_sysid_calibration_total_width(const struct vr_calibration *c,
                                        const double *q) {
  size_t of_regimes = 0;
  double sum = 0;
  for (unsigned k = 0; k < c->n_regimes; k++) {
    of_regimes += c->of[k].n;
    if (c->of[k].n > 0)
      sum += 2 * q[k] * (double)c->of[k].n;
  }
  size_t n = c->of[c->n_regimes].n;
  return of_regimes == n ? sum : 2 * q[0] * (double)n;
}

void vr_sysid_calibration_widths(const struct vr_calibration *c, double level,
                                 const unsigned *times, double *ret_q) {
  double all = width(&c->of[c->n_regimes], level, times);
  for (unsigned k = 0; k < c->n_regimes; k++) {
    const struct sorted *s = &c->of[k];
    ret_q[k] = width(s, level, times);
    if (isinf(ret_q[k]) && s->n > 0 && all > s->items[s->n - 1].size)
      ret_q[k] = all;
  }
  if (c->n_regimes == 0)
    *ret_q = all;
}

/* --- widths --- */

int vr_sysid_residuals_check(const struct vr_residuals *groups, size_t n_groups,
                             unsigned n_regimes, size_t block, double level,
                             struct vr_error *error) {
  if (block < 1 || !(level > 0 && level < 1))
    return vr_error_set(error, -EINVAL, "blocks of %zu, level %g", block,
                        level);
  bool any = false;
  for (size_t g = 0; g < n_groups; g++)
    for (size_t t = 0; t < groups[g].n; t++) {
      any = any || isfinite(groups[g].e[t]);
      if (groups[g].regime && groups[g].regime[t] >= n_regimes)
        return vr_error_set(error, -EINVAL, "regime %u of %u",
                            groups[g].regime[t], n_regimes);
    }
  return any ? 0 : vr_error_set(error, -ENODATA, "no finite residual");
}

int vr_conformal_widths(const struct vr_residuals *groups, size_t n_groups,
                        unsigned n_regimes, size_t block, double level,
                        double *ret_q, struct vr_error *error) {
  int r = vr_sysid_residuals_check(groups, n_groups, n_regimes, block, level,
                                   error);
  if (r < 0)
    return r;
  struct vr_calibration *c =
      vr_sysid_calibration_new(groups, n_groups, n_regimes, block);
  if (!c)
    return vr_sysid_no_memory(error);
  vr_sysid_calibration_widths(c, level, NULL, ret_q);
  vr_sysid_calibration_free(c);
  return 0;
}

int vr_conformal_width(size_t n, const double *e, size_t block, double level,
                       double *ret_q, struct vr_error *error) {
  const struct vr_residuals all = {.n = n, .e = e};
  return vr_conformal_widths(&all, 1, 0, block, level, ret_q, error);
}

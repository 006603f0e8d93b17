/* SPDX-License-Identifier: MIT */
#include "sysid/calibration.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <math.h>
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
  double size;    /* |e| */
  unsigned block; /* counted through all groups */
  unsigned regime;
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
  /* What an item of each block weighs, as widths were last asked for */
  double *weight;
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
    free(c->of[k].weight);
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

/* Room for N items of C's list K. */
static int make_room(struct vr_calibration *c, unsigned k, size_t n) {
  struct sorted *s = &c->of[k];
  s->items = malloc((n + 1) * sizeof(*s->items));
  s->in_block = calloc(c->blocks + 1, sizeof(*s->in_block));
  s->weight = malloc((c->blocks + 1) * sizeof(*s->weight));
  return s->items && s->in_block && s->weight ? 0 : -ENOMEM;
}

static void put(struct sorted *s, const struct sized *item) {
  s->items[s->n++] = *item;
  s->in_block[item->block]++;
}

/* The finite ones of G's samples, whose blocks begin with FIRST; those without
 * a regime are of N_REGIMES. */
static void put_group(struct sorted *all, unsigned n_regimes,
                      const struct vr_residuals *g, size_t first,
                      size_t block) {
  for (size_t t = 0; t < g->n; t++) {
    if (!isfinite(g->e[t]))
      continue;
    const struct sized item = {
        fabs(g->e[t]), (unsigned)(first + vr_residual_block(g, t, block)),
        g->regime ? g->regime[t] : n_regimes};
    put(all, &item);
  }
}

static size_t count_finite(const struct vr_residuals *groups, size_t n_groups) {
  size_t n = 0;
  for (size_t g = 0; g < n_groups; g++)
    for (size_t t = 0; t < groups[g].n; t++)
      n += isfinite(groups[g].e[t]) != 0;
  return n;
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

/* The sorted list of all by regimes. Returns 0 or -ENOMEM. */
static int by_regimes(struct vr_calibration *c) {
  const struct sorted *all = &c->of[c->n_regimes];
  vr_auto_free size_t *n = calloc(c->n_regimes + 1u, sizeof(*n));
  int r = n ? 0 : -ENOMEM;
  for (size_t i = 0; r == 0 && i < all->n; i++)
    n[all->items[i].regime]++;
  for (unsigned k = 0; r == 0 && k < c->n_regimes; k++)
    r = make_room(c, k, n[k]);
  for (size_t i = 0; r == 0 && i < all->n; i++)
    if (all->items[i].regime < c->n_regimes)
      put(&c->of[all->items[i].regime], &all->items[i]);
  for (unsigned k = 0; r == 0 && k <= c->n_regimes; k++)
    r = count_before(&c->of[k], c->blocks);
  return r;
}

/* For so many blocks, with room for N items. */
static struct vr_calibration *new_calibration(unsigned n_regimes, size_t blocks,
                                              size_t n) {
  struct vr_calibration *c = calloc(1, sizeof(*c));
  if (!c)
    return NULL;
  c->n_regimes = n_regimes;
  c->blocks = blocks;
  c->of = calloc(n_regimes + 1u, sizeof(*c->of));
  if (c->of && make_room(c, n_regimes, n) == 0)
    return c;
  vr_sysid_calibration_free(c);
  return NULL;
}

struct vr_calibration *
vr_sysid_calibration_new(const struct vr_residuals *groups, size_t n_groups,
                         unsigned n_regimes, size_t block) {
  struct vr_calibration *c =
      new_calibration(n_regimes, vr_residual_blocks(groups, n_groups, block),
                      count_finite(groups, n_groups));
  if (!c)
    return NULL;
  size_t first = 0;
  for (size_t g = 0; g < n_groups; g++) {
    put_group(&c->of[n_regimes], n_regimes, &groups[g], first, block);
    first += vr_residual_blocks(&groups[g], 1, block);
  }
  if (sort_items(&c->of[n_regimes]) == 0 && by_regimes(c) == 0)
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

/* What an item of each block weighs where block b is there TIMES[b] times; the
 * blocks' number. */
static double weigh(const struct sorted *s, const unsigned *times) {
  double blocks = 0;
  for (size_t j = 0; j < s->n_present; j++) {
    size_t b = s->present[j];
    s->weight[b] = times_of(times, b) / s->in_block[b];
    blocks += times_of(times, b);
  }
  return blocks;
}

/* The blocks' averaged distribution before mark K. */
static double share_before(const struct sorted *s, size_t k) {
  const unsigned *before = s->before + k * s->n_present;
  double sum = 0;
  for (size_t j = 0; j < s->n_present; j++)
    sum += s->weight[s->present[j]] * before[j];
  return sum;
}

/* The last mark before which less than ENOUGH is; *RET_SUM: how much. */
static size_t find_mark(const struct sorted *s, double enough,
                        double *ret_sum) {
  size_t low = 0, high = s->n / STRIDE + 1;
  *ret_sum = 0;
  while (s->before && high - low > 1) {
    size_t middle = (low + high) / 2;
    double sum = share_before(s, middle);
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
  double blocks = weigh(s, times), sum;
  double enough = level * (blocks + 1) * (1 - 1e-12);
  size_t first = STRIDE * find_mark(s, enough, &sum);
  for (size_t k = first; k < s->n; k++) {
    sum += s->weight[s->items[k].block];
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

/* Do all samples have regimes? */
static bool has_regimes(const struct vr_calibration *c) {
  size_t n = 0;
  for (unsigned k = 0; k < c->n_regimes; k++)
    n += c->of[k].n;
  return n == c->of[c->n_regimes].n;
}

void vr_sysid_calibration_held(const struct vr_calibration *c, const double *q,
                               const unsigned *times, double *ret_hits,
                               double *ret_of) {
  const struct sorted *all = &c->of[c->n_regimes];
  bool by_regime = has_regimes(c);
  *ret_hits = *ret_of = 0;
  for (size_t b = 0; b < c->blocks; b++)
    *ret_of += times_of(times, b) * all->in_block[b];
  if (!by_regime)
    *ret_hits = weigh_up_to(all, q[0], times);
  for (unsigned k = 0; by_regime && k < c->n_regimes; k++)
    *ret_hits += weigh_up_to(&c->of[k], q[k], times);
}

/* How many samples the blocks have that are there. */
static double count(const struct vr_calibration *c, const struct sorted *s,
                    const unsigned *times) {
  double n = 0;
  for (size_t b = 0; b < c->blocks; b++)
    n += times_of(times, b) > 0 ? s->in_block[b] : 0;
  return n;
}

double vr_sysid_calibration_total_width(const struct vr_calibration *c,
                                        const double *q,
                                        const unsigned *times) {
  double sum = 0;
  if (!has_regimes(c))
    return 2 * q[0] * count(c, &c->of[c->n_regimes], times);
  for (unsigned k = 0; k < c->n_regimes; k++) {
    double n = count(c, &c->of[k], times);
    if (n > 0)
      sum += 2 * q[k] * n;
  }
  return sum;
}

/* The largest sample of the blocks that IS_THERE says; NAN: there is none. */
static double largest(const struct sorted *s, const unsigned char *is_there) {
  for (size_t i = s->n; i-- > 0;)
    if (!is_there || is_there[s->items[i].block])
      return s->items[i].size;
  return NAN;
}

void vr_sysid_calibration_widths(const struct vr_calibration *c, double level,
                                 const unsigned *times,
                                 const unsigned char *is_there, double *ret_q) {
  double all = NAN; /* seldom needed */
  if (c->n_regimes == 0)
    *ret_q = width(&c->of[0], level, times);
  for (unsigned k = 0; k < c->n_regimes; k++) {
    const struct sorted *s = &c->of[k];
    ret_q[k] = width(s, level, times);
    if (!isinf(ret_q[k]))
      continue;
    if (isnan(all))
      all = width(&c->of[c->n_regimes], level, times);
    if (all > largest(s, is_there))
      ret_q[k] = all;
  }
}

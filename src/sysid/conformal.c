/* SPDX-License-Identifier: MIT */
#include "sysid/conformal.h"

#include "basic/cleanup.h"
#include "basic/sort.h"
#include "sysid/sysid_errors.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
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

/* |e| of the samples of one regime, or of all. */
struct sorted {
  size_t n;
  struct sized *items;
  double *in_block; /* samples in each block */
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
  }
  if (c)
    free(c->of);
  free(c);
}

static int by_size(const void *x, const void *y) {
  const struct sized *a = x, *b = y;
  return a->size < b->size ? -1 : a->size > b->size;
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
  for (unsigned k = 0; k <= n_regimes; k++)
    vr_sort(c->of[k].items, c->of[k].n, sizeof(*c->of[k].items), by_size);
  return c;
}

size_t vr_sysid_calibration_blocks(const struct vr_calibration *c) {
  return c->blocks;
}

/* The level quantile of the blocks' averaged distributions with one more block
 * at infinity; block b is there TIMES[b] times (NULL: once). */
static double width(const struct sorted *s, size_t n_blocks, double level,
                    const unsigned *times) {
  double blocks = 0, sum = 0;
  for (size_t b = 0; b < n_blocks; b++)
    if (s->in_block[b] > 0)
      blocks += times ? times[b] : 1;
  double enough = level * (blocks + 1) * (1 - 1e-12);
  for (size_t k = 0; k < s->n; k++) {
    size_t b = s->items[k].block;
    sum += (times ? times[b] : 1) / s->in_block[b];
    if (sum >= enough)
      return s->items[k].size;
  }
  return INFINITY;
}

void vr_sysid_calibration_widths(const struct vr_calibration *c, double level,
                                 const unsigned *times, double *ret_q) {
  double all = width(&c->of[c->n_regimes], c->blocks, level, times);
  for (unsigned k = 0; k < c->n_regimes; k++) {
    const struct sorted *s = &c->of[k];
    ret_q[k] = width(s, c->blocks, level, times);
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

/* SPDX-License-Identifier: MIT */
#include "sysid/residual.h"

#include "basic/cleanup.h"
#include "sysid/internal.h"

#include <errno.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* How many blocks N samples make: a last one below half the length joins the
 * one before. */
static size_t count_blocks(size_t n, size_t block) {
  size_t blocks = n / block;
  if (n % block >= (block + 1) / 2 || blocks == 0)
    blocks++;
  return blocks;
}

static size_t block_end(size_t b, size_t blocks, size_t block, size_t n) {
  return b + 1 == blocks ? n : (b + 1) * block;
}

struct weighted {
  double size, weight;
};

static int by_size(const void *x, const void *y) {
  const struct weighted *a = x, *b = y;
  return a->size < b->size ? -1 : a->size > b->size;
}

/* Which samples count: of a regime, or all when REGIME is NULL. */
struct choice {
  const unsigned *regime;
  unsigned wanted;
};

static bool counts(const struct choice *c, const double *e, size_t t) {
  return isfinite(e[t]) && (!c->regime || c->regime[t] == c->wanted);
}

/* |e| of the samples that count, each with 1 / (samples of its block). */
static size_t gather(size_t n, const double *e, size_t block,
                     const struct choice *c, struct weighted *ret,
                     size_t *ret_blocks) {
  size_t blocks = count_blocks(n, block), filled = 0;
  *ret_blocks = 0;
  for (size_t b = 0; b < blocks; b++) {
    size_t begin = filled;
    for (size_t t = b * block; t < block_end(b, blocks, block, n); t++)
      if (counts(c, e, t))
        ret[filled++].size = fabs(e[t]);
    for (size_t k = begin; k < filled; k++)
      ret[k].weight = 1 / (double)(filled - begin);
    *ret_blocks += filled > begin;
  }
  return filled;
}

/* *ret_q stays INFINITY when the blocks are too few; *ret_largest is the
 * largest |e|, -1 when none counts. */
static int width(size_t n, const double *e, size_t block, double level,
                 const struct choice *c, double *ret_q, double *ret_largest) {
  vr_auto_free struct weighted *w = malloc((n + 1) * sizeof(*w));
  if (!w)
    return -ENOMEM;
  size_t blocks, filled = gather(n, e, block, c, w, &blocks);
  qsort(w, filled, sizeof(*w), by_size);
  double sum = 0, enough = level * (double)(blocks + 1) * (1 - 1e-12);
  *ret_q = INFINITY;
  for (size_t k = 0; k < filled; k++) {
    sum += w[k].weight;
    if (sum >= enough) {
      *ret_q = w[k].size;
      break;
    }
  }
  *ret_largest = filled > 0 ? w[filled - 1].size : -1;
  return 0;
}

static int check(size_t n, size_t block, double level,
                 struct vr_sysid_error *error) {
  if (block < 1 || !(level > 0 && level < 1))
    return vr_sysid_fail(error, -EINVAL, "blocks of %zu, level %g", block,
                         level);
  if (n < 1)
    return vr_sysid_fail(error, -ENODATA, "no residuals");
  return 0;
}

int vr_conformal_width(size_t n, const double *e, size_t block, double level,
                       double *ret_q, struct vr_sysid_error *error) {
  int r = check(n, block, level, error);
  if (r < 0)
    return r;
  double q, largest;
  if (width(n, e, block, level, &(struct choice){0}, &q, &largest) < 0)
    return vr_sysid_no_memory(error);
  if (largest < 0)
    return vr_sysid_fail(error, -ENODATA, "no finite residual");
  *ret_q = q;
  return 0;
}

int vr_conformal_width_regimes(size_t n, const double *e,
                               const unsigned *regime, unsigned n_regimes,
                               size_t block, double level, double *ret_q,
                               struct vr_sysid_error *error) {
  double all;
  int r = vr_conformal_width(n, e, block, level, &all, error);
  if (r < 0)
    return r;
  vr_auto_free double *q = malloc((n_regimes + 1u) * sizeof(*q));
  if (!q)
    return vr_sysid_no_memory(error);
  for (unsigned k = 0; k < n_regimes; k++) {
    double largest;
    if (width(n, e, block, level, &(struct choice){regime, k}, &q[k],
              &largest) < 0)
      return vr_sysid_no_memory(error);
    if (isinf(q[k]) && largest >= 0 && all > largest)
      q[k] = all;
  }
  memcpy(ret_q, q, n_regimes * sizeof(*q));
  return 0;
}

/* --- coverage --- */

/* Hits and samples of every block that has any. */
static size_t tally(size_t n, const double *e, const double *q, size_t block,
                    double *hits, double *samples) {
  size_t blocks = count_blocks(n, block), filled = 0;
  for (size_t b = 0; b < blocks; b++) {
    hits[filled] = samples[filled] = 0;
    for (size_t t = b * block; t < block_end(b, blocks, block, n); t++)
      if (isfinite(e[t]) && !isnan(q[t])) {
        samples[filled]++;
        hits[filled] += fabs(e[t]) <= q[t];
      }
    filled += samples[filled] > 0;
  }
  return filled;
}

/* Shares covered in RESAMPLES draws of BLOCKS blocks, sorted. */
static int bootstrap(size_t blocks, const double *hits, const double *samples,
                     unsigned resamples, double *ret_share) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  if (!rng)
    return -ENOMEM;
  gsl_rng_set(rng, 20070607);
  for (unsigned k = 0; k < resamples; k++) {
    double hit = 0, of = 0;
    for (size_t b = 0; b < blocks; b++) {
      unsigned long drawn = gsl_rng_uniform_int(rng, blocks);
      hit += hits[drawn];
      of += samples[drawn];
    }
    ret_share[k] = hit / of;
  }
  gsl_rng_free(rng);
  gsl_sort(ret_share, 1, resamples);
  return 0;
}

int vr_coverage_bootstrap(size_t n, const double *e, const double *q,
                          size_t block, unsigned resamples,
                          struct vr_coverage *ret,
                          struct vr_sysid_error *error) {
  vr_sysid_quiet_gsl();
  int r = check(n, block, 0.5, error);
  if (r < 0)
    return r;
  resamples = resamples ? resamples : 1000;
  size_t most = count_blocks(n, block);
  vr_auto_free double *work =
      malloc((2 * most + resamples + 2) * sizeof(*work));
  if (!work)
    return vr_sysid_no_memory(error);
  double *hits = work, *samples = work + most + 1, *share = samples + most + 1;
  size_t blocks = tally(n, e, q, block, hits, samples);
  if (blocks == 0)
    return vr_sysid_fail(error, -ENODATA, "no finite residual");
  struct vr_coverage c = {.blocks = blocks};
  double hit = 0, widths = 0;
  for (size_t b = 0; b < blocks; b++) {
    hit += hits[b];
    c.samples += (size_t)samples[b];
  }
  for (size_t t = 0; t < n; t++)
    if (isfinite(e[t]) && !isnan(q[t]))
      widths += 2 * q[t];
  c.coverage = hit / (double)c.samples;
  c.mean_width = widths / (double)c.samples;
  if (bootstrap(blocks, hits, samples, resamples, share) < 0)
    return vr_sysid_no_memory(error);
  c.lower = share[(size_t)(0.025 * (resamples - 1) + 0.5)];
  c.upper = share[(size_t)(0.975 * (resamples - 1) + 0.5)];
  *ret = c;
  return 0;
}

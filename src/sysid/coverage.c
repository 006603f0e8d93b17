/* SPDX-License-Identifier: MIT */
#include "sysid/coverage.h"

#include "basic/cleanup.h"
#include "sysid/sysid_errors.h"

#include <errno.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* One group in both its roles. */
struct tested {
  struct vr_calibration *own, *others;
  size_t blocks, other_blocks;
  double *q;       /* n_regimes, or 1 */
  double hits, of; /* in the draw at hand */
};

struct experiment {
  size_t n;
  struct tested *groups;
  double level;
  unsigned *times; /* how often each block is drawn */
  gsl_rng *rng;
};

static void experiment_clear(struct experiment *x) {
  for (size_t g = 0; x->groups && g < x->n; g++) {
    vr_sysid_calibration_free(x->groups[g].others);
    vr_sysid_calibration_free(x->groups[g].own);
    free(x->groups[g].q);
  }
  free(x->groups);
  free(x->times);
  if (x->rng)
    gsl_rng_free(x->rng);
}

/* Are widths from the same residuals that are tested, in the same blocks? */
static bool is_symmetric(const struct vr_coverage_design *d) {
  for (size_t g = 0; g < d->n_groups; g++)
    for (size_t h = 0; h < d->n_groups; h++) {
      const struct vr_residuals *r = &d->calibration[g * d->n_groups + h];
      if (g != h && (r->e != d->test[h].e || r->n != d->test[h].n ||
                     r->regime != d->test[h].regime))
        return false;
    }
  return d->block == d->calibration_block;
}

/* Parts of WHOLE, which is of all groups. */
static void part(const struct vr_coverage_design *d,
                 const struct vr_calibration *whole, size_t g,
                 struct tested *t) {
  size_t first = vr_residual_blocks(d->test, g, d->block);
  size_t end = vr_residual_blocks(d->test, g + 1, d->block);
  t->others = vr_sysid_calibration_part(whole, first, end, true);
  t->own = vr_sysid_calibration_part(whole, first, end, false);
}

static int sort_group(const struct vr_coverage_design *d, size_t g,
                      struct tested *t) {
  vr_auto_free struct vr_residuals *others =
      calloc(d->n_groups, sizeof(*others));
  if (!others)
    return -ENOMEM;
  size_t k = 0;
  for (size_t h = 0; h < d->n_groups; h++)
    if (h != g)
      others[k++] = d->calibration[g * d->n_groups + h];
  t->others =
      vr_sysid_calibration_new(others, k, d->n_regimes, d->calibration_block);
  t->own = vr_sysid_calibration_new(&d->test[g], 1, d->n_regimes, d->block);
  return 0;
}

static int prepare_group(const struct vr_coverage_design *d,
                         const struct vr_calibration *whole, size_t g,
                         struct tested *t) {
  int r = 0;
  if (whole)
    part(d, whole, g, t);
  else
    r = sort_group(d, g, t);
  if (r < 0)
    return r;
  t->q = malloc((d->n_regimes + 1u) * sizeof(*t->q));
  if (!t->others || !t->own || !t->q)
    return -ENOMEM;
  t->blocks = vr_sysid_calibration_blocks(t->own);
  t->other_blocks = vr_sysid_calibration_blocks(t->others);
  return 0;
}

static int prepare_groups(const struct vr_coverage_design *d,
                          struct experiment *x) {
  struct vr_calibration *whole = NULL;
  if (is_symmetric(d)) {
    whole =
        vr_sysid_calibration_new(d->test, d->n_groups, d->n_regimes, d->block);
    if (!whole)
      return -ENOMEM;
  }
  int r = 0;
  for (size_t g = 0; r == 0 && g < x->n; g++)
    r = prepare_group(d, whole, g, &x->groups[g]);
  vr_sysid_calibration_free(whole);
  return r;
}

static int experiment_init(const struct vr_coverage_design *d,
                           struct experiment *x) {
  x->n = d->n_groups;
  x->level = d->level;
  x->groups = calloc(x->n + 1, sizeof(*x->groups));
  x->rng = gsl_rng_alloc(gsl_rng_mt19937);
  if (!x->groups || !x->rng)
    return -ENOMEM;
  gsl_rng_set(x->rng, 20070607);
  size_t most = 0;
  int r = prepare_groups(d, x);
  if (r < 0)
    return r;
  for (size_t g = 0; g < x->n; g++) {
    most = x->groups[g].blocks > most ? x->groups[g].blocks : most;
    if (x->groups[g].other_blocks > most)
      most = x->groups[g].other_blocks;
  }
  x->times = malloc((most + 1) * sizeof(*x->times));
  return x->times ? 0 : -ENOMEM;
}

/* As gsl_rng_uniform_int() draws, which divides each time anew. */
static void draw_blocks(struct experiment *x, size_t blocks) {
  const gsl_rng_type *type = x->rng->type;
  uint32_t range = (uint32_t)(type->max - type->min);
  uint32_t scale = blocks > 0 ? range / (uint32_t)blocks : 1;
  memset(x->times, 0, blocks * sizeof(*x->times));
  for (size_t b = 0; b < blocks; b++) {
    uint32_t k;
    do
      k = (uint32_t)(type->get(x->rng->state) - type->min) / scale;
    while (k >= blocks);
    x->times[k]++;
  }
}

/* One draw: of the blocks that widths come from and of those that are tested,
 * in every group, and then of the groups. */
static double draw(struct experiment *x) {
  for (size_t g = 0; g < x->n; g++) {
    struct tested *t = &x->groups[g];
    draw_blocks(x, t->other_blocks);
    vr_sysid_calibration_widths(t->others, x->level, x->times, t->q);
    draw_blocks(x, t->blocks);
    vr_sysid_calibration_held(t->own, t->q, x->times, &t->hits, &t->of);
  }
  double hits = 0, of = 0;
  for (size_t k = 0; k < x->n; k++) {
    const struct tested *t = &x->groups[gsl_rng_uniform_int(x->rng, x->n)];
    hits += t->hits;
    of += t->of;
  }
  return of > 0 ? hits / of : NAN;
}

/* What the widths hold in the data itself. */
static void measure(struct experiment *x, struct vr_coverage *c,
                    double *ret_by_group) {
  double hits = 0, of = 0, widths = 0;
  for (size_t g = 0; g < x->n; g++) {
    struct tested *t = &x->groups[g];
    vr_sysid_calibration_widths(t->others, x->level, NULL, t->q);
    vr_sysid_calibration_held(t->own, t->q, NULL, &t->hits, &t->of);
    hits += t->hits;
    of += t->of;
    widths += vr_sysid_calibration_total_width(t->own, t->q);
    c->blocks += t->blocks;
    if (ret_by_group)
      ret_by_group[g] = t->of > 0 ? t->hits / t->of : NAN;
  }
  c->samples = (size_t)of;
  c->coverage = hits / of;
  c->mean_width = widths / of;
}

static int spread(struct experiment *x, unsigned resamples,
                  struct vr_coverage *c) {
  vr_auto_free double *fraction = malloc(resamples * sizeof(*fraction));
  if (!fraction)
    return -ENOMEM;
  size_t n = 0;
  for (unsigned k = 0; k < resamples; k++) {
    double s = draw(x);
    if (isfinite(s))
      fraction[n++] = s;
  }
  gsl_sort(fraction, 1, n);
  c->lower = n > 0 ? fraction[(size_t)(0.025 * (double)(n - 1) + 0.5)] : NAN;
  c->upper = n > 0 ? fraction[(size_t)(0.975 * (double)(n - 1) + 0.5)] : NAN;
  return 0;
}

static int check(const struct vr_coverage_design *d, struct vr_error *error) {
  if (d->n_groups < 2 || d->calibration_block < 1)
    return vr_error_set(error, -EINVAL, "%zu groups, blocks of %zu",
                        d->n_groups, d->calibration_block);
  for (size_t g = 0; g < d->n_groups; g++)
    for (size_t h = 0; h < d->n_groups; h++) {
      const struct vr_residuals *r =
          g == h ? &d->test[g] : &d->calibration[g * d->n_groups + h];
      int s = vr_sysid_residuals_check(r, 1, d->n_regimes, d->block, d->level,
                                       error);
      if (s < 0 && s != -ENODATA)
        return s;
    }
  return vr_sysid_residuals_check(d->test, d->n_groups, d->n_regimes, d->block,
                                  d->level, error);
}

int vr_coverage_measure(const struct vr_coverage_design *design,
                        unsigned resamples, struct vr_coverage *ret,
                        double *ret_by_group, struct vr_error *error) {
  vr_sysid_quiet_gsl();
  int r = check(design, error);
  if (r < 0)
    return r;
  vr_cleanup(experiment_clear) struct experiment x = {0};
  struct vr_coverage c = {0};
  r = experiment_init(design, &x);
  if (r == 0) {
    measure(&x, &c, ret_by_group);
    r = spread(&x, resamples ? resamples : 1000, &c);
  }
  if (r < 0)
    return vr_sysid_no_memory(error);
  *ret = c;
  return 0;
}

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

/* Some blocks of a calibration: WITHIN first .. end - 1, or all others. */
struct part {
  const struct vr_calibration *of;
  bool within;
  size_t first, end, n;
  unsigned char *is_there; /* of each block */
};

/* One group in both its roles. */
struct tested {
  struct part own, others;
  double *q;       /* n_regimes, or 1 */
  double hits, of; /* in the draw at hand */
};

struct experiment {
  size_t n;
  struct tested *groups;
  size_t n_calibrations;
  struct vr_calibration **calibrations;
  double level;
  unsigned *times; /* how often each block is drawn */
  gsl_rng *rng;
};

static void experiment_clear(struct experiment *x) {
  for (size_t g = 0; x->groups && g < x->n; g++) {
    free(x->groups[g].own.is_there);
    free(x->groups[g].others.is_there);
    free(x->groups[g].q);
  }
  for (size_t i = 0; i < x->n_calibrations; i++)
    vr_sysid_calibration_free(x->calibrations[i]);
  free(x->calibrations);
  free(x->groups);
  free(x->times);
  if (x->rng)
    gsl_rng_free(x->rng);
}

static int part_new(const struct vr_calibration *of, bool within, size_t first,
                    size_t end, struct part *ret) {
  size_t blocks = vr_sysid_calibration_blocks(of);
  *ret = (struct part){.of = of,
                       .within = within,
                       .first = first,
                       .end = end,
                       .n = within ? end - first : blocks - (end - first),
                       .is_there = malloc(blocks + 1)};
  for (size_t b = 0; ret->is_there && b < blocks; b++)
    ret->is_there[b] = (b >= first && b < end) == within;
  return ret->is_there ? 0 : -ENOMEM;
}

/* Block B of P, counted through all of its calibration. */
static size_t block_of(const struct part *p, size_t b) {
  return p->within ? p->first + b : b < p->first ? b : b + p->end - p->first;
}

/* Are widths from the same residuals that are tested, in the same blocks? */
static bool is_symmetric(const struct vr_coverage_design *d) {
  for (size_t g = 0; g < d->n_groups; g++)
    for (size_t h = 0; h < d->n_groups; h++) {
      const struct vr_residuals *r = &d->calibration[g * d->n_groups + h];
      if (g != h &&
          (r->e != d->test[h].e || r->n != d->test[h].n ||
           r->regime != d->test[h].regime || !r->regime != !d->test[0].regime))
        return false;
    }
  return d->block == d->calibration_block;
}

/* Sorts N groups, for as long as X is there. */
static const struct vr_calibration *sort(const struct vr_coverage_design *d,
                                         const struct vr_residuals *groups,
                                         size_t n, size_t block,
                                         struct experiment *x) {
  struct vr_calibration *c =
      vr_sysid_calibration_new(groups, n, d->n_regimes, block);
  if (c)
    x->calibrations[x->n_calibrations++] = c;
  return c;
}

/* Group G as a part of WHOLE, which is of all groups. */
static int cut_group(const struct vr_coverage_design *d,
                     const struct vr_calibration *whole, size_t g,
                     struct tested *t) {
  size_t first = vr_residual_blocks(d->test, g, d->block);
  size_t end = vr_residual_blocks(d->test, g + 1, d->block);
  int r = part_new(whole, true, first, end, &t->own);
  return r < 0 ? r : part_new(whole, false, first, end, &t->others);
}

static int sort_group(const struct vr_coverage_design *d, size_t g,
                      struct experiment *x, struct tested *t) {
  vr_auto_free struct vr_residuals *others =
      calloc(d->n_groups, sizeof(*others));
  if (!others)
    return -ENOMEM;
  size_t k = 0;
  for (size_t h = 0; h < d->n_groups; h++)
    if (h != g)
      others[k++] = d->calibration[g * d->n_groups + h];
  const struct vr_calibration *c = sort(d, others, k, d->calibration_block, x);
  const struct vr_calibration *own = sort(d, &d->test[g], 1, d->block, x);
  if (!c || !own)
    return -ENOMEM;
  int r = part_new(own, true, 0, vr_sysid_calibration_blocks(own), &t->own);
  return r < 0 ? r : part_new(c, false, 0, 0, &t->others);
}

static int prepare_groups(const struct vr_coverage_design *d,
                          struct experiment *x) {
  const struct vr_calibration *whole = NULL;
  bool symmetric = is_symmetric(d);
  if (symmetric) {
    whole = sort(d, d->test, d->n_groups, d->block, x);
    if (!whole)
      return -ENOMEM;
  }
  for (size_t g = 0; g < x->n; g++) {
    struct tested *t = &x->groups[g];
    int r = symmetric ? cut_group(d, whole, g, t) : sort_group(d, g, x, t);
    t->q = malloc((d->n_regimes + 1u) * sizeof(*t->q));
    if (r < 0 || !t->q)
      return -ENOMEM;
  }
  return 0;
}

static int experiment_init(const struct vr_coverage_design *d,
                           struct experiment *x) {
  x->n = d->n_groups;
  x->level = d->level;
  x->groups = calloc(x->n + 1, sizeof(*x->groups));
  x->calibrations = calloc(2 * x->n + 1, sizeof(*x->calibrations));
  x->rng = gsl_rng_alloc(gsl_rng_mt19937);
  if (!x->groups || !x->calibrations || !x->rng)
    return -ENOMEM;
  gsl_rng_set(x->rng, 20070607);
  int r = prepare_groups(d, x);
  if (r < 0)
    return r;
  size_t most = 0;
  for (size_t i = 0; i < x->n_calibrations; i++) {
    size_t blocks = vr_sysid_calibration_blocks(x->calibrations[i]);
    most = blocks > most ? blocks : most;
  }
  x->times = malloc((most + 1) * sizeof(*x->times));
  return x->times ? 0 : -ENOMEM;
}

/* The blocks of P once. */
static void take_blocks(struct experiment *x, const struct part *p) {
  size_t blocks = vr_sysid_calibration_blocks(p->of);
  for (size_t b = 0; b < blocks; b++)
    x->times[b] = p->is_there[b];
}

/* As gsl_rng_uniform_int() draws, which divides each time anew. */
static void draw_blocks(struct experiment *x, const struct part *p) {
  const gsl_rng_type *type = x->rng->type;
  uint32_t range = (uint32_t)(type->max - type->min);
  uint32_t scale = p->n > 0 ? range / (uint32_t)p->n : 1;
  memset(x->times, 0, vr_sysid_calibration_blocks(p->of) * sizeof(*x->times));
  for (size_t b = 0; b < p->n; b++) {
    uint32_t k;
    do
      k = (uint32_t)(type->get(x->rng->state) - type->min) / scale;
    while (k >= p->n);
    x->times[block_of(p, k)]++;
  }
}

static void find_widths(const struct experiment *x, struct tested *t) {
  vr_sysid_calibration_widths(t->others.of, x->level, x->times,
                              t->others.is_there, t->q);
}

static void find_held(const struct experiment *x, struct tested *t) {
  vr_sysid_calibration_held(t->own.of, t->q, x->times, &t->hits, &t->of);
}

/* One draw: of the blocks that widths come from and of those that are tested,
 * in every group, and then of the groups. */
static double draw(struct experiment *x) {
  for (size_t g = 0; g < x->n; g++) {
    struct tested *t = &x->groups[g];
    draw_blocks(x, &t->others);
    find_widths(x, t);
    draw_blocks(x, &t->own);
    find_held(x, t);
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
    take_blocks(x, &t->others);
    find_widths(x, t);
    take_blocks(x, &t->own);
    find_held(x, t);
    hits += t->hits;
    of += t->of;
    widths += vr_sysid_calibration_total_width(t->own.of, t->q, x->times);
    c->blocks += t->own.n;
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
      if (r->e == d->test[h].e && r->regime == d->test[h].regime &&
          r->n == d->test[h].n)
        continue; /* it is below */
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

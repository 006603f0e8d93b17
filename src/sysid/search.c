/* SPDX-License-Identifier: MIT */
#include "sysid/search.h"

#include "basic/cleanup.h"
#include "basic/sort.h"
#include "sysid/arx_build.h"
#include "sysid/linalg.h"
#include "sysid/nested.h"
#include "sysid/sysid_errors.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* What candidates are run on, and from where. */
struct validation {
  const struct vr_dataset *data;
  enum vr_initial initial;
};

/* The grid's largest structure has to make sense and to have enough rows. */
static int check(const struct vr_search_grid *grid,
                 const struct vr_search_options *o, const struct vr_dataset *d,
                 struct vr_error *error) {
  size_t n = vr_search_size(grid), limit = o->max_structures;
  if (n == 0)
    return vr_error_set(error, -EINVAL,
                        "the grid of structures is empty or too large");
  if (n > (limit ? limit : 10000000))
    return vr_error_set(error, -EINVAL, "%zu structures: above %zu", n,
                        limit ? limit : 10000000);
  vr_auto_free unsigned *nb = calloc(2 * (size_t)grid->nu + 1, sizeof(*nb));
  if (!nb)
    return vr_sysid_no_memory(error);
  unsigned *nk = nb + grid->nu;
  size_t lags = (size_t)grid->na.max + 1;
  for (unsigned i = 0; i < grid->nu; i++) {
    struct vr_range b = vr_search_range_of(grid, grid->nb, i),
                    k = vr_search_range_of(grid, grid->nk, i);
    nb[i] = b.min < 1 ? 0 : b.max;
    nk[i] = k.max;
    lags += (size_t)b.max + k.max - k.min;
  }
  const struct vr_orders largest = {grid->na.max, grid->nu, nb, nk};
  int r = vr_dataset_check(d, &largest, error);
  unsigned parameters = vr_dataset_orders_parameters(&largest);
  size_t rows = vr_dataset_samples_after(d, o->first_row);
  if (r == 0 && rows <= parameters)
    r = vr_error_set(error, -ENODATA, "%zu rows for %u parameters", rows,
                     parameters);
  if (r == 0 && lags > VR_PARAMETERS_MAX)
    r = vr_error_set(error, -EINVAL, "%zu lags to compare: above %u", lags,
                     VR_PARAMETERS_MAX);
  return r;
}

static int candidate_init(const struct vr_nested *s,
                          const struct vr_shortlisted *c,
                          struct vr_candidate *ret) {
  unsigned nu = s->grid->nu;
  unsigned *nb = calloc(2 * (size_t)nu + 1, sizeof(*nb));
  if (!nb)
    return -ENOMEM;
  *ret = (struct vr_candidate){.na = c->na,
                               .nb = nb,
                               .nk = nb + nu,
                               .rss = c->rss,
                               .free_run = NAN,
                               .one_step = NAN};
  vr_nested_decode(s, c->choice, ret->nb, ret->nk);
  vr_criterion_all(c->rss, c->parameters, s->gram.rows, ret->criterion);
  return 0;
}

/* Fit from the Gram alone: 6 digits are plenty for comparing free runs. */
static int candidate_fit(const struct vr_nested *s,
                         const struct vr_candidate *c, struct vr_arx *ret) {
  unsigned *index = s->index, p = 0;
  for (unsigned k = 1; k <= c->na; k++)
    index[p++] = k;
  for (unsigned i = 0; i < s->grid->nu; i++)
    for (unsigned k = 0; k < c->nb[i]; k++)
      index[p++] = vr_gram_index(&s->gram, i + 1, c->nk[i] + k);
  vr_auto_free double *g = malloc(((size_t)p * p + p) * sizeof(*g));
  if (!g)
    return -ENOMEM;
  double *theta = g + (size_t)p * p;
  for (unsigned i = 0; i < p; i++) {
    for (unsigned j = 0; j <= i; j++)
      g[(size_t)i * p + j] = vr_gram_at(&s->gram, index[i], index[j]);
    theta[i] = vr_gram_at(&s->gram, index[i], 0);
  }
  if (vr_sysid_cholesky(p, g, 0) != 0)
    return -ENOTUNIQ;
  vr_sysid_solve(p, g, theta);
  for (unsigned i = 0; i < p; i++)
    theta[i] *= s->scale[index[i]] / s->scale[0] * (i < c->na ? -1 : 1);
  const struct vr_orders o = {c->na, s->grid->nu, c->nb, c->nk};
  return vr_sysid_arx_from_parameters(&o, theta, ret);
}

/* Scores of ARX, on the same samples whatever its own lags. */
static int score(const struct vr_nested *s, const struct validation *v,
                 const struct vr_arx *arx, struct vr_candidate *c) {
  struct vr_score free_run, one_step;
  vr_cleanup(vr_dataset_clear) struct vr_dataset shared = {0};
  int r = vr_dataset_skip(
      v->data, s->gram.largest_lag - vr_arx_largest_lag(arx), &shared, NULL);
  if (r == 0) /* from rest every sample is scored anyway */
    r = vr_simulate_score_free_run_fast(
        arx, v->initial == VR_INITIAL_REST ? v->data : &shared, v->initial,
        &free_run);
  if (r == 0)
    r = vr_simulate_score_one_step(arx, &shared, &one_step);
  if (r < 0)
    return r;
  c->free_run = free_run.fit;
  c->one_step = one_step.fit;
  return 0;
}

static int rescore(const struct vr_nested *s, const struct validation *v,
                   struct vr_candidate *c) {
  struct vr_arx arx;
  int r = candidate_fit(s, c, &arx);
  if (r == -ENOTUNIQ)
    return 0;
  if (r < 0)
    return r;
  c->stable = vr_arx_spectral_radius(&arx) < 1;
  r = score(s, v, &arx, c);
  vr_arx_clear(&arx);
  return r;
}

/* Stable before unstable, then by free run, NAN last. */
static int better(const void *x, const void *y) {
  const struct vr_candidate *a = x, *b = y;
  if (a->stable != b->stable)
    return a->stable ? -1 : 1;
  double fa = isnan(a->free_run) ? -INFINITY : a->free_run,
         fb = isnan(b->free_run) ? -INFINITY : b->free_run;
  return fa > fb ? -1 : fa < fb;
}

static unsigned parameters_of(const struct vr_candidate *c, unsigned nu) {
  const struct vr_orders o = {c->na, nu, c->nb, c->nk};
  return vr_dataset_orders_parameters(&o);
}

/* Fewer parameters for the same free run: the simplest of the candidates that
 * are as good as the first but for TOLERANCE takes its place. */
static void prefer_simple(struct vr_search_result *r, double tolerance) {
  size_t best = 0;
  for (size_t k = 1; k < r->n; k++)
    if (r->candidates[k].stable == r->candidates[0].stable &&
        r->candidates[k].free_run >= r->candidates[0].free_run - tolerance &&
        parameters_of(&r->candidates[k], r->nu) <
            parameters_of(&r->candidates[best], r->nu))
      best = k;
  struct vr_candidate choice = r->candidates[best];
  memmove(r->candidates + 1, r->candidates, best * sizeof(choice));
  r->candidates[0] = choice;
}

/* Scores of the best by a criterion, which are on the list if it has room. */
static void copy_scores(const struct vr_search_result *r,
                        struct vr_candidate *c) {
  size_t bytes = r->nu * sizeof(*c->nb);
  for (size_t k = 0; k < r->n; k++) {
    const struct vr_candidate *from = &r->candidates[k];
    if (from->na != c->na || memcmp(from->nb, c->nb, bytes) != 0 ||
        memcmp(from->nk, c->nk, bytes) != 0)
      continue;
    c->free_run = from->free_run;
    c->one_step = from->one_step;
    c->stable = from->stable;
  }
}

static int rescore_all(struct vr_nested *s,
                       const struct vr_shortlisted *choices, size_t n,
                       const struct validation *v,
                       struct vr_search_result *ret) {
  /* Room for the indices of every column, lags of y included. */
  unsigned *index = calloc(s->gram.dim, sizeof(*index));
  ret->candidates = calloc(n + 1, sizeof(*ret->candidates));
  if (!index || !ret->candidates) {
    free(index);
    return -ENOMEM;
  }
  free(s->index);
  s->index = index;
  for (size_t k = 0; k < n; k++) {
    int r = candidate_init(s, &choices[k], &ret->candidates[k]);
    if (r < 0)
      return r;
    ret->n++;
    r = rescore(s, v, &ret->candidates[k]);
    if (r < 0)
      return r;
  }
  return 0;
}

static int finish(struct vr_nested *s, const struct validation *v,
                  double tolerance, struct vr_search_result *ret) {
  struct vr_shortlisted *choices;
  size_t n;
  int r = vr_shortlist_finish(&s->list, &choices, &n);
  if (r < 0)
    return r;
  r = rescore_all(s, choices, n, v, ret);
  free(choices);
  if (r < 0 || ret->n == 0)
    return r;
  vr_sort(ret->candidates, ret->n, sizeof(*ret->candidates), better);
  prefer_simple(ret, tolerance);
  for (unsigned i = 0; i < VR_CRITERIA; i++) {
    r = candidate_init(s, &s->list.best[i], &ret->best[i]);
    if (r < 0)
      return r;
    copy_scores(ret, &ret->best[i]);
  }
  return 0;
}

void vr_search_result_clear(struct vr_search_result *r) {
  for (size_t k = 0; k < r->n; k++)
    free(r->candidates[k].nb);
  for (unsigned i = 0; i < VR_CRITERIA; i++)
    free(r->best[i].nb);
  free(r->candidates);
  *r = (struct vr_search_result){0};
}

int vr_search(const struct vr_dataset *d, const struct vr_dataset *validate,
              const struct vr_search_grid *grid,
              const struct vr_search_options *options,
              struct vr_search_result *ret, struct vr_error *error) {
  struct vr_search_options o =
      options ? *options : (struct vr_search_options){0};
  o.keep = o.keep ? o.keep : 50;
  o.tolerance = o.tolerance == 0 ? 0.05 : fmax(o.tolerance, 0);
  struct vr_nested s = {0};
  struct vr_search_result result = {.nu = grid->nu,
                                    .tolerance = o.tolerance,
                                    .n_structures = vr_search_size(grid)};
  int r = check(grid, &o, d, error);
  if (r == 0 && validate && validate->nu != d->nu)
    r = vr_error_set(error, -EINVAL, "validation data has %u inputs, not %u",
                     validate->nu, d->nu);
  if (r < 0)
    return r;
  const struct vr_nested_options how = {.keep = o.keep,
                                        .criterion = o.criterion,
                                        .ridge = o.ridge,
                                        .first_row = o.first_row,
                                        .progress = o.progress};
  const struct validation v = {validate ? validate : d, o.initial};
  r = vr_nested_new(grid, &how, d, &s);
  if (r == 0) {
    vr_nested_compare(&s);
    result.rows = s.gram.rows;
    result.first_row = s.gram.largest_lag;
    result.n_singular = s.n_singular;
    r = finish(&s, &v, o.tolerance, &result);
  }
  if (r == 0 && result.n == 0)
    r = vr_error_set(error, -ENOTUNIQ,
                     "collinear: none of %zu structures has a unique fit",
                     result.n_structures);
  vr_nested_clear(&s);
  if (r < 0) {
    vr_search_result_clear(&result);
    return r == -ENOMEM ? vr_sysid_no_memory(error) : r;
  }
  *ret = result;
  return 0;
}

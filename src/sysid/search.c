/* SPDX-License-Identifier: MIT
 *
 * The nested factorisation. Columns of inputs are appended one by one to a
 * triangular factor L; with each, the rows of the output's lags against it and
 * the Schur complement of the lags are brought up to date. So a structure that
 * has one more column than another costs one row of L, and the small
 * factorisation of the Schur complement gives the residuals of every na.
 */
#include "sysid/search.h"

#include "basic/cleanup.h"
#include "sysid/gram.h"
#include "sysid/kernels.h"
#include "sysid/linalg.h"
#include "sysid/shortlist.h"
#include "sysid/sysid_internal.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Of the equilibrated Gram (unit diagonal): a column whose pivot is below this
 * is collinear with the ones before it. */
static const double PIVOT_MIN = 1e-12;

struct search {
  const struct vr_search_grid *grid;
  const struct vr_search_options *options;
  unsigned n_groups, group_inputs; /* inputs that share nb and nk */
  struct vr_gram gram;             /* equilibrated in place */
  double *scale;                   /* dim */
  unsigned m;                      /* na.max + 1 lags of y, lag 0 the last */
  unsigned columns_max;
  double *l;       /* columns_max x columns_max */
  double *ly;      /* m x columns_max */
  double *schur;   /* (columns_max + 1) x m x m, lower triangles */
  double *leaf;    /* m x m */
  unsigned *index; /* columns_max: of the columns in the Gram */
  struct vr_shortlist list;
  size_t n_singular;
};

static size_t count(struct vr_range r) {
  return r.max >= r.min ? (size_t)(r.max - r.min) + 1 : 0;
}

size_t vr_search_size(const struct vr_search_grid *grid) {
  size_t n = count(grid->na);
  unsigned groups = grid->tied && grid->nu > 0 ? 1 : grid->nu;
  for (unsigned i = 0; i < groups; i++)
    if (__builtin_mul_overflow(n, count(grid->nb[i]), &n) ||
        __builtin_mul_overflow(n, count(grid->nk[i]), &n))
      return 0;
  return n;
}

unsigned vr_search_largest_lag(const struct vr_search_grid *grid) {
  unsigned lag = grid->na.max;
  unsigned groups = grid->tied && grid->nu > 0 ? 1 : grid->nu;
  for (unsigned i = 0; i < groups; i++)
    if (grid->nb[i].max + grid->nk[i].max > lag + 1)
      lag = grid->nb[i].max + grid->nk[i].max - 1;
  return lag;
}

static struct vr_range range_of(const struct search *s,
                                const struct vr_range *r, unsigned input) {
  return s->grid->tied ? r[0] : r[input];
}

/* --- one column --- */

static double *schur_at(const struct search *s, unsigned columns) {
  return s->schur + (size_t)columns * s->m * s->m;
}

/* Index in the Gram of the output's lag that stands at row A of the Schur
 * complement: 1 .. na.max, then 0. */
static unsigned lag_index(const struct search *s, unsigned a) {
  return a + 1 < s->m ? a + 1 : 0;
}

/* Appends Gram column C as column K of the factor. False if collinear. */
static bool append(struct search *s, unsigned k, unsigned c) {
  double *row = s->l + (size_t)k * s->columns_max;
  const double *g = s->gram.g + (size_t)c * s->gram.dim;
  for (unsigned j = 0; j < k; j++) {
    const double *other = s->l + (size_t)j * s->columns_max;
    row[j] = (g[s->index[j]] - vr_dot(j, row, other)) / other[j];
  }
  double pivot = g[c] - vr_dot(k, row, row);
  if (!(pivot > PIVOT_MIN))
    return false;
  row[k] = sqrt(pivot);
  s->index[k] = c;

  const double *before = schur_at(s, k);
  double *after = schur_at(s, k + 1);
  for (unsigned a = 0; a < s->m; a++) {
    double *y = s->ly + (size_t)a * s->columns_max;
    y[k] = (g[lag_index(s, a)] - vr_dot(k, y, row)) / row[k];
    for (unsigned b = 0; b <= a; b++)
      after[a * s->m + b] =
          before[a * s->m + b] - y[k] * s->ly[(size_t)b * s->columns_max + k];
  }
  return true;
}

/* --- all na of one choice of inputs --- */

static void offer(struct search *s, unsigned na, unsigned columns,
                  size_t choice, double share) {
  double rss = fmax(share, 1e-16) / (s->scale[0] * s->scale[0]);
  vr_shortlist_offer(&s->list, na, na + columns, choice, rss);
}

static void leaf(struct search *s, unsigned columns, size_t choice) {
  const struct vr_range *na = &s->grid->na;
  unsigned m = s->m;
  const double *from = schur_at(s, columns);
  double *l = s->leaf, *last = l + (size_t)(m - 1) * m;
  double share = from[(size_t)(m - 1) * m + m - 1];
  if (na->min == 0 && columns > 0)
    offer(s, 0, columns, choice, share);
  for (unsigned i = 0; i + 1 < m; i++) {
    double *row = l + (size_t)i * m;
    for (unsigned j = 0; j < i; j++)
      row[j] = (from[(size_t)i * m + j] - vr_dot(j, row, l + (size_t)j * m)) /
               l[(size_t)j * m + j];
    double pivot = from[(size_t)i * m + i] - vr_dot(i, row, row);
    if (!(pivot > PIVOT_MIN)) {
      s->n_singular += na->max - (i + 1 > na->min ? i + 1 : na->min) + 1;
      return;
    }
    row[i] = sqrt(pivot);
    last[i] = (from[(size_t)(m - 1) * m + i] - vr_dot(i, last, row)) / row[i];
    share -= last[i] * last[i];
    if (i + 1 >= na->min)
      offer(s, i + 1, columns, choice, share);
  }
}

/* --- all choices of inputs --- */

/* Structures of the groups from GROUP on, times those of na. */
static size_t below(const struct search *s, unsigned group) {
  size_t n = count(s->grid->na);
  for (; group < s->n_groups; group++)
    n *= count(range_of(s, s->grid->nb, group)) *
         count(range_of(s, s->grid->nk, group));
  return n;
}

static void descend(struct search *s, unsigned group, unsigned columns,
                    size_t choice);

/* All nb of one group at the delay NK. */
static void grow(struct search *s, unsigned group, unsigned nk,
                 unsigned columns, size_t choice) {
  struct vr_range nb = range_of(s, s->grid->nb, group);
  for (unsigned k = 0; k < nb.max; k++) {
    for (unsigned i = 0; i < s->group_inputs; i++) {
      unsigned input = group * s->group_inputs + i;
      if (append(s, columns, vr_gram_index(&s->gram, input + 1, nk + k))) {
        columns++;
        continue;
      }
      size_t left = nb.max - (k + 1 > nb.min ? k + 1 : nb.min) + 1;
      s->n_singular += left * below(s, group + 1);
      return;
    }
    if (k + 1 >= nb.min)
      descend(s, group + 1, columns, choice + (k + 1 - nb.min));
  }
}

static void descend(struct search *s, unsigned group, unsigned columns,
                    size_t choice) {
  if (group == s->n_groups) {
    leaf(s, columns, choice);
    return;
  }
  struct vr_range nk = range_of(s, s->grid->nk, group);
  size_t width = count(range_of(s, s->grid->nb, group));
  for (unsigned d = nk.min; d <= nk.max; d++) {
    grow(s, group, d, columns, (choice * count(nk) + d - nk.min) * width);
    if (group == 0 && s->options->progress)
      s->options->progress(below(s, 0) / count(nk) * (d - nk.min + 1),
                           below(s, 0));
  }
}

/* The inverse of the numbers that descend and grow give to choices. */
static void decode(const struct search *s, size_t choice, unsigned *nb,
                   unsigned *nk) {
  for (unsigned group = s->n_groups; group-- > 0;) {
    struct vr_range b = range_of(s, s->grid->nb, group),
                    d = range_of(s, s->grid->nk, group);
    unsigned nb_here = b.min + (unsigned)(choice % count(b));
    choice /= count(b);
    unsigned nk_here = d.min + (unsigned)(choice % count(d));
    choice /= count(d);
    for (unsigned i = 0; i < s->group_inputs; i++) {
      nb[group * s->group_inputs + i] = nb_here;
      nk[group * s->group_inputs + i] = nk_here;
    }
  }
}

/* --- setting up --- */

static void equilibrate(struct search *s) {
  struct vr_gram *g = &s->gram;
  for (size_t i = 0; i < g->dim; i++) {
    double energy = g->g[i * g->dim + i];
    s->scale[i] = energy > 0 ? 1 / sqrt(energy) : 0;
  }
  for (size_t i = 0; i < g->dim; i++)
    for (size_t j = 0; j < g->dim; j++)
      g->g[i * g->dim + j] *= s->scale[i] * s->scale[j];
  for (size_t i = 1; i < g->dim; i++)
    g->g[i * g->dim + i] += s->options->ridge;
}

static void first_schur(struct search *s) {
  double *to = schur_at(s, 0);
  for (unsigned a = 0; a < s->m; a++)
    for (unsigned b = 0; b <= a; b++)
      to[a * s->m + b] = vr_gram_at(&s->gram, lag_index(s, a), lag_index(s, b));
}

static int allocate(struct search *s) {
  size_t c = s->columns_max, m = s->m;
  s->scale = calloc(s->gram.dim, sizeof(double));
  s->l = calloc(c * c + 1, sizeof(double));
  s->ly = calloc(m * c + 1, sizeof(double));
  s->schur = calloc((c + 1) * m * m, sizeof(double));
  s->leaf = calloc(m * m, sizeof(double));
  s->index = calloc(c + 1, sizeof(unsigned));
  if (!s->scale || !s->l || !s->ly || !s->schur || !s->leaf || !s->index)
    return -ENOMEM;
  return vr_shortlist_init(&s->list, s->options->keep, s->options->criterion,
                           s->grid->na.min, s->grid->na.max, s->gram.rows);
}

static void search_clear(struct search *s) {
  vr_gram_clear(&s->gram);
  vr_shortlist_clear(&s->list);
  free(s->scale);
  free(s->l);
  free(s->ly);
  free(s->schur);
  free(s->leaf);
  free(s->index);
}

/* The grid's largest structure has to make sense and to have enough rows. */
static int check(const struct search *s, const struct vr_dataset *d,
                 struct vr_error *error) {
  const struct vr_search_grid *grid = s->grid;
  size_t n = vr_search_size(grid), limit = s->options->max_structures;
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
    struct vr_range b = range_of(s, grid->nb, i), k = range_of(s, grid->nk, i);
    nb[i] = b.min < 1 ? 0 : b.max;
    nk[i] = k.max;
    lags += (size_t)b.max + k.max - k.min;
  }
  const struct vr_orders largest = {grid->na.max, grid->nu, nb, nk};
  int r = vr_dataset_check(d, &largest, error);
  unsigned parameters = vr_dataset_orders_parameters(&largest);
  size_t rows = vr_dataset_samples_after(d, s->options->first_row);
  if (r == 0 && rows <= parameters)
    r = vr_error_set(error, -ENODATA, "%zu rows for %u parameters", rows,
                     parameters);
  if (r == 0 && lags > VR_PARAMETERS_MAX)
    r = vr_error_set(error, -EINVAL, "%zu lags to compare: above %u", lags,
                     VR_PARAMETERS_MAX);
  return r;
}

static int prepare(struct search *s, const struct vr_dataset *d) {
  const struct vr_search_grid *grid = s->grid;
  vr_auto_free unsigned *lag = calloc(2 * (size_t)grid->nu + 1, sizeof(*lag));
  if (!lag)
    return -ENOMEM;
  for (unsigned i = 0; i < grid->nu; i++) {
    struct vr_range b = range_of(s, grid->nb, i), k = range_of(s, grid->nk, i);
    lag[i] = k.min;
    lag[grid->nu + i] = k.max + b.max - 1;
    s->columns_max += b.max;
  }
  s->m = grid->na.max + 1;
  int r = vr_gram_new(grid->na.max, grid->nu, lag, lag + grid->nu,
                      s->options->first_row, &s->gram);
  if (r == 0)
    r = vr_gram_add_dataset(&s->gram, d);
  if (r == 0)
    r = allocate(s);
  if (r == 0) {
    equilibrate(s);
    first_schur(s);
  }
  return r;
}

/* --- rescoring --- */

static int candidate_init(const struct search *s, const struct vr_choice *c,
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
  decode(s, c->choice, ret->nb, ret->nk);
  for (unsigned i = 0; i < VR_CRITERIA; i++)
    ret->criterion[i] =
        vr_sysid_criterion(i, c->rss, c->parameters, s->gram.rows);
  return 0;
}

/* Fit from the Gram alone: 6 digits are plenty for comparing free runs. */
static int candidate_fit(const struct search *s, const struct vr_candidate *c,
                         struct vr_arx *ret) {
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
static int score(const struct search *s, const struct vr_dataset *validate,
                 const struct vr_arx *arx, struct vr_candidate *c) {
  struct vr_score free_run, one_step;
  vr_cleanup(vr_dataset_clear) struct vr_dataset shared = {0};
  int r = vr_dataset_skip(
      validate, s->gram.largest_lag - vr_arx_largest_lag(arx), &shared, NULL);
  if (r == 0) /* from rest every sample is scored anyway */
    r = vr_simulate_score_free_run_fast(
        arx, s->options->initial == VR_INITIAL_REST ? validate : &shared,
        s->options->initial, &free_run);
  if (r == 0)
    r = vr_simulate_score_one_step(arx, &shared, &one_step);
  if (r < 0)
    return r;
  c->free_run = free_run.fit;
  c->one_step = one_step.fit;
  return 0;
}

static int rescore(const struct search *s, const struct vr_dataset *validate,
                   struct vr_candidate *c) {
  struct vr_arx arx;
  int r = candidate_fit(s, c, &arx);
  if (r == -ENOTUNIQ)
    return 0;
  if (r < 0)
    return r;
  c->stable = vr_arx_spectral_radius(&arx) < 1;
  r = score(s, validate, &arx, c);
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

static int rescore_all(struct search *s, const struct vr_choice *choices,
                       size_t n, const struct vr_dataset *validate,
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
    r = rescore(s, validate, &ret->candidates[k]);
    if (r < 0)
      return r;
  }
  return 0;
}

static int finish(struct search *s, const struct vr_dataset *validate,
                  struct vr_search_result *ret) {
  struct vr_choice *choices;
  size_t n;
  int r = vr_shortlist_finish(&s->list, &choices, &n);
  if (r < 0)
    return r;
  r = rescore_all(s, choices, n, validate, ret);
  free(choices);
  if (r < 0 || ret->n == 0)
    return r;
  qsort(ret->candidates, ret->n, sizeof(*ret->candidates), better);
  prefer_simple(ret, s->options->tolerance);
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
  struct search s = {.grid = grid, .options = &o};
  s.n_groups = grid->nu == 0 ? 0 : grid->tied ? 1 : grid->nu;
  s.group_inputs = grid->tied ? grid->nu : 1;
  struct vr_search_result result = {.nu = grid->nu,
                                    .tolerance = o.tolerance,
                                    .n_structures = vr_search_size(grid)};
  int r = check(&s, d, error);
  if (r == 0 && validate && validate->nu != d->nu)
    r = vr_error_set(error, -EINVAL, "validation data has %u inputs, not %u",
                     validate->nu, d->nu);
  if (r < 0)
    return r;
  r = prepare(&s, d);
  if (r == 0) {
    descend(&s, 0, 0, 0);
    result.rows = s.gram.rows;
    result.first_row = s.gram.largest_lag;
    result.n_singular = s.n_singular;
    r = finish(&s, validate ? validate : d, &result);
  }
  if (r == 0 && result.n == 0)
    r = vr_error_set(error, -ENOTUNIQ,
                     "collinear: none of %zu structures has a unique fit",
                     result.n_structures);
  search_clear(&s);
  if (r < 0) {
    vr_search_result_clear(&result);
    return r == -ENOMEM ? vr_sysid_no_memory(error) : r;
  }
  *ret = result;
  return 0;
}

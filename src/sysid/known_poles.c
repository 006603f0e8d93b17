/* SPDX-License-Identifier: MIT
 *
 * The output-error fit with known poles. Regressor (i, k) is input i at lag nk
 * + k, filtered by 1/A from rest at the segment's first row; what the measured
 * past alone would give is subtracted from the output. The sum is exactly what
 * vr_simulate with VR_INITIAL_MEASURED gives.
 */
#include "sysid/known_poles.h"

#include "basic/cleanup.h"
#include "sysid/arx_build.h"
#include "sysid/kernels.h"
#include "sysid/lsq.h"
#include "sysid/sysid_errors.h"
#include "sysid/tsqr.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PIECE = 512 };

/* The columns [y, X] over one piece of rows. Each column is an array of na
 * filtered values before the piece, then the piece itself. */
struct columns {
  const struct vr_dataset *d;
  const struct vr_orders *o;
  const double *a;
  unsigned p, lag;
  size_t stride;
  double *values; /* (p + 1) x stride */
};

static int columns_init(struct columns *c, const struct vr_dataset *d,
                        const struct vr_orders *o, const double *a) {
  *c = (struct columns){.d = d,
                        .o = o,
                        .a = a,
                        .p = vr_dataset_orders_parameters(o) - o->na,
                        .lag = vr_dataset_orders_largest_lag(o),
                        .stride = o->na + PIECE};
  c->values = malloc((c->p + 1) * c->stride * sizeof(*c->values));
  return c->values ? 0 : -ENOMEM;
}

static double *column(const struct columns *c, unsigned j) {
  return c->values + j * c->stride + c->o->na;
}

/* 1/A over a piece of N values; the past stands before it. */
static void filter(const struct columns *c, double *x, size_t n) {
  vr_sysid_ar_filter(c->o->na, c->a, c->o->na, c->o->na + n, x - c->o->na);
}

/* Before a segment's first row: rest for the regressors, the measured output
 * for the free response. */
static void columns_start(const struct columns *c, const struct vr_segment *s) {
  unsigned na = c->o->na;
  for (unsigned j = 0; j <= c->p; j++)
    memset(column(c, j) - na, 0, na * sizeof(double));
  memcpy(column(c, 0) - na, s->y + c->lag - na, na * sizeof(double));
}

/* The last na values of a piece of N rows become the past of the next. */
static void columns_go_on(const struct columns *c, size_t n) {
  unsigned na = c->o->na;
  for (unsigned j = 0; j <= c->p; j++)
    memmove(column(c, j) - na, column(c, j) + n - na, na * sizeof(double));
}

static void columns_fill(const struct columns *c, const struct vr_segment *s,
                         size_t t, size_t n) {
  unsigned j = 1;
  for (unsigned i = 0; i < c->o->nu; i++)
    for (unsigned k = 0; k < c->o->nb[i]; k++, j++) {
      memcpy(column(c, j), s->u[i] + t - c->o->nk[i] - k, n * sizeof(double));
      filter(c, column(c, j), n);
    }
  memset(column(c, 0), 0, n * sizeof(double));
  filter(c, column(c, 0), n);
}

/* Calls DO_PIECE with the columns of every piece of rows; the free response
 * stands in column 0, Y is the measured output. */
static int each_piece(const struct columns *c,
                      void (*do_piece)(const struct columns *c, const double *y,
                                       size_t n, void *context),
                      void *context) {
  for (size_t k = 0; k < c->d->n_segments; k++) {
    const struct vr_segment *s = &c->d->segments[k];
    if (s->n <= c->lag)
      continue;
    columns_start(c, s);
    for (size_t t = c->lag; t < s->n; t += PIECE) {
      size_t n = s->n - t < PIECE ? s->n - t : PIECE;
      columns_fill(c, s, t, n);
      do_piece(c, s->y + t, n, context);
      columns_go_on(c, n);
    }
  }
  return 0;
}

/* What the regressors have to explain: y minus the free response. */
static void target(const struct columns *c, const double *y, size_t n,
                   double *ret) {
  for (size_t t = 0; t < n; t++)
    ret[t] = y[t] - column(c, 0)[t];
}

static void add_gram(const struct columns *c, const double *y, size_t n,
                     void *context) {
  double *g = context, e[PIECE];
  size_t dim = c->p + 1;
  target(c, y, n, e);
  g[0] += vr_dot(n, e, e);
  for (unsigned i = 1; i < dim; i++) {
    g[i * dim] += vr_dot(n, column(c, i), e);
    for (unsigned j = 1; j <= i; j++)
      g[i * dim + j] += vr_dot(n, column(c, i), column(c, j));
  }
}

struct gradient {
  const double *theta;
  double rss;
  double *sum;
};

static void add_gradient(const struct columns *c, const double *y, size_t n,
                         void *context) {
  struct gradient *g = context;
  double e[PIECE];
  target(c, y, n, e);
  for (unsigned j = 0; j < c->p; j++)
    vr_axpy(n, -g->theta[j], column(c, j + 1), e);
  g->rss += vr_dot(n, e, e);
  for (unsigned j = 0; j < c->p; j++)
    g->sum[j] += vr_dot(n, column(c, j + 1), e);
}

static int gradient(const void *context, const double *theta, double *ret_rss,
                    double *ret_gradient) {
  const struct columns *c = context;
  struct gradient g = {.theta = theta, .sum = ret_gradient};
  memset(ret_gradient, 0, c->p * sizeof(*ret_gradient));
  each_piece(c, add_gradient, &g);
  *ret_rss = g.rss;
  return 0;
}

struct rows {
  struct vr_tsqr *q;
  const double *scale;
};

static void add_rows(const struct columns *c, const double *y, size_t n,
                     void *context) {
  struct rows *r = context;
  for (size_t t = 0; t < n; t++) {
    double *row = vr_tsqr_row(r->q);
    for (unsigned j = 0; j < c->p; j++)
      row[j] = r->scale[j] * column(c, j + 1)[t];
    row[c->p] = y[t] - column(c, 0)[t];
  }
}

static int tsqr(const void *context, const double *scale, double ridge,
                double *ret_l) {
  const struct columns *c = context;
  struct rows rows = {.q = vr_tsqr_new(c->p + 1), .scale = scale};
  if (!rows.q)
    return -ENOMEM;
  each_piece(c, add_rows, &rows);
  vr_tsqr_ridge(rows.q, ridge);
  int r = vr_tsqr_finish(rows.q, ret_l);
  vr_tsqr_free(rows.q);
  return r;
}

static const char *name(const void *context, unsigned j, char *text,
                        size_t size) {
  const struct vr_orders *o = ((const struct columns *)context)->o;
  unsigned i = 0;
  for (; j >= o->nb[i]; i++)
    j -= o->nb[i];
  snprintf(text, size, "filtered input %u at lag %u", i + 1, o->nk[i] + j);
  return text;
}

/* THETA: na values of room, then the b. The se get the same room in front. */
static int solve(const struct columns *c,
                 const struct vr_output_error_options *options, double *theta,
                 struct vr_fit_info *ret_info, struct vr_error *error) {
  size_t dim = c->p + 1;
  unsigned na = c->o->na;
  vr_auto_free double *g = calloc(dim * dim, sizeof(*g));
  double *se = calloc(na + c->p, sizeof(*se));
  if (!g || !se) {
    free(se);
    return vr_sysid_no_memory(error);
  }
  each_piece(c, add_gram, g);
  for (size_t i = 0; i < dim; i++)
    for (size_t j = 0; j < i; j++)
      g[j * dim + i] = g[i * dim + j];
  struct vr_lsq q = {.p = c->p,
                     .rows = vr_dataset_rows(c->d, c->o),
                     .gram = g,
                     .ridge = options ? options->ridge : 0,
                     .context = c,
                     .gradient = gradient,
                     .tsqr = tsqr,
                     .name = name};
  int r = (options && options->nonnegative_gain
               ? vr_lsq_solve_nonnegative
               : vr_lsq_solve)(&q, theta + na, ret_info, error);
  if (r < 0) {
    free(se);
    return r;
  }
  memcpy(se + na, ret_info->se, c->p * sizeof(*se));
  free(ret_info->se);
  ret_info->se = se;
  return 0;
}

static int check(const struct vr_dataset *d, const struct vr_orders *o,
                 const double *a, const struct vr_output_error_options *options,
                 struct vr_error *error) {
  int r = vr_dataset_check(d, o, error);
  if (r < 0)
    return r;
  if (vr_dataset_orders_parameters(o) == o->na)
    return vr_error_set(error, -EINVAL, "no input: nothing to estimate");
  if (options && !(options->ridge >= 0 && isfinite(options->ridge)))
    return vr_error_set(error, -EINVAL, "ridge %g is not 0 or more",
                        options->ridge);
  /* vr_arx_spectral_radius only reads. */
  struct vr_arx poles = {.na = o->na, .a = (double *)a};
  if (o->na > 0 && !(vr_arx_spectral_radius(&poles) < 1))
    return vr_error_set(error, -EINVAL,
                        "the known poles are not stable: radius %.6g",
                        vr_arx_spectral_radius(&poles));
  return 0;
}

int vr_sysid_fit_known_poles(const struct vr_dataset *d,
                             const struct vr_orders *orders, const double *a,
                             const struct vr_output_error_options *options,
                             struct vr_arx *ret_arx,
                             struct vr_fit_info *ret_info,
                             struct vr_error *error) {
  int r = check(d, orders, a, options, error);
  if (r < 0)
    return r;
  struct columns c;
  struct vr_fit_info info = {0};
  unsigned p = vr_dataset_orders_parameters(orders);
  vr_auto_free double *theta = calloc(p, sizeof(*theta));
  if (!theta || columns_init(&c, d, orders, a) < 0)
    return vr_sysid_no_memory(error);
  r = solve(&c, options, theta, &info, error);
  free(c.values);
  if (r < 0)
    return r;
  if (orders->na > 0)
    memcpy(theta, a + 1, orders->na * sizeof(*theta));
  r = vr_sysid_arx_from_parameters(orders, theta, ret_arx);
  if (r < 0 || !ret_info)
    vr_estimate_info_clear(&info);
  else
    *ret_info = info;
  return r < 0 ? vr_sysid_no_memory(error) : 0;
}

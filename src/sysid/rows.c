/* SPDX-License-Identifier: MIT */
#include "sysid/rows.h"

#include "basic/cleanup.h"
#include "sysid/kernels.h"
#include "sysid/tsqr.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 2048 };

/* Residuals of N rows that begin at sample T of S, with the parameters' signs
 * turned in MINUS. */
static void residuals(const struct vr_segment *s, const struct vr_orders *o,
                      const double *minus, size_t t, size_t n, double *r) {
  memcpy(r, s->y + t, n * sizeof(*r));
  if (o->na > 0)
    vr_sysid_fir_add(n, minus, o->na, s->y + t - 1, r);
  minus += o->na;
  for (unsigned i = 0; i < o->nu; i++) {
    vr_sysid_fir_add(n, minus, o->nb[i], s->u[i] + t - o->nk[i], r);
    minus += o->nb[i];
  }
}

/* An unevaluated sum of two doubles, about 106 bits (T. Dekker, Numerische
 * Mathematik 18, 1971; the product's error by fused multiply-add). */
struct pair {
  double high, low;
};

static inline void add(struct pair *s, double x) {
  double sum = s->high + x, back = sum - s->high;
  s->low += (s->high - (sum - back)) + (x - back);
  s->high = sum;
}

static inline void add_product(struct pair *s, double x, double y) {
  double product = x * y;
  add(s, product);
  s->low += fma(x, y, -product);
}

/* Cancellation leaves a low part that is not small beside the high one. */
static inline void normalise(struct pair *s) {
  double sum = s->high + s->low;
  s->low -= sum - s->high;
  s->high = sum;
}

/* What a pass over the rows needs. */
struct pass {
  bool fine;
  double *r;                /* PIECE residuals */
  double *products, *lower; /* most lags of a signal */
  double *high, *low;       /* the gradient, as a sum of two */
};

/* Products of N residuals with a signal, added to the gradient from AT on. */
static void add_products(const struct pass *w, size_t n, const double *signal,
                         unsigned lags, unsigned at) {
  if (!w->fine) {
    vr_sysid_lag_products(n, w->r, signal, lags, w->products);
    vr_axpy(lags, 1, w->products, w->high + at);
    return;
  }
  vr_sysid_lag_products_exact(n, w->r, signal, lags, w->products, w->lower);
  for (unsigned k = 0; k < lags; k++) {
    struct pair sum = {w->high[at + k], w->low[at + k] + w->lower[k]};
    add(&sum, w->products[k]);
    w->high[at + k] = sum.high;
    w->low[at + k] = sum.low;
  }
}

/* gradient += Phi' r of N rows from sample T on. */
static void add_gradient(const struct vr_segment *s, const struct vr_orders *o,
                         size_t t, size_t n, const struct pass *w) {
  unsigned at = o->na;
  if (o->na > 0)
    add_products(w, n, s->y + t - 1, o->na, 0);
  for (unsigned i = 0; i < o->nu; i++) {
    add_products(w, n, s->u[i] + t - o->nk[i], o->nb[i], at);
    at += o->nb[i];
  }
}

static int gradient(const struct vr_dataset *d, const struct vr_orders *o,
                    const double *theta, bool fine, double *ret_rss,
                    double *ret_gradient) {
  size_t p = vr_dataset_orders_parameters(o),
         lag = vr_dataset_orders_largest_lag(o);
  vr_auto_free double *work = calloc(PIECE + 5 * p, sizeof(*work));
  if (!work)
    return -ENOMEM;
  double *minus = work + PIECE, rss = 0;
  const struct pass w = {fine,          work,          minus + p,
                         minus + 2 * p, minus + 3 * p, minus + 4 * p};
  for (size_t j = 0; j < p; j++)
    minus[j] = -theta[j];
  for (size_t k = 0; k < d->n_segments; k++) {
    const struct vr_segment *s = &d->segments[k];
    for (size_t t = lag; t < s->n; t += PIECE) {
      size_t n = s->n - t < PIECE ? s->n - t : PIECE;
      residuals(s, o, minus, t, n, w.r);
      rss += vr_dot(n, w.r, w.r);
      add_gradient(s, o, t, n, &w);
    }
  }
  *ret_rss = rss;
  for (size_t j = 0; j < p; j++)
    ret_gradient[j] = w.high[j] + w.low[j];
  return 0;
}

int vr_rows_gradient(const struct vr_dataset *d, const struct vr_orders *o,
                     const double *theta, double *ret_rss,
                     double *ret_gradient) {
  return gradient(d, o, theta, false, ret_rss, ret_gradient);
}

int vr_rows_gradient_fine(const struct vr_dataset *d, const struct vr_orders *o,
                          const double *theta, double *ret_rss,
                          double *ret_gradient) {
  return gradient(d, o, theta, true, ret_rss, ret_gradient);
}

/* Regressor values of the row at sample T. */
static void put_regressors(double *to, const struct vr_segment *s,
                           const struct vr_orders *o, size_t t) {
  for (unsigned k = 1; k <= o->na; k++)
    *to++ = s->y[t - k];
  for (unsigned i = 0; i < o->nu; i++) {
    const double *u = s->u[i] + t - o->nk[i];
    for (ptrdiff_t k = 0; k < (ptrdiff_t)o->nb[i]; k++)
      *to++ = u[-k];
  }
}

int vr_rows_gradient_extended(const struct vr_dataset *d,
                              const struct vr_orders *o, const double *theta,
                              double *ret_rss, double *ret_gradient) {
  unsigned p = vr_dataset_orders_parameters(o),
           lag = vr_dataset_orders_largest_lag(o);
  vr_auto_free struct pair *sum = calloc(p, sizeof(*sum));
  vr_auto_free double *row = calloc(p, sizeof(*row));
  if (!sum || !row)
    return -ENOMEM;
  struct pair rss = {0};
  for (size_t k = 0; k < d->n_segments; k++)
    for (size_t t = lag; t < d->segments[k].n; t++) {
      put_regressors(row, &d->segments[k], o, t);
      struct pair r = {d->segments[k].y[t], 0};
      for (unsigned j = 0; j < p; j++)
        add_product(&r, -theta[j], row[j]);
      normalise(&r);
      for (unsigned j = 0; j < p; j++) {
        add_product(&sum[j], r.high, row[j]);
        sum[j].low += r.low * row[j];
      }
      add_product(&rss, r.high, r.high);
      rss.low += 2 * r.high * r.low;
    }
  *ret_rss = fmax(0, rss.high + rss.low);
  for (unsigned j = 0; j < p; j++)
    ret_gradient[j] = sum[j].high + sum[j].low;
  return 0;
}

int vr_rows_tsqr(const struct vr_dataset *d, const struct vr_orders *o,
                 const double *scale, double ridge, double *ret_l) {
  unsigned lag = vr_dataset_orders_largest_lag(o),
           p = vr_dataset_orders_parameters(o);
  struct vr_tsqr *q = vr_tsqr_new(p + 1);
  if (!q)
    return -ENOMEM;
  for (size_t k = 0; k < d->n_segments; k++)
    for (size_t t = lag; t < d->segments[k].n; t++) {
      double *row = vr_tsqr_row(q);
      put_regressors(row, &d->segments[k], o, t);
      for (unsigned j = 0; j < p; j++)
        row[j] *= scale[j];
      row[p] = d->segments[k].y[t];
    }
  vr_tsqr_ridge(q, ridge);
  int r = vr_tsqr_finish(q, ret_l);
  vr_tsqr_free(q);
  return r;
}

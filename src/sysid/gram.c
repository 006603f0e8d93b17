/* SPDX-License-Identifier: MIT */
#include "sysid/gram.h"

#include "basic/cleanup.h"
#include "sysid/kernels.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int vr_gram_new(unsigned na, unsigned nu, const unsigned *lag_min,
                const unsigned *lag_max, unsigned s, struct vr_gram *ret) {
  struct vr_gram g = {.n_signals = nu + 1, .largest_lag = s};
  unsigned *lags = calloc(3 * (size_t)g.n_signals, sizeof(*lags));
  if (!lags)
    return -ENOMEM;
  g.lag_min = lags;
  g.lag_max = lags + g.n_signals;
  g.first = lags + 2 * g.n_signals;
  g.lag_max[0] = na;
  for (unsigned i = 0; i < nu; i++) {
    g.lag_min[i + 1] = lag_min[i];
    g.lag_max[i + 1] = lag_max[i];
  }
  for (unsigned i = 0; i < g.n_signals; i++) {
    g.first[i] = g.dim;
    g.dim += g.lag_max[i] - g.lag_min[i] + 1;
    if (g.lag_max[i] > g.largest_lag)
      g.largest_lag = g.lag_max[i];
  }
  g.g = calloc((size_t)g.dim * g.dim, sizeof(*g.g));
  if (!g.g) {
    free(lags);
    return -ENOMEM;
  }
  *ret = g;
  return 0;
}

void vr_gram_clear(struct vr_gram *g) {
  free(g->lag_min);
  free(g->g);
  *g = (struct vr_gram){0};
}

/* One block of the Gram: signal x with lags from la, signal z with lags from
 * lb. */
struct block {
  const double *x, *z; /* at the segment's first sample */
  unsigned la, lb;     /* smallest lags */
  unsigned rows, columns;
  double *at; /* within the Gram, DIM from row to row */
  size_t dim;
};

/* Adds the block over segment rows s .. n-1. WORK holds rows x columns. */
static void add_block(const struct block *b, size_t s, size_t n, double *work) {
  const double *x = b->x + s - b->la, *z = b->z + s - b->lb;
  vr_sysid_lag_products(n - s, x, z, b->columns, work);
  if (b->rows > 1) {
    /* The first column, then each row from the one above it. */
    double *column = work + (size_t)b->rows * b->columns;
    vr_sysid_lag_products(n - s, z, x, b->rows, column);
    for (unsigned i = 1; i < b->rows; i++)
      work[(size_t)i * b->columns] = column[i];
  }
  const double *xe = b->x + n - b->la, *ze = b->z + n - b->lb;
  for (size_t i = 1; i < b->rows; i++) {
    const double *above = work + (i - 1) * b->columns;
    double *row = work + i * b->columns;
    const double in = x[-(ptrdiff_t)i], out = xe[-(ptrdiff_t)i];
    for (size_t j = 1; j < b->columns; j++)
      row[j] = above[j - 1] + in * z[-(ptrdiff_t)j] - out * ze[-(ptrdiff_t)j];
  }
  for (size_t i = 0; i < b->rows; i++)
    vr_axpy(b->columns, 1, work + i * b->columns, b->at + i * b->dim);
}

static const double *signal_of(const struct vr_segment *s, unsigned i) {
  return i == 0 ? s->y : s->u[i - 1];
}

static void add_segment(struct vr_gram *g, const struct vr_segment *s,
                        double *work) {
  for (unsigned i = 0; i < g->n_signals; i++)
    for (unsigned j = i; j < g->n_signals; j++) {
      struct block b = {.x = signal_of(s, i),
                        .z = signal_of(s, j),
                        .la = g->lag_min[i],
                        .lb = g->lag_min[j],
                        .rows = g->lag_max[i] - g->lag_min[i] + 1,
                        .columns = g->lag_max[j] - g->lag_min[j] + 1,
                        .at = g->g + (size_t)g->first[i] * g->dim + g->first[j],
                        .dim = g->dim};
      add_block(&b, g->largest_lag, s->n, work);
    }
  g->rows += s->n - g->largest_lag;
}

static void mirror(struct vr_gram *g) {
  for (size_t i = 0; i < g->dim; i++)
    for (size_t j = 0; j < i; j++)
      g->g[i * g->dim + j] = g->g[j * g->dim + i];
}

int vr_gram_add_dataset(struct vr_gram *g, const struct vr_dataset *d) {
  size_t widest = 0;
  for (unsigned i = 0; i < g->n_signals; i++)
    if (g->lag_max[i] - g->lag_min[i] + 1 > widest)
      widest = g->lag_max[i] - g->lag_min[i] + 1;
  vr_auto_free double *work = malloc(widest * (widest + 1) * sizeof(*work));
  if (!work)
    return -ENOMEM;
  for (size_t k = 0; k < d->n_segments; k++)
    if (d->segments[k].n > g->largest_lag)
      add_segment(g, &d->segments[k], work);
  mirror(g);
  return 0;
}

int vr_gram_of_orders(const struct vr_dataset *d, const struct vr_orders *o,
                      struct vr_gram *ret) {
  vr_auto_free unsigned *last = calloc(o->nu + 1, sizeof(*last));
  if (!last)
    return -ENOMEM;
  for (unsigned i = 0; i < o->nu; i++)
    last[i] = o->nk[i] + o->nb[i] - 1;
  struct vr_gram g;
  int r = vr_gram_new(o->na, o->nu, o->nk, last, 0, &g);
  if (r < 0)
    return r;
  r = vr_gram_add_dataset(&g, d);
  if (r < 0)
    vr_gram_clear(&g);
  else
    *ret = g;
  return r;
}

void vr_gram_add(struct vr_gram *g, const struct vr_gram *other, double sign) {
  vr_axpy((size_t)g->dim * g->dim, sign, other->g, g->g);
  g->rows = sign < 0 ? g->rows - other->rows : g->rows + other->rows;
}

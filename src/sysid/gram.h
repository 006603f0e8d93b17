/* SPDX-License-Identifier: MIT
 *
 * The lag covariance Gram: inner products of every lagged signal with every
 * other over one set of rows. Every least-squares fit of every ARX structure
 * within its lags is a submatrix of it, so data is read once however many
 * structures are compared, and sets of data are pooled by adding their Grams.
 *
 * Rows are t = s .. n-1 of each segment, s the largest lag. With
 *   G[i][j] = sum over rows of x(t-i) z(t-j)
 * only the first row and column of every pair of signals are sums over the
 * data; the others follow from
 *   G[i+1][j+1] = G[i][j] + x(s-1-i) z(s-1-j) - x(n-1-i) z(n-1-j).
 */
#ifndef VR_SYSID_GRAM_H
#define VR_SYSID_GRAM_H

#include "sysid/dataset.h"

/* Signal 0 is the output with lags 0 .. na, signal i + 1 is input i with lags
 * lag_min[i + 1] .. lag_max[i + 1]. */
struct vr_gram {
  unsigned n_signals;
  unsigned *lag_min, *lag_max; /* n_signals of each */
  unsigned *first;             /* index of the signal's lag_min in g */
  unsigned largest_lag;        /* s above */
  size_t rows;
  unsigned dim;
  double *g; /* dim x dim, symmetric, row after row */
};

/* A Gram of zeros for an output with lags 0 .. NA and NU inputs with lags
 * LAG_MIN[i] .. LAG_MAX[i]; S is at least the largest of them (0: that). */
int vr_gram_new(unsigned na, unsigned nu, const unsigned *lag_min,
                const unsigned *lag_max, unsigned s, struct vr_gram *ret);
void vr_gram_clear(struct vr_gram *g);

/* Adds all segments of D (its nu is that of the Gram). Segments of no more than
 * s samples give no rows. */
int vr_gram_add_dataset(struct vr_gram *g, const struct vr_dataset *d);

/* The Gram of just the regressors of ORDERS on D: index 0 is y(t), then come
 * y(t-1) .. y(t-na), then each input from its nk on. */
int vr_gram_of_orders(const struct vr_dataset *d, const struct vr_orders *o,
                      struct vr_gram *ret);

/* G += SIGN * OTHER, of one structure: pooling (1), and leaving a block out
 * (-1). */
void vr_gram_add(struct vr_gram *g, const struct vr_gram *other, double sign);

/* Index of a lagged signal in g->g; the lag must be within the Gram's. */
static inline unsigned vr_gram_index(const struct vr_gram *g, unsigned signal,
                                     unsigned lag) {
  return g->first[signal] + lag - g->lag_min[signal];
}

static inline double vr_gram_at(const struct vr_gram *g, unsigned i,
                                unsigned j) {
  return g->g[(size_t)i * g->dim + j];
}

#endif

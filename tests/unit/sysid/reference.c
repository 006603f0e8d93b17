/* SPDX-License-Identifier: MIT */
#include "reference.h"

#include "../unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 113 bits: for an ill-conditioned problem 64 are not enough to be the judge.
 */
typedef _Float128 real;

static real square_root(real v) {
  real x = sqrtl((long double)v);
  return v > 0 ? (x + v / x) / 2
               : 0; /* one step of Newton doubles the digits */
}

static size_t fill_rows(const struct vr_dataset *d, const struct vr_orders *o,
                        real *x, unsigned columns) {
  size_t rows = 0;
  unsigned lag = vr_dataset_orders_largest_lag(o);
  for (size_t k = 0; k < d->n_segments; k++) {
    const struct vr_segment *s = &d->segments[k];
    for (size_t t = lag; t < s->n; t++, rows++) {
      if (!x)
        continue;
      real *to = x + rows * columns;
      for (unsigned j = 1; j <= o->na; j++)
        *to++ = -s->y[t - j];
      for (unsigned i = 0; i < o->nu; i++)
        for (unsigned j = 0; j < o->nb[i]; j++)
          *to++ = s->u[i][t - o->nk[i] - j];
      *to = s->y[t];
    }
  }
  return rows;
}

/* Householder QR of the M x N matrix X in place: R in the upper triangle. */
static void householder(real *x, size_t m, unsigned n) {
  for (unsigned k = 0; k < n && k < m; k++) {
    real norm = 0;
    for (size_t i = k; i < m; i++)
      norm += x[i * n + k] * x[i * n + k];
    norm = square_root(norm);
    if (norm == 0)
      continue;
    real alpha = x[k * n + k] > 0 ? -norm : norm, vv = 0;
    real *v = malloc((m - k) * sizeof(*v));
    for (size_t i = k; i < m; i++) {
      v[i - k] = x[i * n + k] - (i == k ? alpha : 0);
      vv += v[i - k] * v[i - k];
    }
    for (unsigned j = k; j < n; j++) {
      real dot = 0;
      for (size_t i = k; i < m; i++)
        dot += v[i - k] * x[i * n + j];
      for (size_t i = k; i < m; i++)
        x[i * n + j] -= 2 * dot / vv * v[i - k];
    }
    free(v);
  }
}

struct reference reference_fit(const struct vr_dataset *d,
                               const struct vr_orders *o) {
  unsigned p = vr_dataset_orders_parameters(o), n = p + 1;
  struct reference ref = {.p = p, .rows = fill_rows(d, o, NULL, n)};
  real *x = malloc(ref.rows * n * sizeof(*x));
  ref.theta = calloc(p, sizeof(double));
  ref.se = calloc(p, sizeof(double));
  fill_rows(d, o, x, n);
  householder(x, ref.rows, n);

  real *theta = calloc(p, sizeof(*theta)), *inverse = calloc(p, sizeof(*theta));
  for (unsigned i = p; i-- > 0;) {
    theta[i] = x[(size_t)i * n + p];
    for (unsigned j = i + 1; j < p; j++)
      theta[i] -= x[(size_t)i * n + j] * theta[j];
    theta[i] /= x[(size_t)i * n + i];
    ref.theta[i] = (double)theta[i];
  }
  real rss = x[(size_t)p * n + p] * x[(size_t)p * n + p];
  ref.rss = (double)rss;
  /* (R'R)^-1 = R^-1 R^-T: row sums of squares of R^-1, column by column. */
  real *sum = calloc(p, sizeof(*sum));
  for (unsigned c = 0; c < p; c++) {
    for (unsigned i = c + 1; i-- > 0;) {
      inverse[i] = i == c;
      for (unsigned j = i + 1; j <= c; j++)
        inverse[i] -= x[(size_t)i * n + j] * inverse[j];
      inverse[i] /= x[(size_t)i * n + i];
      sum[i] += inverse[i] * inverse[i];
    }
  }
  for (unsigned i = 0; i < p; i++)
    ref.se[i] = (double)square_root(sum[i] * rss / (real)(ref.rows - p));
  free(sum);
  free(inverse);
  free(theta);
  free(x);
  return ref;
}

void reference_free(struct reference *r) {
  free(r->theta);
  free(r->se);
}

static double uniform(unsigned long long *seed) {
  *seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
  return ((double)(*seed >> 11) + 0.5) / 9007199254740992.0;
}

double normal(unsigned long long *seed) {
  double r = sqrt(-2 * log(uniform(seed)));
  return r * cos(2 * 3.14159265358979323846 * uniform(seed));
}

void make_data(struct made *m, size_t n, unsigned nu, double input_pole,
               double noise, unsigned long long seed) {
  memset(m, 0, sizeof(*m));
  m->values = calloc((nu + 1) * n, sizeof(double));
  double *y = m->values;
  for (unsigned i = 0; i < nu; i++) {
    double *u = m->values + (i + 1) * n;
    m->u[i] = u;
    for (size_t t = 0; t < n; t++)
      u[t] = (t > 0 ? input_pole * u[t - 1] : 0) + normal(&seed);
  }
  for (size_t t = 0; t < n; t++) {
    y[t] = noise * normal(&seed);
    y[t] += (t > 0 ? 1.3 * y[t - 1] : 0) - (t > 1 ? 0.6 * y[t - 2] : 0);
    for (unsigned i = 0; i < nu; i++)
      for (unsigned k = i + 1; k < i + 4; k++)
        y[t] += t >= k ? m->u[i][t - k] / (k + 1.0) : 0;
  }
  m->s = (struct vr_segment){.n = n, .y = y, .u = m->u};
  m->d = (struct vr_dataset){.nu = nu, .n_segments = 1, .segments = &m->s};
}

void made_free(struct made *m) { free(m->values); }

bool close_vectors(unsigned n, const double *x, const double *y, double tol) {
  double diff = 0, size = 0;
  for (unsigned i = 0; i < n; i++) {
    diff += (x[i] - y[i]) * (x[i] - y[i]);
    size += y[i] * y[i];
  }
  if (sqrt(diff) <= tol * sqrt(size))
    return true;
  print_message("# relative difference %.3g\n", sqrt(diff / size));
  return false;
}

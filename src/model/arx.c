/* SPDX-License-Identifier: MIT */
#include "model/arx.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A ring holds the last LENGTH values twice, LENGTH apart, so that the newest
 * LENGTH values always stand in one piece and the inner products run over
 * plain arrays. values[at] is the newest. */
struct ring {
  unsigned length;
  unsigned at;
  double *values; /* 2 * length */
};

struct vr_arx_state {
  struct ring y;
  unsigned nu;
  struct ring u[]; /* nu */
};

void vr_arx_clear(struct vr_arx *arx) {
  free(arx->a);
  for (unsigned i = 0; arx->inputs && i < arx->nu; i++)
    free(arx->inputs[i].b);
  free(arx->inputs);
  *arx = (struct vr_arx){0};
}

unsigned vr_arx_largest_lag(const struct vr_arx *arx) {
  unsigned lag = arx->na;
  for (unsigned i = 0; i < arx->nu; i++) {
    unsigned l = arx->inputs[i].nb + arx->inputs[i].nk - 1;
    if (l > lag)
      lag = l;
  }
  return lag;
}

double vr_arx_dc_gain(const struct vr_arx *arx, unsigned i) {
  double num = 0, den = 1;
  for (unsigned k = 0; k < arx->inputs[i].nb; k++)
    num += arx->inputs[i].b[k];
  for (unsigned k = 1; k <= arx->na; k++)
    den += arx->a[k];
  return num / den;
}

/* Are all roots of z^n + a_1 z^(n-1) + ... + a_n inside |z| < RADIUS? Scales
 * the roots by 1/radius and runs the step-down recursion, whose reflection
 * coefficients are all below 1 exactly for a stable polynomial. WORK holds
 * 2 (n + 1) doubles. */
static int roots_within(const double *a, unsigned n, double radius,
                        double *work) {
  double *p = work, *q = work + n + 1;
  double scale = 1;
  for (unsigned k = 0; k <= n; k++, scale /= radius)
    p[k] = a[k] * scale;
  for (unsigned m = n; m > 0; m--) {
    double k = p[m];
    if (!(fabs(k) < 1))
      return 0;
    for (unsigned i = 0; i < m; i++)
      q[i] = (p[i] - k * p[m - i]) / (1 - k * k);
    double *t = p;
    p = q;
    q = t;
  }
  return 1;
}

double vr_arx_spectral_radius(const struct vr_arx *arx) {
  unsigned n = arx->na;
  while (n > 0 && arx->a[n] == 0)
    n--;
  if (n == 0)
    return 0;
  double *work = malloc(2 * (n + 1) * sizeof(*work));
  if (!work)
    return INFINITY;

  /* Cauchy's bound holds every root. */
  double low = 0, high = 1;
  for (unsigned k = 1; k <= n; k++)
    high = fmax(high, 1 + fabs(arx->a[k]));
  if (!isfinite(high)) {
    free(work);
    return INFINITY;
  }
  for (int i = 0; i < 60; i++) {
    double middle = 0.5 * (low + high);
    if (roots_within(arx->a, n, middle, work))
      high = middle;
    else
      low = middle;
  }
  free(work);
  return high;
}

static int ring_init(struct ring *r, unsigned length) {
  r->length = length;
  r->at = 0;
  r->values = length ? calloc(2 * (size_t)length, sizeof(double)) : NULL;
  return length == 0 || r->values ? 0 : -1;
}

static void ring_push(struct ring *r, double value) {
  if (r->length == 0)
    return;
  r->at = r->at == 0 ? r->length - 1 : r->at - 1;
  r->values[r->at] = r->values[r->at + r->length] = value;
}

/* The newest value first. */
static const double *ring_newest(const struct ring *r) {
  return r->values + r->at;
}

/* An input is pushed before it is used, so its ring holds nb + nk values. */
static unsigned input_length(const struct vr_arx_input *in) {
  return in->nb + in->nk;
}

struct vr_arx_state *vr_arx_state_new(const struct vr_arx *arx) {
  struct vr_arx_state *s =
      calloc(1, sizeof(*s) + arx->nu * sizeof(struct ring));
  if (!s)
    return NULL;
  s->nu = arx->nu;
  int r = ring_init(&s->y, arx->na);
  for (unsigned i = 0; i < arx->nu; i++)
    r |= ring_init(&s->u[i], input_length(&arx->inputs[i]));
  if (r == 0)
    return s;
  vr_arx_state_free(s);
  return NULL;
}

void vr_arx_state_free(struct vr_arx_state *s) {
  if (!s)
    return;
  free(s->y.values);
  for (unsigned i = 0; i < s->nu; i++)
    free(s->u[i].values);
  free(s);
}

static void ring_fill(struct ring *r, double value) {
  for (unsigned i = 0; i < 2 * r->length; i++)
    r->values[i] = value;
}

void vr_arx_state_rest(struct vr_arx_state *s, double y, const double *u) {
  ring_fill(&s->y, y);
  for (unsigned i = 0; i < s->nu; i++)
    ring_fill(&s->u[i], u[i]);
}

static void ring_rebase(struct ring *r, double gain, double shift) {
  for (unsigned i = 0; i < 2 * r->length; i++)
    r->values[i] = gain * r->values[i] + shift;
}

void vr_arx_state_rebase_output(struct vr_arx_state *s, double gain,
                                double shift) {
  ring_rebase(&s->y, gain, shift);
}

void vr_arx_state_rebase_input(struct vr_arx_state *s, unsigned i, double gain,
                               double shift) {
  ring_rebase(&s->u[i], gain, shift);
}

double vr_arx_step(const struct vr_arx *arx, struct vr_arx_state *s,
                   const double *u) {
  double y = 0;
  for (unsigned i = 0; i < arx->nu; i++) {
    const struct vr_arx_input *in = &arx->inputs[i];
    ring_push(&s->u[i], u[i]);
    const double *past = ring_newest(&s->u[i]) + in->nk;
    for (unsigned k = 0; k < in->nb; k++)
      y += in->b[k] * past[k];
  }
  if (arx->na > 0) {
    const double *past = ring_newest(&s->y);
    for (unsigned k = 0; k < arx->na; k++)
      y -= arx->a[k + 1] * past[k];
    ring_push(&s->y, y);
  }
  return y;
}

size_t vr_arx_state_size(const struct vr_arx *arx) {
  size_t n = arx->na;
  for (unsigned i = 0; i < arx->nu; i++)
    n += input_length(&arx->inputs[i]);
  return n;
}

static double *ring_export(const struct ring *r, double *to) {
  for (unsigned i = r->length; i-- > 0;)
    *to++ = ring_newest(r)[i];
  return to;
}

static const double *ring_import(struct ring *r, const double *from) {
  for (unsigned i = 0; i < r->length; i++)
    ring_push(r, *from++);
  return from;
}

void vr_arx_state_export(const struct vr_arx_state *s, double *ret_values) {
  ret_values = ring_export(&s->y, ret_values);
  for (unsigned i = 0; i < s->nu; i++)
    ret_values = ring_export(&s->u[i], ret_values);
}

void vr_arx_state_import(struct vr_arx_state *s, const double *values) {
  values = ring_import(&s->y, values);
  for (unsigned i = 0; i < s->nu; i++)
    values = ring_import(&s->u[i], values);
}

/* SPDX-License-Identifier: MIT
 *
 * The TC prior in its own coordinates. With U the upper triangular matrix of
 * ones, K(lambda) = U diag(d) U', d_k = lambda^k - lambda^(k+1) and d_n =
 * lambda^n: an impulse response is a sum of independent steps backwards from
 * its end. So the regressors become their cumulative sums, whose Gram does not
 * depend on the hyper-parameters; each evaluation of the likelihood scales it
 * and factors it once.
 */
#include "sysid/regularised.h"

#include "basic/cleanup.h"
#include "sysid/arx_build.h"
#include "sysid/gram.h"
#include "sysid/kernels.h"
#include "sysid/linalg.h"
#include "sysid/sysid_errors.h"

#include <errno.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>
#include <math.h>
#include <string.h>

struct tc {
  const struct vr_orders *o;
  unsigned p;
  size_t rows;
  double *g;         /* p + 1 square: Gram of [y, Z], signals of unit power */
  double *power;     /* nu + 1: root mean square of y and of each input */
  double *s, *d, *w; /* p x p factor; p scales; p solution */
  double log_det, q; /* of the last evaluation */
  unsigned evaluations;
};

static double bounded(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

/* Hyper-parameter pair I of vector H: log of c over the noise variance, and
 * the logit of lambda. */
static void unpack(const double *h, unsigned i, double *ret_c,
                   double *ret_lambda) {
  *ret_c = exp(bounded(h[2 * i], -30, 30));
  *ret_lambda = 1 / (1 + exp(-bounded(h[2 * i + 1], -6, 9)));
}

static void prior_scales(struct tc *m, const double *h) {
  double *d = m->d;
  for (unsigned i = 0; i < m->o->nu; i++) {
    double c, lambda;
    unpack(h, i, &c, &lambda);
    double power = lambda;
    for (unsigned k = 1; k <= m->o->nb[i]; k++, power *= lambda)
      *d++ = sqrt(c * (k < m->o->nb[i] ? power * (1 - lambda) : power));
  }
}

/* Factors S = I + D G D, solves for w and returns minus twice the logarithm of
 * the marginal likelihood, the noise variance q / rows at its best value. */
static double evaluate(struct tc *m, const double *h) {
  size_t p = m->p, dim = p + 1;
  prior_scales(m, h);
  for (size_t i = 0; i < p; i++) {
    const double *g = m->g + (i + 1) * dim;
    for (size_t j = 0; j <= i; j++)
      m->s[i * p + j] = m->d[i] * m->d[j] * g[j + 1];
    m->s[i * p + i] += 1;
    m->w[i] = m->d[i] * g[0];
  }
  m->evaluations++;
  if (vr_sysid_cholesky(m->p, m->s, 0) != 0)
    return INFINITY;
  vr_sysid_forward(m->p, m->s, m->w);
  m->q = fmax(m->g[0] - vr_dot(p, m->w, m->w), 1e-14 * m->g[0]);
  vr_sysid_backward(m->p, m->s, m->w);
  m->log_det = 0;
  for (size_t i = 0; i < p; i++)
    m->log_det += 2 * log(m->s[i * p + i]);
  return (double)m->rows * log(m->q / (double)m->rows) + m->log_det;
}

/* Gram of the signals to that of [y, Z]. */
static void cumulate(struct tc *m) {
  size_t dim = m->p + 1, first = 1;
  for (unsigned i = 0; i < m->o->nu; first += m->o->nb[i++])
    for (size_t k = first + 1; k < first + m->o->nb[i]; k++)
      vr_axpy(dim, 1, m->g + (k - 1) * dim, m->g + k * dim);
  first = 1;
  for (unsigned i = 0; i < m->o->nu; first += m->o->nb[i++])
    for (size_t r = 0; r < dim; r++)
      for (size_t k = first + 1; k < first + m->o->nb[i]; k++)
        m->g[r * dim + k] += m->g[r * dim + k - 1];
}

/* Which signal column J of the Gram belongs to. */
static unsigned signal_of(const struct tc *m, size_t j) {
  unsigned i = 0;
  for (size_t end = 1; j >= end; i++)
    end += m->o->nb[i];
  return i;
}

/* All signals to unit power. */
static void normalise(struct tc *m) {
  size_t dim = m->p + 1;
  for (size_t j = dim; j-- > 0;) /* the smallest lag comes last */
    m->power[signal_of(m, j)] = sqrt(m->g[j * (dim + 1)] / (double)m->rows);
  for (size_t i = 0; i < dim; i++)
    for (size_t j = 0; j < dim; j++) {
      double unit = m->power[signal_of(m, i)] * m->power[signal_of(m, j)];
      m->g[i * dim + j] = unit > 0 ? m->g[i * dim + j] / unit : 0;
    }
}

static void tc_clear(struct tc *m) {
  free(m->g);
  free(m->power);
}

static int tc_init(struct tc *m, const struct vr_dataset *d,
                   const struct vr_orders *o) {
  *m = (struct tc){.o = o, .p = vr_dataset_orders_parameters(o)};
  m->power = calloc((o->nu + 1) + ((size_t)m->p + 2) * m->p, sizeof(double));
  if (!m->power)
    return -ENOMEM;
  m->d = m->power + o->nu + 1;
  m->w = m->d + m->p;
  m->s = m->w + m->p;
  struct vr_gram g;
  int r = vr_gram_of_orders(d, o, &g);
  if (r < 0)
    return r;
  m->rows = g.rows;
  m->g = vr_steal(&g.g);
  vr_gram_clear(&g);
  normalise(m);
  cumulate(m);
  return 0;
}

static double objective(const gsl_vector *h, void *context) {
  double value = evaluate(context, h->data);
  return isfinite(value) ? value : 1e300;
}

/* The best of some common beginnings for all inputs. */
static void first_guess(struct tc *m, double *h) {
  static const double lambda[] = {0.6, 0.9, 0.97}, c[] = {0.003, 0.1, 3};
  double best = INFINITY, at[2] = {0, 0};
  for (unsigned i = 0; i < 9; i++) {
    double l = lambda[i % 3];
    for (unsigned k = 0; k < m->o->nu; k++) {
      h[2 * k] = log(c[i / 3]);
      h[2 * k + 1] = log(l / (1 - l));
    }
    double value = evaluate(m, h);
    if (value < best) {
      best = value;
      at[0] = h[0];
      at[1] = h[1];
    }
  }
  for (unsigned k = 0; k < m->o->nu; k++) {
    h[2 * k] = at[0];
    h[2 * k + 1] = at[1];
  }
}

/* Nelder and Mead from the first guess, begun anew where it ends until that
 * gains nothing: a simplex may collapse before it is at the top. */
static int maximise(struct tc *m, double *h) {
  size_t n = 2 * (size_t)m->o->nu;
  gsl_vector_view at = gsl_vector_view_array(h, n);
  gsl_vector *step = gsl_vector_alloc(n);
  gsl_multimin_fminimizer *s =
      gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, n);
  gsl_multimin_function f = {.f = objective, .n = n, .params = m};
  int r = s && step ? 0 : -ENOMEM;
  first_guess(m, h);
  double before = INFINITY;
  for (unsigned restart = 0; r == 0 && restart < 5; restart++) {
    gsl_vector_set_all(step, 1);
    gsl_multimin_fminimizer_set(s, &f, &at.vector, step);
    for (unsigned k = 0; k < 60 * n; k++)
      if (gsl_multimin_fminimizer_iterate(s) != GSL_SUCCESS ||
          gsl_multimin_test_size(gsl_multimin_fminimizer_size(s), 1e-3) !=
              GSL_CONTINUE)
        break;
    gsl_vector_memcpy(&at.vector, s->x);
    if (!(s->fval < before - 0.01))
      break;
    before = s->fval;
  }
  gsl_vector_free(step);
  if (s)
    gsl_multimin_fminimizer_free(s);
  return r;
}

/* w to impulse responses in the units of the data. */
static int response(const struct tc *m, struct vr_arx *ret_arx) {
  vr_auto_free double *theta = malloc(m->p * sizeof(*theta));
  if (!theta)
    return -ENOMEM;
  size_t first = 0;
  for (unsigned i = 0; i < m->o->nu; first += m->o->nb[i++]) {
    double sum = 0;
    for (unsigned k = m->o->nb[i]; k-- > 0;) {
      sum += m->d[first + k] * m->w[first + k];
      theta[first + k] = sum * m->power[0] / m->power[i + 1];
    }
  }
  return vr_sysid_arx_from_parameters(m->o, theta, ret_arx);
}

static int describe(const struct tc *m, const double *h,
                    struct vr_fir_info *ret) {
  unsigned nu = m->o->nu;
  double n = (double)m->rows, y2 = m->power[0] * m->power[0];
  struct vr_fir_info info = {.rows = m->rows, .evaluations = m->evaluations};
  vr_auto_free double *inverse = malloc(2 * (size_t)m->p * sizeof(*inverse));
  info.c = calloc(2 * (size_t)nu, sizeof(*info.c));
  if (!inverse || !info.c) {
    free(info.c);
    return -ENOMEM;
  }
  info.lambda = info.c + nu;
  info.noise_variance = m->q / n * y2;
  for (unsigned i = 0; i < nu; i++) {
    unpack(h, i, &info.c[i], &info.lambda[i]);
    info.c[i] *= info.noise_variance / pow(m->power[i + 1], 2);
  }
  info.log_likelihood =
      -0.5 * (n * (log(2 * M_PI * info.noise_variance) + 1) + m->log_det);
  vr_sysid_inverse_diagonal(m->p, m->s, inverse, inverse + m->p);
  info.effective_parameters = m->p;
  for (unsigned j = 0; j < m->p; j++)
    info.effective_parameters -= inverse[j];
  *ret = info;
  return 0;
}

void vr_regularised_info_clear(struct vr_fir_info *info) {
  free(info->c);
  *info = (struct vr_fir_info){0};
}

/* A prior needs no more rows than parameters: the orders are checked as they
 * are, the data with one coefficient for each input. */
static int check_fir(const struct vr_dataset *d, const struct vr_orders *o,
                     struct vr_error *error) {
  if (o->na > 0 || o->nu == 0)
    return vr_error_set(error, -EINVAL,
                        "a finite impulse response has na = 0 and an input");
  int r = vr_dataset_orders_check(d, o, error);
  if (r < 0)
    return r;
  if (vr_dataset_rows(d, o) < 2)
    return vr_error_set(error, -ENODATA, "%zu rows for an impulse response",
                        vr_dataset_rows(d, o));
  vr_auto_free unsigned *one = calloc(2 * (size_t)o->nu, sizeof(*one));
  if (!one)
    return vr_sysid_no_memory(error);
  for (unsigned i = 0; i < o->nu; i++)
    one[i] = 1;
  const struct vr_orders least = {0, o->nu, one, one + o->nu};
  return vr_dataset_check(d, &least, error);
}

static int check_power(const struct tc *m, struct vr_error *error) {
  if (!(m->power[0] > 0))
    return vr_error_set(error, -EDOM, "the output is 0 in all rows");
  for (unsigned i = 1; i <= m->o->nu; i++)
    if (!(m->power[i] > 0))
      return vr_error_set(error, -EDOM, "input %u is 0 in all rows", i);
  return 0;
}

static int fit_fir(struct tc *m, double *h, struct vr_arx *ret_arx,
                   struct vr_fir_info *ret_info) {
  struct vr_arx arx;
  int r = maximise(m, h);
  if (r < 0)
    return r;
  evaluate(m, h);
  r = response(m, &arx);
  if (r < 0)
    return r;
  if (ret_info && describe(m, h, ret_info) < 0) {
    vr_arx_clear(&arx);
    return -ENOMEM;
  }
  *ret_arx = arx;
  return 0;
}

int vr_regularised_fit_fir(const struct vr_dataset *d,
                           const struct vr_orders *orders,
                           struct vr_arx *ret_arx, struct vr_fir_info *ret_info,
                           struct vr_error *error) {
  vr_sysid_quiet_gsl();
  int r = check_fir(d, orders, error);
  if (r < 0)
    return r;
  vr_auto_free double *h = calloc(2 * (size_t)orders->nu, sizeof(*h));
  if (!h)
    return vr_sysid_no_memory(error);
  struct tc m;
  r = tc_init(&m, d, orders);
  if (r == 0)
    r = check_power(&m, error);
  if (r == 0)
    r = fit_fir(&m, h, ret_arx, ret_info);
  tc_clear(&m);
  return r == -ENOMEM ? vr_sysid_no_memory(error) : r;
}

/* SPDX-License-Identifier: MIT */
#include "reference.h"

#include "../unit.h"

#include "sysid/arx_build.h"
#include "sysid/known_poles.h"
#include "sysid/poles.h"
#include "sysid/refine.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The filtered regressors and the free response written down from the
 * definition; their plain regression is an na = 0 data set with one input for
 * each column, which the reference solves. */
struct filtered {
  struct vr_dataset d;
  struct vr_segment segments[4];
  const double *u[4][16];
  unsigned nb[16], nk[16], p;
};

static double *naive_filter(const struct vr_orders *o, const double *a,
                            const double *past, const double *u, size_t lag,
                            size_t n, unsigned delay) {
  double *x = calloc(n, sizeof(*x));
  for (size_t t = 0; t < lag; t++)
    x[t] = past ? past[t] : 0;
  for (size_t t = lag; t < n; t++) {
    x[t] = u ? u[t - delay] : 0;
    for (unsigned k = 1; k <= o->na; k++)
      x[t] -= a[k] * x[t - k];
  }
  return x;
}

static void make_filtered(struct filtered *f, const struct vr_dataset *d,
                          const struct vr_orders *o, const double *a) {
  size_t lag = vr_dataset_orders_largest_lag(o);
  *f = (struct filtered){.p = vr_dataset_orders_parameters(o) - o->na};
  for (size_t k = 0; k < d->n_segments; k++) {
    const struct vr_segment *s = &d->segments[k];
    unsigned j = 0;
    for (unsigned i = 0; i < o->nu; i++)
      for (unsigned b = 0; b < o->nb[i]; b++, j++) {
        f->u[k][j] =
            naive_filter(o, a, NULL, s->u[i], lag, s->n, o->nk[i] + b) + lag;
        f->nb[j] = 1;
      }
    double *y = naive_filter(o, a, s->y, NULL, lag, s->n, 0);
    for (size_t t = 0; t < s->n; t++)
      y[t] = s->y[t] - y[t];
    f->segments[k] =
        (struct vr_segment){.n = s->n - lag, .y = y + lag, .u = f->u[k]};
  }
  f->d = (struct vr_dataset){
      .nu = f->p, .n_segments = d->n_segments, .segments = f->segments};
}

static void free_filtered(struct filtered *f, size_t lag) {
  for (size_t k = 0; k < f->d.n_segments; k++) {
    free((double *)f->segments[k].y - lag);
    for (unsigned j = 0; j < f->p; j++)
      free((double *)f->u[k][j] - lag);
  }
}

static const double slow_poles[] = {1, -1.7, 0.72}; /* 0.9, 0.8 */

static void known_poles_are_a_regression_on_filtered_inputs(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 3000, 2, 0.5, 1, 41);
  struct vr_segment parts[2] = {m.s, m.s};
  const double *late[] = {m.u[0] + 1300, m.u[1] + 1300};
  parts[0].n = 1203;
  parts[1] = (struct vr_segment){.n = 1700, .y = m.s.y + 1300, .u = late};
  struct vr_dataset d = {.nu = 2, .n_segments = 2, .segments = parts};
  const unsigned nb[] = {3, 2}, nk[] = {0, 4};
  const struct vr_orders o = {2, 2, nb, nk};

  struct filtered f;
  make_filtered(&f, &d, &o, slow_poles);
  struct reference ref =
      reference_fit(&f.d, &(struct vr_orders){0, f.p, f.nb, f.nk});
  struct vr_arx arx;
  struct vr_fit_info info;
  struct vr_error error;
  if (vr_sysid_fit_known_poles(&d, &o, slow_poles, NULL, &arx, &info, &error) <
      0)
    fail_msg("%s", error.message);
  const double b[] = {arx.inputs[0].b[0], arx.inputs[0].b[1],
                      arx.inputs[0].b[2], arx.inputs[1].b[0],
                      arx.inputs[1].b[1]};
  assert_true(close_vectors(5, b, ref.theta, 1e-9));
  assert_true(close_vectors(5, info.se + 2, ref.se, 1e-6));
  assert_int_equal(info.rows, ref.rows);
  assert_true(fabs(info.rss - ref.rss) < 1e-10 * ref.rss);
  assert_memory_equal(arx.a, slow_poles, sizeof(slow_poles));

  /* And the free run as simulated has just these residuals. */
  double *e, rss = 0;
  size_t n;
  assert_int_equal(
      vr_simulate_residuals(&arx, &d, true, VR_INITIAL_MEASURED, &e, &n), 0);
  for (size_t t = 0; t < n; t++)
    rss += e[t] * e[t];
  assert_int_equal(n, ref.rows);
  assert_true(fabs(rss - ref.rss) < 1e-10 * ref.rss);
  free(e);
  reference_free(&ref);
  free_filtered(&f, vr_dataset_orders_largest_lag(&o));
  vr_arx_clear(&arx);
  vr_estimate_info_clear(&info);
  made_free(&m);
}

/* By hand, na = 0, y = 2 u1 - u2 with orthogonal inputs: u2's gain is bound at
 * 0, u1's stays 2; with a correlated third input that takes part. */
static void gains_are_not_negative_when_told(void **state) {
  (void)state;
  const double u1[] = {1, -1, 1, -1, 2, -2},
               u2[] = {1, 1, -1, -1, 0, 0}, *const u[] = {u1, u2};
  double y[6];
  for (int t = 0; t < 6; t++)
    y[t] = 2 * u1[t] - u2[t];
  struct vr_segment s = {.n = 6, .y = y, .u = u};
  struct vr_dataset d = {.nu = 2, .n_segments = 1, .segments = &s};
  const unsigned nb[] = {1, 1}, nk[] = {0, 0};
  const struct vr_orders o = {0, 2, nb, nk};
  const double a[] = {1};
  struct vr_output_error_options options = {.nonnegative_gain = true};
  struct vr_arx arx;
  struct vr_fit_info info;
  assert_int_equal(
      vr_sysid_fit_known_poles(&d, &o, a, &options, &arx, &info, NULL), 0);
  assert_true(fabs(arx.inputs[0].b[0] - 2) < 1e-14);
  assert_true(arx.inputs[1].b[0] == 0);
  assert_true(fabs(info.rss - 4) < 1e-13);
  vr_arx_clear(&arx);
  vr_estimate_info_clear(&info);
  for (int t = 0; t < 6; t++)
    y[t] = -u1[t] - u2[t];
  assert_int_equal(
      vr_sysid_fit_known_poles(&d, &o, a, &options, &arx, &info, NULL), 0);
  assert_true(arx.inputs[0].b[0] == 0 && arx.inputs[1].b[0] == 0);
  assert_true(info.rss == 16); /* sum of y^2: 12 + 4 */
  vr_arx_clear(&arx);
  vr_estimate_info_clear(&info);
}

/* A gain of a millionth of another is found all the same. */
static void small_gains_are_not_lost(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 300, 2, 0.5, 1, 47);
  for (int t = 0; t < 300; t++)
    m.values[t] = m.u[0][t] + 1e-6 * m.u[1][t];
  const unsigned nb[] = {1, 1}, nk[] = {0, 0};
  const double a[] = {1};
  struct vr_output_error_options options = {.nonnegative_gain = true};
  struct vr_arx arx;
  assert_int_equal(vr_sysid_fit_known_poles(&m.d,
                                            &(struct vr_orders){0, 2, nb, nk},
                                            a, &options, &arx, NULL, NULL),
                   0);
  assert_true(fabs(arx.inputs[1].b[0] - 1e-6) < 1e-12);
  vr_arx_clear(&arx);
  made_free(&m);
}

/* The conditions of Karush, Kuhn and Tucker, which only the optimum meets: at
 * free gains the gradient is 0, at bound ones it points outwards. */
static void nonnegative_gains_are_optimal(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 800, 4, 0.9, 2, 42);
  const unsigned nb[] = {4, 3, 4, 4}, nk[] = {0, 0, 5, 9};
  const struct vr_orders o = {2, 4, nb, nk};
  struct vr_output_error_options options = {.nonnegative_gain = true};
  struct vr_arx arx;
  assert_int_equal(vr_sysid_fit_known_poles(&m.d, &o, slow_poles, &options,
                                            &arx, NULL, NULL),
                   0);
  struct filtered f;
  make_filtered(&f, &m.d, &o, slow_poles);
  double *e;
  size_t n;
  unsigned bound = 0, j = 0;
  assert_int_equal(
      vr_simulate_residuals(&arx, &m.d, true, VR_INITIAL_MEASURED, &e, &n), 0);
  for (unsigned i = 0; i < 4; i++)
    for (unsigned k = 0; k < nb[i]; k++, j++) {
      double g = 0, size = 0, ee = 0;
      for (size_t t = 0; t < n; t++) {
        g += e[t] * f.u[0][j][t];
        size += f.u[0][j][t] * f.u[0][j][t];
        ee += e[t] * e[t];
      }
      g /= sqrt(size * ee);
      assert_true(arx.inputs[i].b[k] >= 0);
      assert_true(arx.inputs[i].b[k] > 0 ? fabs(g) < 1e-9 : g < 1e-9);
      bound += arx.inputs[i].b[k] == 0;
    }
  assert_true(bound > 0 && bound < 15);
  free(e);
  free_filtered(&f, vr_dataset_orders_largest_lag(&o));
  vr_arx_clear(&arx);
  made_free(&m);
}

/* kernel/sched/loadavg.c's constants at its own tick, and the product over
 * five ticks of a second. */
static void load_filter_is_the_kernels(void **state) {
  (void)state;
  assert_true(vr_sysid_load_filter_pole(1, 5) == -1884. / 2048);
  assert_true(vr_sysid_load_filter_pole(5, 5) == -2014. / 2048);
  assert_true(vr_sysid_load_filter_pole(15, 5) == -2037. / 2048);
  assert_true(fabs(pow(-vr_sysid_load_filter_pole(1, 1), 5) - 1884. / 2048) <
              1e-15);
  assert_true(fabs(-vr_sysid_load_filter_pole(15, 10) -
                   2037. / 2048 * (2037. / 2048)) < 1e-15);
}

static void poles_that_are_not_stable_are_refused(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 300, 1, 0.9, 1, 43);
  const double a[] = {1, -1.01};
  const unsigned nb[] = {2}, nk[] = {0};
  struct vr_arx arx;
  struct vr_error error;
  assert_int_equal(vr_sysid_fit_known_poles(&m.d,
                                            &(struct vr_orders){1, 1, nb, nk},
                                            a, NULL, &arx, NULL, &error),
                   -EINVAL);
  assert_non_null(strstr(error.message, "not stable"));
  m.d.nu = 0;
  assert_int_equal(
      vr_sysid_fit_known_poles(&m.d, &(struct vr_orders){1, 0, NULL, NULL}, a,
                               NULL, &arx, NULL, &error),
      -EINVAL);
  made_free(&m);
}

/* Poles 1.25 (reflected to 0.8), 0.5 (stays) and 0.995 e^(+-i) (shrunk to
 * 0.99): the polynomial multiplied out by hand from its factors. */
static void poles_move_inside(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 400, 1, 0.9, 1, 44);
  double c = cos(1), r = 0.995, q = 0.99;
  /* (1 - 1.75 z + 0.625 z^2)(1 - 2 r c z + r^2 z^2) */
  double a[] = {1, -1.75 - 2 * r * c, 0.625 + 3.5 * r * c + r * r,
                -1.75 * r * r - 1.25 * r * c, 0.625 * r * r};
  /* (1 - 1.3 z + 0.4 z^2)(1 - 2 q c z + q^2 z^2) */
  double moved[] = {1, -1.3 - 2 * q * c, 0.4 + 2.6 * q * c + q * q,
                    -1.3 * q * q - 0.8 * q * c, 0.4 * q * q};
  struct vr_arx arx, same;
  double theta[] = {a[1], a[2], a[3], a[4], 1, 2};
  const unsigned nb[] = {2}, nk[] = {1};
  const struct vr_orders o = {4, 1, nb, nk};
  assert_int_equal(vr_sysid_arx_from_parameters(&o, theta, &arx), 0);
  unsigned n;
  assert_int_equal(vr_sysid_stabilise(&arx, &m.d, 0.01, &n, NULL), 0);
  assert_int_equal(n, 3);
  assert_true(close_vectors(5, arx.a, moved, 1e-12));
  assert_true(vr_arx_spectral_radius(&arx) < 0.99 + 1e-9);

  /* b is then the one of the known poles; and a stable model stays. */
  assert_int_equal(
      vr_sysid_fit_known_poles(&m.d, &o, arx.a, NULL, &same, NULL, NULL), 0);
  assert_true(close_vectors(2, arx.inputs[0].b, same.inputs[0].b, 1e-9));
  double before = arx.inputs[0].b[0];
  assert_int_equal(vr_sysid_stabilise(&arx, &m.d, 0.001, &n, NULL), 0);
  assert_int_equal(n, 0);
  assert_true(arx.inputs[0].b[0] == before);
  vr_arx_clear(&same);
  vr_arx_clear(&arx);
  made_free(&m);
}

/* A system measured with white noise at its output: least squares takes its
 * pole 0.95 too near to 0, Steiglitz-McBride finds it. */
static void steiglitz_mcbride_finds_what_least_squares_misses(void **state) {
  (void)state;
  enum { N = 4000 };
  struct made m;
  make_data(&m, N, 1, 0, 1, 45);
  double *y = m.values, x = 0;
  unsigned long long seed = 46;
  for (int t = 0; t < N; t++) {
    x = 0.95 * x + (t > 1 ? 0.5 * m.u[0][t - 1] : 0);
    y[t] = x + normal(&seed);
  }
  struct vr_dataset fit, hold;
  assert_int_equal(vr_dataset_slice(&m.d, 0, 3000, &fit, NULL), 0);
  assert_int_equal(vr_dataset_slice(&m.d, 3000, N, &hold, NULL), 0);
  const unsigned nb[] = {1}, nk[] = {1};
  struct vr_arx arx;
  struct vr_score before, after;
  unsigned kept;
  assert_int_equal(vr_estimate_arx(&fit, &(struct vr_orders){1, 1, nb, nk},
                                   NULL, &arx, NULL, NULL),
                   0);
  assert_true(arx.a[1] > -0.85); /* the bias that is to go */
  vr_simulate_score_free_run(&arx, &hold, VR_INITIAL_REST, &before);
  assert_int_equal(vr_sysid_steiglitz_mcbride(
                       &arx, &fit, &hold, VR_INITIAL_REST, NULL, &kept, NULL),
                   0);
  vr_simulate_score_free_run(&arx, &hold, VR_INITIAL_REST, &after);
  assert_true(kept > 0);
  assert_true(after.fit > before.fit + 5);
  assert_true(fabs(arx.a[1] + 0.95) < 0.01);
  assert_true(fabs(arx.inputs[0].b[0] - 0.5) < 0.05);

  /* Once it is there, nothing gets worse. */
  assert_int_equal(vr_sysid_steiglitz_mcbride(
                       &arx, &fit, &hold, VR_INITIAL_REST, NULL, &kept, NULL),
                   0);
  struct vr_score again;
  vr_simulate_score_free_run(&arx, &hold, VR_INITIAL_REST, &again);
  assert_true(again.fit >= after.fit - 1e-9);
  vr_arx_clear(&arx);
  vr_dataset_clear(&fit);
  vr_dataset_clear(&hold);
  made_free(&m);
}

static bool has_root(unsigned n, const double complex *roots,
                     double complex root) {
  for (unsigned k = 0; k < n; k++)
    if (cabs(roots[k] - root) < 1e-9)
      return true;
  return false;
}

static void poles_and_zeros_of_known_factors(void **state) {
  (void)state;
  double a[] = {1, -1.2, 0.72, 0, 0}; /* 0.6 +- 0.6i, two at 0 */
  double b[] = {0, 2, -1, -6};        /* 2 (z - 2)(z + 1.5) after a delay */
  struct vr_arx_input in[] = {{4, 1, b}};
  struct vr_arx arx = {.na = 4, .a = a, .nu = 1, .inputs = in};
  double complex roots[4];
  unsigned n;
  assert_int_equal(vr_poles_of_arx(&arx, roots), 0);
  assert_true(has_root(4, roots, 0.6 + 0.6 * I));
  assert_true(has_root(4, roots, 0.6 - 0.6 * I));
  assert_true(has_root(4, roots, 0));
  assert_int_equal(vr_poles_zeros_of_arx(&arx, 0, roots, &n), 0);
  assert_int_equal(n, 2);
  assert_true(has_root(2, roots, 2));
  assert_true(has_root(2, roots, -1.5));
  double coef[4];
  vr_poles_polynomial(3, (double complex[]){0.6 + 0.6 * I, 0.5, 0.6 - 0.6 * I},
                      coef);
  assert_true(close_vectors(4, coef, (double[]){1, -1.7, 1.32, -0.36}, 1e-15));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_poles_are_a_regression_on_filtered_inputs),
      cmocka_unit_test(gains_are_not_negative_when_told),
      cmocka_unit_test(small_gains_are_not_lost),
      cmocka_unit_test(nonnegative_gains_are_optimal),
      cmocka_unit_test(load_filter_is_the_kernels),
      cmocka_unit_test(poles_that_are_not_stable_are_refused),
      cmocka_unit_test(poles_move_inside),
      cmocka_unit_test(steiglitz_mcbride_finds_what_least_squares_misses),
      cmocka_unit_test(poles_and_zeros_of_known_factors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "fixture.h"
#include "reference.h"

#include "../unit.h"

#include "sysid/estimate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void parameters(const struct vr_arx *arx, double *to) {
  for (unsigned k = 1; k <= arx->na; k++)
    *to++ = arx->a[k];
  for (unsigned i = 0; i < arx->nu; i++)
    for (unsigned k = 0; k < arx->inputs[i].nb; k++)
      *to++ = arx->inputs[i].b[k];
}

/* Coefficients within TOL, standard errors and residuals of the reference. */
static void agrees(const struct vr_dataset *d, const struct vr_orders *o,
                   const struct vr_fit_options *options, double tol,
                   enum vr_fit_method method) {
  struct vr_arx arx;
  struct vr_fit_info info;
  struct vr_error error;
  struct reference ref = reference_fit(d, o);
  double theta[256];
  assert_true(ref.p < 256);
  int r = vr_estimate_arx(d, o, options, &arx, &info, &error);
  if (r < 0)
    fail_msg("%s", error.message);
  parameters(&arx, theta);
  assert_true(close_vectors(ref.p, theta, ref.theta, tol));
  assert_int_equal(info.rows, ref.rows);
  assert_int_equal(info.n_parameters, ref.p);
  assert_int_equal(info.method, method);
  double norm = sqrt(info.rss), expected = sqrt(ref.rss);
  if (fabs(norm - expected) > 1e-12 * expected)
    fail_msg("residual norm off by %.3g (condition %.3g, %u refinements)",
             fabs(norm / expected - 1), info.condition, info.refinements);
  /* The factor itself, which gives them, is not refined. */
  assert_true(close_vectors(ref.p, info.se, ref.se,
                            tol <= 1e-9 ? 1e-4 : fmax(1e-3, tol)));
  vr_arx_clear(&arx);
  vr_estimate_info_clear(&info);
  reference_free(&ref);
}

static void one_input(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 2000, 1, 0.9, 0.3, 1);
  const unsigned nb[] = {3}, nk[] = {1};
  agrees(&m.d, &(struct vr_orders){2, 1, nb, nk}, NULL, 1e-9, VR_FIT_GRAM);
  made_free(&m);
}

static void the_seed_orders_with_three_inputs(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 3000, 3, 0.7, 0.5, 2);
  const unsigned nb[] = {17, 17, 17}, nk[] = {50, 50, 50};
  agrees(&m.d, &(struct vr_orders){20, 3, nb, nk}, NULL, 1e-9, VR_FIT_GRAM);
  agrees(&m.d, &(struct vr_orders){20, 3, nb, nk},
         &(struct vr_fit_options){.force_tsqr = true}, 1e-9, VR_FIT_TSQR);
  made_free(&m);
}

static void a_finite_impulse_response(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 2500, 2, 0.95, 1, 3);
  const unsigned nb[] = {40, 7}, nk[] = {0, 3};
  agrees(&m.d, &(struct vr_orders){0, 2, nb, nk}, NULL, 1e-9, VR_FIT_GRAM);
  made_free(&m);
}

static void an_autoregression_without_inputs(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 2500, 0, 0, 1, 4);
  agrees(&m.d, &(struct vr_orders){6, 0, NULL, NULL}, NULL, 1e-9, VR_FIT_GRAM);
  made_free(&m);
}

/* Gaps of one and of many samples, stretches shorter than the largest lag. */
static void gaps_are_not_bridged(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 4000, 2, 0.9, 0.4, 5);
  double *y = (double *)m.s.y, *u = (double *)m.u[1];
  y[700] = NAN;
  y[1000] = y[1012] = NAN;
  for (int t = 2000; t < 2300; t++)
    u[t] = NAN;
  u[0] = INFINITY;
  struct vr_dataset d;
  assert_int_equal(vr_dataset_split(4000, m.s.y, 2, m.s.u, 1, &d, NULL), 0);
  assert_int_equal(d.n_segments, 5);
  struct vr_dataset longer; /* without the 11 samples between two gaps */
  assert_int_equal(vr_dataset_split(4000, m.s.y, 2, m.s.u, 12, &longer, NULL),
                   0);
  assert_int_equal(longer.n_segments, 4);
  assert_int_equal(vr_dataset_samples(&longer), 4000 - 1 - 3 - 300 - 11);
  vr_dataset_clear(&longer);
  assert_int_equal(vr_dataset_samples(&d), 4000 - 1 - 3 - 300);
  const unsigned nb[] = {4, 4}, nk[] = {1, 15};
  agrees(&d, &(struct vr_orders){3, 2, nb, nk}, NULL, 1e-9, VR_FIT_GRAM);
  agrees(&d, &(struct vr_orders){3, 2, nb, nk},
         &(struct vr_fit_options){.force_tsqr = true}, 1e-9, VR_FIT_TSQR);
  vr_dataset_clear(&d);
  made_free(&m);
}

static void several_recordings_are_one_fit(void **state) {
  (void)state;
  struct made m[3];
  struct vr_dataset sets[3], d;
  for (int k = 0; k < 3; k++) {
    make_data(&m[k], 600 + 400 * (size_t)k, 3, 0.5 + 0.2 * k, 0.2 + k, 60 + k);
    sets[k] = m[k].d;
  }
  assert_int_equal(vr_dataset_join(3, sets, &d, NULL), 0);
  const unsigned nb[] = {5, 1, 8}, nk[] = {0, 2, 4};
  agrees(&d, &(struct vr_orders){5, 3, nb, nk}, NULL, 1e-9, VR_FIT_GRAM);
  vr_dataset_clear(&d);
  for (int k = 0; k < 3; k++)
    made_free(&m[k]);
}

/* Values as bytes a second on a large mean, of unlike size. */
static void unlike_units_are_equilibrated(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 3000, 2, 0.8, 0.3, 7);
  for (int t = 0; t < 3000; t++) {
    ((double *)m.u[0])[t] = 1e9 * (m.u[0][t] + 30);
    ((double *)m.u[1])[t] *= 1e-6;
    ((double *)m.s.y)[t] += 5;
  }
  const unsigned nb[] = {4, 6}, nk[] = {0, 2};
  agrees(&m.d, &(struct vr_orders){4, 2, nb, nk}, NULL, 1e-9, VR_FIT_GRAM);
  made_free(&m);
}

/* Two inputs that differ by DIFFERENCE of white noise, which the output does
 * not depend on: the condition number is about 2 / DIFFERENCE. */
static void nearly_collinear(size_t n, double difference,
                             unsigned long long seed,
                             enum vr_fit_method method) {
  struct made m;
  double twin[800];
  make_data(&m, n, 1, 0, 0.3, seed);
  seed += 80;
  for (size_t t = 0; t < n; t++)
    twin[t] = m.u[0][t] + difference * normal(&seed);
  m.u[1] = twin;
  m.d.nu = 2;
  const unsigned nb[] = {2, 2}, nk[] = {0, 0};
  const struct vr_orders o = {2, 2, nb, nk};
  double condition = 2 / difference * 1.5;
  agrees(&m.d, &o, NULL, 10 * condition * 2.2e-16, method);

  struct vr_arx arx;
  struct vr_fit_info info;
  assert_int_equal(vr_estimate_arx(&m.d, &o, NULL, &arx, &info, NULL), 0);
  assert_true(info.condition > 1 / difference);
  assert_true(info.condition < 8 / difference);
  assert_int_equal(strstr(info.note, "ill-conditioned") != NULL,
                   method == VR_FIT_TSQR);
  vr_arx_clear(&arx);
  vr_estimate_info_clear(&info);
  made_free(&m);
}

static void nearly_collinear_inputs(void **state) {
  (void)state;
  for (unsigned long long seed = 1; seed <= 24; seed++) {
    nearly_collinear(800, 1e-3, seed, VR_FIT_GRAM);
    nearly_collinear(800, 3e-5, seed, VR_FIT_GRAM);
    nearly_collinear(800, 1e-6, seed, VR_FIT_GRAM);
    nearly_collinear(800, 5e-7, seed, VR_FIT_TSQR);
    nearly_collinear(800, 2e-7, seed, VR_FIT_TSQR);
    nearly_collinear(800, 1e-8, seed, VR_FIT_TSQR);
    nearly_collinear(800, 1e-10, seed, VR_FIT_TSQR);
    nearly_collinear(800, 1e-12, seed, VR_FIT_TSQR);
    /* Rounding of few residuals does not average out. */
    nearly_collinear(60, 3e-6, seed, VR_FIT_GRAM);
    nearly_collinear(60, 1e-8, seed, VR_FIT_TSQR);
  }
}

/* Parameters that cancel: of the ten digits that they have in common nothing
 * must be lost in the residuals. */
static void nearly_collinear_combinations(void **state) {
  (void)state;
  for (unsigned long long seed = 1; seed <= 6; seed++) {
    struct made m;
    unsigned long long other = seed + 900;
    make_data(&m, 900, 3, 0.7, 3, seed);
    double *u = (double *)m.u[2];
    for (int t = 0; t < 900; t++)
      u[t] = 0.5 * m.u[0][t] - 2 * m.u[1][t] + 3e-9 * normal(&other);
    const unsigned nb[] = {5, 5, 5}, nk[] = {0, 1, 0};
    agrees(&m.d, &(struct vr_orders){4, 3, nb, nk}, NULL, 10 * 1e9 * 2.2e-16,
           VR_FIT_TSQR);
    made_free(&m);
  }
}

/* Octave's arx on the same data, where its rows are ours (expected.m). */
static void agrees_with_octave(const struct fixture *f, const char *name,
                               const struct vr_dataset *d,
                               const struct vr_orders *o) {
  size_t p;
  const double *expected = fixture_array(f, name, &p);
  double theta[64];
  struct vr_arx arx;
  assert_int_equal(p, vr_dataset_orders_parameters(o));
  assert_int_equal(vr_estimate_arx(d, o, NULL, &arx, NULL, NULL), 0);
  parameters(&arx, theta);
  assert_true(close_vectors((unsigned)p, theta, expected, 1e-9));
  vr_arx_clear(&arx);
}

static void agrees_with_the_arx_of_octave(void **state) {
  (void)state;
  struct fixture f;
  fixture_read(&f, "octave.txt");
  size_t n;
  const double *y = fixture_array(&f, "y", &n),
               *all = fixture_array(&f, "u", NULL),
               *u[] = {all, all + n, all + 2 * n};
  struct vr_segment whole = {.n = n, .y = y, .u = u};
  struct vr_dataset d = {.nu = 1, .n_segments = 1, .segments = &whole};
  agrees_with_octave(
      &f, "siso", &d,
      &(struct vr_orders){2, 1, (unsigned[]){3}, (unsigned[]){2}});
  d.nu = 3;
  agrees_with_octave(
      &f, "miso", &d,
      &(struct vr_orders){4, 3, (unsigned[]){4, 2, 6}, (unsigned[]){1, 1, 1}});
  const double *first[] = {u[1]}, *second[] = {u[1] + 140};
  struct vr_segment two[] = {{.n = 120, .y = y, .u = first},
                             {.n = 160, .y = y + 140, .u = second}};
  d = (struct vr_dataset){.nu = 1, .n_segments = 2, .segments = two};
  agrees_with_octave(
      &f, "two", &d,
      &(struct vr_orders){3, 1, (unsigned[]){5}, (unsigned[]){4}});
  fixture_free(&f);
}

/* By hand: minimise (1 - b)^2 3 + 0.5 b^2 3 for y = u: b = 1 / 1.5. */
static void ridge_shrinks_as_it_says(void **state) {
  (void)state;
  const double u[] = {1, -1, 1}, *const inputs[] = {u};
  struct vr_segment s = {.n = 3, .y = u, .u = inputs};
  struct vr_dataset d = {.nu = 1, .n_segments = 1, .segments = &s};
  const unsigned nb[] = {1}, nk[] = {0};
  const struct vr_orders o = {0, 1, nb, nk};
  for (int force = 0; force < 2; force++) {
    struct vr_arx arx;
    struct vr_fit_info info;
    struct vr_fit_options options = {.ridge = 0.5, .force_tsqr = force};
    assert_int_equal(vr_estimate_arx(&d, &o, &options, &arx, &info, NULL), 0);
    assert_true(fabs(arx.inputs[0].b[0] - 1 / 1.5) < 1e-15);
    assert_int_equal(info.method, force ? VR_FIT_TSQR : VR_FIT_GRAM);
    assert_true(fabs(info.rss - 3 * (1 - 1 / 1.5) * (1 - 1 / 1.5)) < 1e-14);
    /* One parameter, three rows: variance rss / 2, matrix 3 + 0.5 * 3. */
    assert_true(fabs(info.se[0] - sqrt(info.rss / 2 / 4.5)) < 1e-14);
    vr_arx_clear(&arx);
    vr_estimate_info_clear(&info);
  }
}

/* Akaike's and Schwarz's criteria by their formulas, rows and parameters
 * counted by hand. */
static void criteria_follow_their_formulas(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 500, 1, 0.5, 0.7, 9);
  const unsigned nb[] = {2}, nk[] = {5};
  struct vr_arx arx;
  struct vr_fit_info info;
  assert_int_equal(vr_estimate_arx(&m.d, &(struct vr_orders){3, 1, nb, nk},
                                   NULL, &arx, &info, NULL),
                   0);
  double n = 500 - 6, p = 5;
  assert_int_equal(info.rows, 494);
  assert_true(fabs(info.aic - (n * log(info.rss / n) + 2 * p)) < 1e-9);
  assert_true(fabs(info.bic - (n * log(info.rss / n) + p * log(n))) < 1e-9);
  assert_true(fabs(info.fpe - info.rss / n * (n + p) / (n - p)) < 1e-12);
  assert_true(fabs(info.noise_variance - info.rss / (n - p)) < 1e-12);
  vr_arx_clear(&arx);
  vr_estimate_info_clear(&info);
  made_free(&m);
}

/* --- what has to be refused --- */

static void refused(const struct vr_dataset *d, const struct vr_orders *o,
                    int expected, const char *words) {
  struct vr_arx arx = {.na = 77};
  struct vr_fit_info info = {.rows = 77};
  struct vr_error error = {"nothing said"};
  assert_int_equal(vr_estimate_arx(d, o, NULL, &arx, &info, &error), expected);
  if (!strstr(error.message, words))
    fail_msg("\"%s\" does not say \"%s\"", error.message, words);
  assert_int_equal(arx.na, 77);
  assert_int_equal(info.rows, 77);
}

static void orders_without_sense_are_refused(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 300, 1, 0.5, 0.7, 10);
  const unsigned nb[] = {2}, nk[] = {1}, none[] = {0}, huge[] = {4000000000u},
                 many[] = {9000};
  refused(&m.d, &(struct vr_orders){2, 2, nb, nk}, -EINVAL, "2 inputs");
  refused(&m.d, &(struct vr_orders){2, 1, none, nk}, -EINVAL, "nb of input 1");
  refused(&m.d, &(struct vr_orders){2, 1, huge, nk}, -EINVAL, "above");
  refused(&m.d, &(struct vr_orders){2, 1, nb, huge}, -EINVAL, "above");
  refused(&m.d, &(struct vr_orders){4000000000u, 1, nb, nk}, -EINVAL, "na");
  refused(&m.d, &(struct vr_orders){2, 1, many, nk}, -EINVAL, "parameters");
  m.d.nu = 0;
  refused(&m.d, &(struct vr_orders){0, 0, NULL, NULL}, -EINVAL, "nothing");
  m.d.nu = 1;
  refused(&m.d, &(struct vr_orders){2, 1, nb, (unsigned[]){296}}, -ENODATA,
          "3 rows for 4 parameters");
  refused(&m.d, &(struct vr_orders){300, 1, nb, nk}, -ENODATA, "0 rows");
  made_free(&m);
}

static void signals_without_content_are_refused(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 300, 2, 0.5, 0.7, 11);
  const unsigned nb[] = {2, 2}, nk[] = {1, 1};
  const struct vr_orders o = {2, 2, nb, nk};
  double constant[300], nan[300], *u = (double *)m.u[1];
  for (int t = 0; t < 300; t++) {
    constant[t] = 0.1;
    nan[t] = NAN;
  }
  m.u[1] = constant;
  refused(&m.d, &o, -EDOM, "input 2 is constant (0.1)");
  m.u[1] = nan;
  refused(&m.d, &o, -EDOM, "input 2 has values that are not finite");
  m.u[1] = u;
  m.s.y = constant;
  refused(&m.d, &o, -EDOM, "the output is constant");
  struct vr_dataset d;
  struct vr_error error;
  assert_int_equal(vr_dataset_split(300, nan, 2, m.u, 1, &d, &error), -ENODATA);
  /* Nothing but the first two samples moves: no row sees it. */
  m.s.y = m.values;
  for (int t = 0; t < 300; t++)
    u[t] = t == 0;
  const unsigned late[] = {0, 0};
  refused(&m.d, &(struct vr_orders){2, 2, nb, late}, -EDOM,
          "input 2 at lag 0 is 0 in all rows");
  m.d.n_segments = 0;
  refused(&m.d, &o, -ENODATA, "no data");
  made_free(&m);
}

static void collinear_inputs_are_refused(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 1000, 3, 0.5, 0.7, 12);
  const unsigned nb[] = {2, 2, 2}, nk[] = {1, 1, 1};
  const struct vr_orders o = {2, 3, nb, nk};
  for (int t = 0; t < 1000; t++)
    ((double *)m.u[2])[t] = 2 * m.u[0][t] - 3 * m.u[1][t];
  refused(&m.d, &o, -ENOTUNIQ, "collinear");
  /* The same input twice, a step apart: b_2 of one is b_1 of the other. */
  for (int t = 0; t < 1000; t++)
    ((double *)m.u[2])[t] = t > 0 ? m.u[0][t - 1] : 0;
  refused(&m.d, &o, -ENOTUNIQ, "collinear");
  made_free(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_input),
      cmocka_unit_test(the_seed_orders_with_three_inputs),
      cmocka_unit_test(a_finite_impulse_response),
      cmocka_unit_test(an_autoregression_without_inputs),
      cmocka_unit_test(gaps_are_not_bridged),
      cmocka_unit_test(several_recordings_are_one_fit),
      cmocka_unit_test(unlike_units_are_equilibrated),
      cmocka_unit_test(nearly_collinear_inputs),
      cmocka_unit_test(nearly_collinear_combinations),
      cmocka_unit_test(agrees_with_the_arx_of_octave),
      cmocka_unit_test(ridge_shrinks_as_it_says),
      cmocka_unit_test(criteria_follow_their_formulas),
      cmocka_unit_test(orders_without_sense_are_refused),
      cmocka_unit_test(signals_without_content_are_refused),
      cmocka_unit_test(collinear_inputs_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "fixture.h"
#include "reference.h"

#include "../unit.h"

#include "sysid/regularised.h"
#include "sysid/simulate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* numpy maximised the dense N x N likelihood with a pattern search. */
static void tc_kernel_agrees_with_the_dense_likelihood(void **state) {
  (void)state;
  struct fixture f;
  fixture_read(&f, "tc.txt");
  size_t n;
  const double *y = fixture_array(&f, "y", &n),
               *u[] = {fixture_array(&f, "u1", NULL),
                       fixture_array(&f, "u2", NULL)},
               *theta = fixture_array(&f, "theta", NULL),
               *lambda = fixture_array(&f, "lambda", NULL),
               *c = fixture_array(&f, "c", NULL);
  struct vr_segment s = {.n = n, .y = y, .u = u};
  struct vr_dataset d = {.nu = 2, .n_segments = 1, .segments = &s};
  unsigned length = (unsigned)fixture_number(&f, "length");
  const unsigned nb[] = {length, length}, nk[] = {0, 0};
  struct vr_arx arx;
  struct vr_fir_info info;
  assert_int_equal(vr_regularised_fit_fir(&d, &(struct vr_orders){0, 2, nb, nk},
                                          &arx, &info, NULL),
                   0);
  assert_true(fabs(info.log_likelihood - fixture_number(&f, "likelihood")) <
              0.01);
  assert_true(close_vectors(length, arx.inputs[0].b, theta, 0.01));
  assert_true(close_vectors(length, arx.inputs[1].b, theta + length, 0.01));
  assert_true(close_vectors(1, &info.noise_variance,
                            fixture_array(&f, "noise", NULL), 0.01));
  assert_true(close_vectors(1, &info.effective_parameters,
                            fixture_array(&f, "effective", NULL), 0.02));
  assert_true(close_vectors(2, info.lambda, lambda, 0.02));
  assert_true(close_vectors(2, info.c, c, 0.1));
  assert_int_equal(info.rows, n - length + 1);
  assert_int_equal(arx.na, 0);
  vr_arx_clear(&arx);
  vr_regularised_info_clear(&info);
  fixture_free(&f);
}

static void ridge_agrees_with_the_dense_likelihood(void **state) {
  (void)state;
  struct fixture f;
  fixture_read(&f, "ridge.txt");
  size_t n;
  const double *y = fixture_array(&f, "y", &n),
               *u[] = {fixture_array(&f, "u", NULL)};
  struct vr_segment s = {.n = n, .y = y, .u = u};
  struct vr_dataset d = {.nu = 1, .n_segments = 1, .segments = &s};
  const unsigned nb[] = {(unsigned)fixture_number(&f, "length")}, nk[] = {0};
  double ridge, expected = fixture_number(&f, "ridge");
  assert_int_equal(vr_sysid_choose_ridge(&d, &(struct vr_orders){0, 1, nb, nk},
                                         &ridge, NULL),
                   0);
  assert_true(close_vectors(1, &ridge, &expected, 1e-4));
  fixture_free(&f);
}

/* With fewer rows than parameters, where least squares has no answer, the prior
 * has a good one. Truth: 0.5 0.8^k. */
static void more_taps_than_rows_are_fine(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 150, 1, 0, 1, 61);
  double *y = m.values, truth[100];
  unsigned long long seed = 62;
  for (int k = 0; k < 100; k++)
    truth[k] = 0.5 * pow(0.8, k);
  for (int t = 0; t < 150; t++) {
    y[t] = 0.1 * normal(&seed);
    for (int k = 0; k < 100 && k <= t; k++)
      y[t] += truth[k] * m.u[0][t - k];
  }
  const unsigned nb[] = {100}, nk[] = {0};
  const struct vr_orders o = {0, 1, nb, nk};
  struct vr_arx arx;
  struct vr_error error;
  assert_int_equal(vr_estimate_arx(&m.d, &o, NULL, &arx, NULL, &error),
                   -ENODATA);
  assert_int_equal(vr_regularised_fit_fir(&m.d, &o, &arx, NULL, &error), 0);
  assert_true(close_vectors(100, arx.inputs[0].b, truth, 0.1));
  vr_arx_clear(&arx);
  made_free(&m);
}

static void impossible_responses_are_refused(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 300, 1, 0, 1, 63);
  const unsigned nb[] = {10}, nk[] = {0}, far[] = {299};
  struct vr_arx arx;
  struct vr_error e;
  double ridge;
  assert_int_equal(vr_regularised_fit_fir(
                       &m.d, &(struct vr_orders){1, 1, nb, nk}, &arx, NULL, &e),
                   -EINVAL);
  assert_int_equal(vr_regularised_fit_fir(&m.d,
                                          &(struct vr_orders){0, 1, nb, far},
                                          &arx, NULL, &e),
                   -ENODATA);
  for (int t = 0; t < 300; t++)
    m.values[t] = 4;
  assert_int_equal(vr_regularised_fit_fir(
                       &m.d, &(struct vr_orders){0, 1, nb, nk}, &arx, NULL, &e),
                   -EDOM);
  assert_int_equal(vr_sysid_choose_ridge(
                       &m.d, &(struct vr_orders){0, 1, nb, nk}, &ridge, &e),
                   -EDOM);
  made_free(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tc_kernel_agrees_with_the_dense_likelihood),
      cmocka_unit_test(ridge_agrees_with_the_dense_likelihood),
      cmocka_unit_test(more_taps_than_rows_are_fine),
      cmocka_unit_test(impossible_responses_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "reference.h"

#include "../unit.h"

#include "sysid/arx_build.h"
#include "sysid/estimate.h"
#include "sysid/simulate.h"
#include "sysid/static_gain.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* y(t) = 0.5 y(t-1) + 2 u(t-1) */
static double a_half[] = {1, -0.5}, b_two[] = {2};
static struct vr_arx_input input_half[] = {{.nb = 1, .nk = 1, .b = b_two}};
static const struct vr_arx half = {
    .na = 1, .a = a_half, .nu = 1, .inputs = input_half};

/* By hand. Free run from the measured 4: 0.5*4 + 2*1 = 4, 0.5*4 + 0 = 2, then
 * 1 + 2 = 3. One step: from 4: 4; from the measured 6: 3; from 2: 1 + 2 = 3.
 * From rest: 0, 2, 1, 2.5. */
static void by_hand(void **state) {
  (void)state;
  const double y[] = {4, 6, 2, 3}, u[] = {1, 0, 1, 5}, *const inputs[] = {u};
  const struct vr_segment s = {.n = 4, .y = y, .u = inputs};
  double got[4];
  assert_int_equal(vr_simulate(&half, &s, VR_INITIAL_MEASURED, got), 0);
  assert_memory_equal(got, ((double[]){4, 4, 2, 3}), sizeof(got));
  vr_simulate_predict(&half, &s, got);
  assert_memory_equal(got, ((double[]){4, 4, 3, 3}), sizeof(got));
  assert_int_equal(vr_simulate(&half, &s, VR_INITIAL_REST, got), 0);
  assert_memory_equal(got, ((double[]){0, 2, 1, 2.5}), sizeof(got));

  /* Scored: 6, 2, 3 with mean 11/3; squares around it 26/3; errors 2, 0, 0. */
  struct vr_segment copy = s;
  struct vr_dataset d = {.nu = 1, .n_segments = 1, .segments = &copy};
  struct vr_score score;
  assert_int_equal(
      vr_simulate_score_free_run(&half, &d, VR_INITIAL_MEASURED, &score), 0);
  assert_true(fabs(score.fit - 100 * (1 - 2 / sqrt(26. / 3))) < 1e-12);
  assert_int_equal(score.samples, 3);
  assert_true(fabs(score.rmse - 2 / sqrt(3)) < 1e-15);
  assert_true(fabs(score.bias + 2. / 3) < 1e-15);
}

/* The fast free run against vr_arx_step, structures of all shapes, both
 * beginnings, segments shorter and longer than the largest lag. */
static void fast_free_run_equals_the_step_by_step_one(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 400, 3, 0.9, 0.5, 21);
  const unsigned shapes[][7] = {{0, 1, 1, 1, 0, 0, 0},   {1, 1, 2, 3, 0, 1, 2},
                                {2, 17, 1, 4, 50, 0, 3}, {20, 5, 5, 5, 7, 8, 9},
                                {7, 3, 9, 2, 0, 0, 40},  {5, 4, 4, 4, 1, 1, 1}};
  for (size_t k = 0; k < sizeof(shapes) / sizeof(*shapes); k++) {
    const unsigned *nb = shapes[k] + 1, *nk = shapes[k] + 4;
    double theta[64];
    unsigned long long seed = k;
    for (int j = 0; j < 64; j++)
      theta[j] = 0.3 * normal(&seed) / (j < (int)shapes[k][0] ? j + 1 : 1);
    struct vr_arx arx;
    assert_int_equal(
        vr_sysid_arx_from_parameters(
            &(struct vr_orders){shapes[k][0], 3, nb, nk}, theta, &arx),
        0);
    for (size_t n = 1; n < 400; n = n * 2 + 5)
      for (int initial = 0; initial < 2; initial++) {
        double slow[400], fast[400];
        m.s.n = n;
        assert_int_equal(vr_simulate(&arx, &m.s, initial, slow), 0);
        vr_simulate_fast(&arx, &m.s, initial, fast);
        assert_true(close_vectors((unsigned)n, fast, slow, 1e-10));
      }
    m.s.n = 400;
    vr_arx_clear(&arx);
  }
  made_free(&m);
}

/* Residual sum of squares of the fit = that of one-step residuals. */
static void one_step_residuals_are_those_of_the_fit(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 1000, 2, 0.9, 0.5, 22);
  struct vr_segment parts[2] = {m.s, m.s};
  const double *late[] = {m.u[0] + 400, m.u[1] + 400};
  parts[0].n = 390;
  parts[1] = (struct vr_segment){.n = 600, .y = m.s.y + 400, .u = late};
  struct vr_dataset d = {.nu = 2, .n_segments = 2, .segments = parts};
  const unsigned nb[] = {2, 3}, nk[] = {0, 4};
  struct vr_arx arx;
  struct vr_fit_info info;
  assert_int_equal(vr_estimate_arx(&d, &(struct vr_orders){3, 2, nb, nk}, NULL,
                                   &arx, &info, NULL),
                   0);
  double *e, rss = 0;
  size_t n;
  assert_int_equal(
      vr_simulate_residuals(&arx, &d, false, VR_INITIAL_REST, &e, &n), 0);
  assert_int_equal(n, info.rows);
  for (size_t t = 0; t < n; t++)
    rss += e[t] * e[t];
  assert_true(fabs(rss - info.rss) < 1e-10 * rss);
  free(e);
  assert_int_equal(
      vr_simulate_residuals(&arx, &d, true, VR_INITIAL_REST, &e, &n), 0);
  assert_int_equal(n, 990);
  free(e);
  vr_arx_clear(&arx);
  vr_estimate_info_clear(&info);
  made_free(&m);
}

static void an_exploding_free_run_has_no_fit(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 8000, 1, 0.9, 0.5, 23);
  double a[] = {1, -2}, b[] = {1};
  struct vr_arx_input in[] = {{1, 0, b}};
  struct vr_arx arx = {.na = 1, .a = a, .nu = 1, .inputs = in};
  struct vr_score score;
  assert_int_equal(
      vr_simulate_score_free_run(&arx, &m.d, VR_INITIAL_REST, &score), 0);
  assert_true(score.fit == -INFINITY);
  m.d.nu = 2;
  assert_int_equal(
      vr_simulate_score_free_run(&arx, &m.d, VR_INITIAL_REST, &score), -EINVAL);
  made_free(&m);
}

static void plain_values_are_scored_without_gaps(void **state) {
  (void)state;
  const double y[] = {1, NAN, 3, 5, 9}, yhat[] = {1, 7, 3, 6, NAN};
  /* 1, 3, 5 against 1, 3, 6: |e| = 1, |y - 3| = sqrt(8). */
  struct vr_score s = vr_simulate_score_values(5, y, yhat);
  assert_int_equal(s.samples, 3);
  assert_true(fabs(s.fit - 100 * (1 - 1 / sqrt(8))) < 1e-12);
  assert_true(isnan(vr_simulate_score_values(1, y, yhat).fit));
  assert_true(isnan(vr_simulate_score_values(0, y, yhat).fit));
}

/* y = 3 u - 2 but for errors +-0.5 that are orthogonal to u and to 1. */
static void static_gain_by_hand(void **state) {
  (void)state;
  const double u[] = {1, 2, 3, 4, 7, 7, 7}, e[] = {.5, -.5, -.5, .5, 0, 0, 0};
  double y[7];
  for (int t = 0; t < 7; t++)
    y[t] = 3 * u[t] - 2 + e[t];
  const double *const inputs[] = {u};
  struct vr_segment s = {.n = 7, .y = y, .u = inputs};
  struct vr_dataset d = {.nu = 1, .n_segments = 1, .segments = &s};
  struct vr_static_gain g;
  assert_int_equal(vr_sysid_fit_static_gain(&d, 0, &g, NULL), 0);
  assert_true(fabs(g.gain - 3) < 1e-14 && fabs(g.constant + 2) < 1e-13);
  /* rss = 1, 5 degrees of freedom, sum (u - mean)^2 = 177 - 31^2/7. */
  assert_true(fabs(g.se_gain - sqrt(1. / 5 / (177 - 961. / 7))) < 1e-14);
  s.y = u;
  struct vr_error error;
  assert_int_equal(vr_sysid_fit_static_gain(&d, 1, &g, &error), -EINVAL);
  const double *const flat[] = {u + 4};
  s = (struct vr_segment){.n = 3, .y = y, .u = flat};
  assert_int_equal(vr_sysid_fit_static_gain(&d, 0, &g, &error), -EDOM);
}

/* Slices count samples over all segments. */
static void slices_and_means_go_over_segments(void **state) {
  (void)state;
  const double y[] = {1, 2, 3, 4, 5, 6, 7, 8};
  struct vr_segment parts[] = {{.n = 3, .y = y}, {.n = 5, .y = y + 3}};
  struct vr_dataset d = {.nu = 0, .n_segments = 2, .segments = parts}, slice;
  assert_int_equal(vr_dataset_slice(&d, 2, 5, &slice, NULL), 0);
  assert_int_equal(slice.n_segments, 2);
  assert_int_equal(slice.segments[0].n, 1);
  assert_true(slice.segments[0].y[0] == 3);
  assert_int_equal(slice.segments[1].n, 2);
  assert_true(slice.segments[1].y[0] == 4);
  struct vr_dataset level;
  assert_int_equal(vr_dataset_detrend(&slice, 4, NULL, &level, NULL), 0);
  double mean;
  vr_dataset_means(&level, &mean, NULL);
  assert_true(mean == 0); /* 3, 4, 5 less 4 */
  vr_dataset_clear(&level);
  vr_dataset_clear(&slice);
  assert_int_equal(vr_dataset_slice(&d, 8, 9, &slice, NULL), -ENODATA);
  assert_int_equal(vr_dataset_slice(&d, 4, 4, &slice, NULL), -ENODATA);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(by_hand),
      cmocka_unit_test(fast_free_run_equals_the_step_by_step_one),
      cmocka_unit_test(one_step_residuals_are_those_of_the_fit),
      cmocka_unit_test(an_exploding_free_run_has_no_fit),
      cmocka_unit_test(plain_values_are_scored_without_gaps),
      cmocka_unit_test(static_gain_by_hand),
      cmocka_unit_test(slices_and_means_go_over_segments),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "fixture.h"
#include "reference.h"

#include "../unit.h"

#include "sysid/clock.h"
#include "sysid/residual.h"
#include "sysid/xcorr.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct two_segments {
  struct fixture f;
  struct vr_dataset d;
  struct vr_segment s[2];
  const double *u[2];
};

static void two_segments(struct two_segments *t) {
  fixture_read(&t->f, "correlation.txt");
  const char *const names[2][2] = {{"u1", "y1"}, {"u2", "y2"}};
  for (int k = 0; k < 2; k++) {
    t->u[k] = fixture_array(&t->f, names[k][0], &t->s[k].n);
    t->s[k].y = fixture_array(&t->f, names[k][1], NULL);
    t->s[k].u = &t->u[k];
  }
  t->d = (struct vr_dataset){.nu = 1, .n_segments = 2, .segments = t->s};
}

/* Against numpy; and the delay 3 and the responses 0.5, 0.25 that made it. */
static void prewhitened_correlation_agrees_with_numpy(void **state) {
  (void)state;
  struct two_segments t;
  two_segments(&t);
  unsigned lags = (unsigned)fixture_number(&t.f, "lags"),
           order = (unsigned)fixture_number(&t.f, "order");
  struct vr_xcorr x;
  assert_int_equal(vr_prewhitened_xcorr(&t.d, 0, lags, order, &x, NULL), 0);
  assert_int_equal(x.ar_order, (int)fixture_number(&t.f, "chosen"));
  assert_int_equal(x.samples, (int)fixture_number(&t.f, "samples"));
  assert_true(
      close_vectors(2 * lags + 1, x.r, fixture_array(&t.f, "r", NULL), 1e-9));
  double gain = x.response_band / x.band;
  assert_true(close_vectors(1, &gain, fixture_array(&t.f, "gain", NULL), 1e-9));
  assert_true(fabs(x.band - 2.575829 / sqrt((double)x.samples)) < 1e-6);
  assert_int_equal(x.delay, 3);
  assert_int_equal(x.peak, 3);
  assert_true(fabs(x.response[3] - 0.5) < x.response_band);
  assert_true(fabs(x.response[4] - 0.25) < x.response_band);
  assert_true(x.r_peak == x.r[lags + 3]);
  vr_xcorr_clear(&x);
  fixture_free(&t.f);
}

static void residual_tests_agree_with_numpy(void **state) {
  (void)state;
  struct two_segments t;
  two_segments(&t);
  unsigned lags = (unsigned)fixture_number(&t.f, "lags");
  double a[] = {1, -0.4}, b[] = {0.5};
  struct vr_arx_input in[] = {{1, 3, b}};
  const struct vr_arx arx = {.na = 1, .a = a, .nu = 1, .inputs = in};
  struct vr_residual_test r;
  assert_int_equal(vr_test_residuals(&arx, &t.d, lags, &r, NULL), 0);
  assert_int_equal(r.samples, (int)fixture_number(&t.f, "residuals"));
  assert_true(
      close_vectors(lags + 1, r.r_e, fixture_array(&t.f, "r_e", NULL), 1e-11));
  assert_true(close_vectors(lags + 1, r.r_eu, fixture_array(&t.f, "r_eu", NULL),
                            1e-11));
  double factor = r.band_u[0] / r.band;
  assert_true(close_vectors(1, &factor,
                            fixture_array(&t.f, "band_factor", NULL), 1e-9));
  assert_true(fabs(r.p_white - fixture_number(&t.f, "p_white")) < 1e-10);
  unsigned outside = 0;
  for (unsigned k = 1; k <= lags; k++)
    outside += fabs(r.r_e[k]) > r.band;
  assert_int_equal(r.outside, outside);
  vr_residual_test_clear(&r);
  fixture_free(&t.f);
}

/* The model that made the data leaves white residuals: few lags outside of
 * bands that hold 99 %; half of its gain leaves correlation with the input. */
static void the_true_model_passes_and_a_wrong_one_does_not(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 5000, 1, 0.5, 0.5, 71);
  double a[] = {1, -1.3, 0.6}, b[] = {0.5, 1. / 3, 0.25};
  struct vr_arx_input in[] = {{3, 1, b}};
  const struct vr_arx arx = {.na = 2, .a = a, .nu = 1, .inputs = in};
  struct vr_residual_test r;
  assert_int_equal(vr_test_residuals(&arx, &m.d, 25, &r, NULL), 0);
  assert_true(r.p_white > 0.01);
  assert_true(r.outside <= 2 && r.outside_u[0] <= 2);
  vr_residual_test_clear(&r);
  b[0] = 0.25;
  assert_int_equal(vr_test_residuals(&arx, &m.d, 25, &r, NULL), 0);
  assert_true(r.outside_u[0] >= 2);
  assert_true(fabs(r.r_eu[1]) > 3 * r.band_u[0]);
  vr_residual_test_clear(&r);
  made_free(&m);
}

/* By hand. Four blocks of two: |e| = 1 2 | 3 4 | 5 6 | 7 8, each sample 1/8 of
 * 4/5. Half of all: the sum reaches 0.5 * 5 = 2.5 with the fifth, 5. 80 % is
 * the last, 8; more is not to be had from four blocks. */
static void conformal_width_by_hand(void **state) {
  (void)state;
  const double e[] = {1, -2, -3, 4, 5, 6, -8, 7};
  double q;
  assert_int_equal(vr_conformal_width(8, e, 2, 0.5, &q, NULL), 0);
  assert_true(q == 5);
  assert_int_equal(vr_conformal_width(8, e, 2, 0.8, &q, NULL), 0);
  assert_true(q == 8);
  assert_int_equal(vr_conformal_width(8, e, 2, 0.81, &q, NULL), 0);
  assert_true(q == INFINITY);
  /* Blocks of 3: of 7 samples the last joins its neighbours, 1 2 3 | 4 5 6 8:
   * 0.5 * 3 = 1.5 with 5. Of 8 the last two are a block: 0.5 * 4 = 2 with 6. */
  assert_int_equal(vr_conformal_width(7, e, 3, 0.5, &q, NULL), 0);
  assert_true(q == 5);
  assert_int_equal(vr_conformal_width(8, e, 3, 0.5, &q, NULL), 0);
  assert_true(q == 6);
}

static void conformal_regimes(void **state) {
  (void)state;
  /* Regime 0 in blocks of 2: 1 | 2 | 3 | 4; regime 1 only 0.5 in one block;
   * regime 2 never. Level 0.6 of 5 blocks: 3 reached with 3. */
  const double e[] = {1, 0.5, -2, NAN, 3, NAN, 4, NAN};
  const unsigned regime[] = {0, 1, 0, 0, 0, 0, 0, 0};
  double q[3];
  assert_int_equal(vr_conformal_width_regimes(8, e, regime, 3, 2, 0.6, q, NULL),
                   0);
  assert_true(q[0] == 3);
  assert_true(q[1] == 3); /* of all together: wider than 0.5 */
  assert_true(q[2] == INFINITY);
}

/* The promise itself: errors whose size changes from block to block; widths
 * from 40 blocks hold 90 % of a new block on average over many draws. */
static void conformal_width_covers(void **state) {
  (void)state;
  enum { RUNS = 400, BLOCKS = 40, BLOCK = 10 };
  unsigned long long seed = 72;
  double covered = 0;
  for (int run = 0; run < RUNS; run++) {
    double e[(BLOCKS + 1) * BLOCK], q;
    for (int b = 0; b <= BLOCKS; b++) {
      double size = exp(normal(&seed));
      for (int t = 0; t < BLOCK; t++)
        e[b * BLOCK + t] = size * normal(&seed);
    }
    vr_conformal_width(BLOCKS * BLOCK, e, BLOCK, 0.9, &q, NULL);
    for (int t = 0; t < BLOCK; t++)
      covered += fabs(e[BLOCKS * BLOCK + t]) <= q;
  }
  covered /= RUNS * BLOCK;
  /* Standard deviation of the mean over runs: about 0.012. */
  assert_true(covered > 0.87 && covered < 0.95);
}

static void coverage_by_hand(void **state) {
  (void)state;
  /* Blocks of 2: hits 2, 1, 2, 0 of 2. */
  const double e[] = {1, -1, 1, 9, NAN, 1, 1, 1, 9, -9},
               q[] = {2, 2, 2, 2, 2, 2, 2, 2, 4, 4};
  struct vr_coverage c, same;
  assert_int_equal(vr_coverage_bootstrap(10, e, q, 2, 0, &c, NULL), 0);
  assert_int_equal(c.blocks, 5);
  assert_int_equal(c.samples, 9);
  assert_true(fabs(c.coverage - 6. / 9) < 1e-15);
  assert_true(fabs(c.mean_width - 2 * (7 * 2 + 2 * 4) / 9.) < 1e-14);
  assert_true(c.lower < c.coverage && c.coverage < c.upper && c.upper <= 1);
  assert_int_equal(vr_coverage_bootstrap(10, e, q, 2, 0, &same, NULL), 0);
  assert_true(same.lower == c.lower && same.upper == c.upper);

  /* Many blocks, all hit or all missed with chance 0.9: the interval is that of
   * a binomial, 0.9 +- 1.96 sqrt(0.09 / 400). */
  double many[2000], two[2000];
  unsigned long long seed = 73;
  for (int t = 0; t < 2000; t++) {
    if (t % 5 == 0)
      many[t] = fabs(normal(&seed)) < 1.6449 ? 1 : 3;
    else
      many[t] = many[t - 1];
    two[t] = 2;
  }
  assert_int_equal(vr_coverage_bootstrap(2000, many, two, 5, 0, &c, NULL), 0);
  double p = c.coverage, half = 1.96 * sqrt(p * (1 - p) / 400);
  assert_true(fabs(p - c.lower - half) < 0.2 * half);
  assert_true(fabs(c.upper - p - half) < 0.2 * half);
}

/* The cumulative curve read OFFSET later, exactly: recovered to rounding. */
static void clock_offset_of_exact_data(void **state) {
  (void)state;
  enum { N = 500 };
  double host[N], guest[N];
  const double offsets[] = {0, 0.3, 1, -0.6, -1.75, 2.9};
  for (size_t c = 0; c < sizeof(offsets) / sizeof(*offsets); c++) {
    unsigned long long seed = 80 + c;
    double o = offsets[c], f = o - floor(o), x = 0;
    int k = (int)floor(o);
    for (int t = 0; t < N; t++) {
      x = 0.7 * x + normal(&seed);
      host[t] = t % 97 == 50 ? NAN : 100 + 10 * x;
    }
    for (int t = 0; t < N; t++)
      guest[t] = t + k >= 0 && t + k + 1 < N
                     ? 1.5 * ((1 - f) * host[t + k] + f * host[t + k + 1])
                     : 0.0 * NAN;
    struct vr_clock_offset r;
    assert_int_equal(vr_estimate_clock_offset(N, host, guest, 3, &r, NULL), 0);
    assert_true(fabs(r.offset - o) < 1e-9);
    assert_true(r.correlation > 1 - 1e-12);
    assert_true(fabs(r.gain - 1.5) < 1e-9);
    assert_true(o == 0 ? r.unshifted > 1 - 1e-12 : r.unshifted < 0.999);
  }
}

/* A rate that changes within the step and two clocks that sample its integral:
 * white within the step, so the linear curve is the best there is. The estimate
 * errs by a few of its standard errors. */
static void clock_offset_of_a_counter(void **state) {
  (void)state;
  enum { N = 3000, FINE = 20 };
  double host[N], guest[N], *rate = calloc((N + 2) * FINE, sizeof(*rate));
  unsigned long long seed = 90;
  double z = 0;
  for (int shift = 1; shift < FINE; shift++) {
    for (int t = 0; t < (N + 2) * FINE; t++)
      rate[t] = fabs(normal(&seed));
    for (int t = 0; t < N; t++) {
      host[t] = guest[t] = 0;
      for (int k = 0; k < FINE; k++) {
        host[t] += rate[t * FINE + k];
        guest[t] += rate[t * FINE + k + shift];
      }
    }
    struct vr_clock_offset r;
    assert_int_equal(vr_estimate_clock_offset(N, host, guest, 2, &r, NULL), 0);
    assert_true(r.se < 0.02);
    double error = (r.offset - shift / (double)FINE) / r.se;
    assert_true(fabs(error) < 4);
    z += error * error / (FINE - 1);
    assert_true(r.correlation >= r.unshifted);
  }
  assert_true(z > 0.35 && z < 2); /* chi-square of 19 by 19: 1 +- 0.32 */
  free(rate);
}

static void what_cannot_be_estimated_is_refused(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 60, 1, 0.5, 1, 91);
  double flat[60];
  for (int t = 0; t < 60; t++)
    flat[t] = 2;
  struct vr_xcorr x;
  struct vr_clock_offset o;
  struct vr_sysid_error e;
  struct vr_coverage c;
  double q;
  assert_int_equal(vr_prewhitened_xcorr(&m.d, 1, 5, 5, &x, &e), -EINVAL);
  assert_int_equal(vr_prewhitened_xcorr(&m.d, 0, 50, 5, &x, &e), -ENODATA);
  m.u[0] = flat;
  assert_int_equal(vr_prewhitened_xcorr(&m.d, 0, 5, 5, &x, &e), -EDOM);
  assert_non_null(strstr(e.message, "input 1 is constant"));
  assert_int_equal(vr_estimate_clock_offset(60, flat, flat, 2, &o, &e), -EDOM);
  assert_int_equal(vr_estimate_clock_offset(20, m.values, m.values, 2, &o, &e),
                   -ENODATA);
  assert_int_equal(vr_estimate_clock_offset(60, m.values, flat, NAN, &o, &e),
                   -EINVAL);
  assert_int_equal(vr_conformal_width(0, flat, 3, 0.9, &q, &e), -ENODATA);
  assert_int_equal(vr_conformal_width(9, flat, 0, 0.9, &q, &e), -EINVAL);
  assert_int_equal(vr_conformal_width(9, flat, 3, 1, &q, &e), -EINVAL);
  assert_int_equal(vr_coverage_bootstrap(0, flat, flat, 3, 0, &c, &e),
                   -ENODATA);
  made_free(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(prewhitened_correlation_agrees_with_numpy),
      cmocka_unit_test(residual_tests_agree_with_numpy),
      cmocka_unit_test(the_true_model_passes_and_a_wrong_one_does_not),
      cmocka_unit_test(conformal_width_by_hand),
      cmocka_unit_test(conformal_regimes),
      cmocka_unit_test(conformal_width_covers),
      cmocka_unit_test(coverage_by_hand),
      cmocka_unit_test(clock_offset_of_exact_data),
      cmocka_unit_test(clock_offset_of_a_counter),
      cmocka_unit_test(what_cannot_be_estimated_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

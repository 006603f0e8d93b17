/* SPDX-License-Identifier: MIT
 *
 * What a series is said to be like, for series of which it is known.
 */
#include "../unit.h"
#include "train/evaluate/statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { N = 8192 };
static const double STEP = 2;

/* Nearly normal: the sum of twelve of Park and Miller's numbers. */
static double noise(void) {
  static int64_t seed = 20;
  double sum = -6;
  for (int i = 0; i < 12; i++) {
    seed = seed * 16807 % 2147483647;
    sum += (double)seed / 2147483647;
  }
  return sum;
}

/* x(t) = 5 + p (x(t-1) - 5) + e(t), e of variance 1. */
static void make_ar1(double p, double *x) {
  double state = 0;
  for (size_t t = 0; t < N; t++)
    x[t] = 5 + (state = p * state + noise());
}

static void a_process_of_first_order(void **unused) {
  (void)unused;
  static double x[N];
  struct vr_series_statistics c;
  make_ar1(0.7, x);
  assert_int_equal(vr_statistics_of(N, x, STEP, &c), 0);
  assert_int_equal(c.samples, N);
  assert_true(c.lags > 20 && c.r[0] == 1);
  /* r(k) = 0.7^k; below 1/e at lag 3. */
  for (unsigned k = 1; k < 10; k++)
    assert_true(fabs(c.r[k] - pow(0.7, k)) < 0.06);
  assert_true(c.memory == 3 * STEP);
  assert_true(fabs(c.band - 2.5758 / sqrt(N)) < 1e-4);
  assert_true(c.ar.order >= 1 && fabs(c.ar.a[1] + 0.7) < 0.05);
  assert_true(fabs(c.ar.variance - 1) < 0.05);
  assert_true(fabs(c.ar_explains - 0.49) < 0.05);
  /* Two-sided density 1 / |1 - 0.7 exp(-i w)|^2 per cycle a sample. */
  double sum = 0, slow = 0, fast = 0;
  assert_true(c.n_density == 257 &&
              fabs(c.frequency - 1 / (512 * STEP)) < 1e-9);
  for (size_t k = 0; k < c.n_density; k++) {
    sum += c.density[k] * c.frequency;
    slow += k >= 1 && k <= 10 ? c.density[k] / 10 : 0;
    fast += k >= 246 && k <= 255 ? c.density[k] / 10 : 0;
  }
  assert_true(fabs(sum / (c.sd * c.sd) - 1) < 0.1);
  assert_true(fabs(slow / (2 * STEP / (0.3 * 0.3)) - 1) < 0.25);
  assert_true(fabs(fast / (2 * STEP / (1.7 * 1.7)) - 1) < 0.25);
  assert_false(c.hurst.at_bound);
  vr_statistics_clear(&c);
}

static void a_hurst_estimate_at_its_bound_is_marked(void **unused) {
  (void)unused;
  static double x[N];
  struct vr_series_statistics c;
  double speed = 0, place = 0;
  for (size_t t = 0; t < N; t++)
    x[t] = place += speed += noise();
  assert_int_equal(vr_statistics_of(N, x, STEP, &c), 0);
  assert_true(c.hurst.at_bound && c.hurst.h > 1.49);
  vr_statistics_clear(&c);
}

static void gaps_shorten_the_windows(void **unused) {
  (void)unused;
  static double x[N];
  struct vr_series_statistics c;
  make_ar1(0.5, x);
  for (size_t t = 0; t < N; t += 100)
    x[t] = NAN;
  assert_int_equal(vr_statistics_of(N, x, STEP, &c), 0);
  assert_int_equal(c.n_density, 33);
  assert_true(fabs(c.frequency - 1 / (64 * STEP)) < 1e-9);
  assert_true(c.windows > 50);
  vr_statistics_clear(&c);
}

static void a_constant_has_moments_alone(void **unused) {
  (void)unused;
  static double x[N];
  struct vr_series_statistics c;
  for (size_t t = 0; t < N; t++)
    x[t] = 3;
  assert_int_equal(vr_statistics_of(N, x, STEP, &c), 0);
  assert_true(c.samples == N && c.mean == 3 && c.sd == 0);
  assert_true(c.lags == 0 && c.n_density == 0 && !c.ar.a && isnan(c.hurst.h));
  vr_statistics_clear(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_process_of_first_order),
      cmocka_unit_test(a_hurst_estimate_at_its_bound_is_marked),
      cmocka_unit_test(gaps_shorten_the_windows),
      cmocka_unit_test(a_constant_has_moments_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "fixture.h"
#include "reference.h"

#include "../unit.h"

#include "sysid/long_memory.h"
#include "sysid/spectrum.h"
#include "sysid/stationarity.h"
#include "sysid/timeseries.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool near(double x, double y, double tol) {
  if (fabs(x - y) <= tol * fmax(1, fabs(y)))
    return true;
  print_message("# %.12g is not %.12g\n", x, y);
  return false;
}

/* A series with gaps, against numpy's sums and solves. */
static void agrees_with_numpy(void **state) {
  (void)state;
  struct fixture f;
  fixture_read(&f, "series.txt");
  size_t n, n_acf, n_ar, n_welch;
  const double *x = fixture_array(&f, "x", &n),
               *acf = fixture_array(&f, "acf", &n_acf),
               *a = fixture_array(&f, "ar", &n_ar),
               *welch = fixture_array(&f, "welch", &n_welch);
  struct vr_moments m = vr_timeseries_moments(n, x);
  assert_int_equal(m.samples, 889);
  assert_true(near(m.mean, fixture_number(&f, "mean"), 1e-12));
  assert_true(near(m.sd, fixture_number(&f, "sd"), 1e-12));
  assert_true(near(m.median, fixture_number(&f, "median"), 1e-12));

  double r[64];
  assert_int_equal(
      vr_timeseries_autocorrelation(n, x, (unsigned)n_acf - 1, r, NULL), 0);
  assert_true(close_vectors((unsigned)n_acf, r, acf, 1e-12));

  struct vr_ar ar;
  assert_int_equal(vr_timeseries_ar(n, x, 12, &ar, NULL), 0);
  assert_int_equal(ar.order, (int)fixture_number(&f, "ar_order"));
  assert_true(close_vectors((unsigned)n_ar, ar.a, a, 1e-10));
  assert_true(near(ar.variance, fixture_number(&f, "ar_variance"), 1e-11));
  assert_true(near(ar.aic, 889 * log(ar.variance) + 2 * ar.order, 1e-12));
  vr_timeseries_ar_clear(&ar);

  size_t windows;
  assert_int_equal(vr_spectrum_of_series(n, x, 64, r, &windows, NULL), 0);
  assert_int_equal(windows, (int)fixture_number(&f, "welch_windows"));
  assert_true(close_vectors((unsigned)n_welch, r, welch, 1e-12));

  x = fixture_array(&f, "whole", &n);
  struct vr_hurst h;
  assert_int_equal(vr_timeseries_hurst(n, x, &h, NULL), 0);
  assert_int_equal(h.samples, 1000); /* 2^3 5^3 */
  assert_true(near(h.h, fixture_number(&f, "hurst"), 2e-5));
  assert_true(near(h.se, 0.5 / sqrt(89), 1e-12)); /* 1000^0.65 = 89.1 */
  fixture_free(&f);
}

/* By hand: 1 - 0.5 z^-1 with unit variance is 4 at f = 0, 1 / 2.25 at 0.5, 1 /
 * 1.25 at 0.25; and the density integrates to the variance 1 / (1 - 0.25). */
static void spectrum_of_an_ar_by_hand(void **state) {
  (void)state;
  double a[] = {1, -0.5}, sum = 0;
  const struct vr_ar ar = {.order = 1, .a = a, .variance = 1};
  assert_true(near(vr_spectrum_of_ar(&ar, 0), 4, 1e-14));
  assert_true(near(vr_spectrum_of_ar(&ar, 0.5), 1 / 2.25, 1e-14));
  assert_true(near(vr_spectrum_of_ar(&ar, 0.25), 0.8, 1e-14));
  for (int k = 0; k < 1000; k++)
    sum += vr_spectrum_of_ar(&ar, (k + 0.5) / 1000 - 0.5) / 1000;
  assert_true(near(sum, 4. / 3, 1e-12));
}

/* White noise has H = 0.5; its running sum, differenced memory beyond 1, ends
 * at the bound; H of both estimates is near. */
static void white_noise_has_no_memory(void **state) {
  (void)state;
  enum { N = 20000 };
  double *x = calloc(N, sizeof(*x));
  unsigned long long seed = 51;
  for (int t = 0; t < N; t++)
    x[t] = normal(&seed);
  struct vr_hurst h;
  assert_int_equal(vr_timeseries_hurst(N, x, &h, NULL), 0);
  assert_true(fabs(h.h - 0.5) < 3 * h.se);
  assert_true(fabs(h.h_variance - 0.5) < 0.1);
  for (int t = 1; t < N; t++)
    x[t] += x[t - 1];
  assert_int_equal(vr_timeseries_hurst(N, x, &h, NULL), 0);
  assert_true(h.h > 1.3 && h.h_variance > 0.9);
  free(x);
}

/* A stationary AR process must not be called drifting more often than by
 * chance; a step of one standard deviation must be seen. */
static void drift_is_told_from_slow_noise(void **state) {
  (void)state;
  enum { N = 4000, RUNS = 40 };
  double *x = calloc(N, sizeof(*x));
  unsigned long long seed = 52;
  int alarms = 0;
  double p = 0;
  struct vr_stationarity s;
  for (int run = 0; run < RUNS; run++) {
    for (int t = 0; t < N; t++)
      x[t] = (t > 0 ? 0.9 * x[t - 1] : 0) + normal(&seed);
    assert_int_equal(vr_timeseries_stationarity(N, x, 8, &s, NULL), 0);
    alarms += s.p_mean < 0.05;
    p += s.p_mean / RUNS;
  }
  /* 2 expected; more than 8 of 40 at 5 % has a chance below 1e-3. */
  assert_true(alarms <= 8);
  assert_true(p > 0.3 && p < 0.7); /* uniform: 0.5 +- 0.05 */
  for (int t = 0; t < N; t++)
    x[t] = normal(&seed) + (t > N / 2) + (t % 500 == 0 ? NAN : 0);
  assert_int_equal(vr_timeseries_stationarity(N, x, 8, &s, NULL), 0);
  assert_true(s.p_mean < 1e-6);
  /* sd 1 and steps +-0.5: block means spread by 0.5 of sqrt(1.25). */
  assert_true(fabs(s.mean_spread - 0.5 / sqrt(1.25)) < 0.05);
  assert_true(s.sd_ratio < 1.2);
  for (int t = 0; t < N; t++)
    x[t] = t / 500; /* steps and nothing else */
  assert_int_equal(vr_timeseries_stationarity(N, x, 8, &s, NULL), 0);
  assert_true(s.p_mean < 1e-12);
  free(x);
}

static void bad_series_are_refused(void **state) {
  (void)state;
  double nan[200], flat[200], r[300];
  for (int t = 0; t < 200; t++) {
    nan[t] = NAN;
    flat[t] = 0.3;
  }
  struct vr_ar ar;
  struct vr_hurst h;
  struct vr_stationarity s;
  struct vr_error e;
  assert_int_equal(vr_timeseries_autocorrelation(200, nan, 5, r, &e), -ENODATA);
  assert_int_equal(vr_timeseries_autocorrelation(200, flat, 5, r, &e), -EDOM);
  assert_non_null(strstr(e.message, "constant"));
  assert_int_equal(vr_timeseries_ar(200, flat, 250, &ar, &e), -ENODATA);
  assert_int_equal(vr_timeseries_ar(200, flat, 4000000000u, &ar, &e), -EINVAL);
  assert_int_equal(vr_spectrum_of_series(200, flat, 100, r, NULL, &e), -EINVAL);
  assert_int_equal(vr_spectrum_of_series(200, nan, 64, r, NULL, &e), -ENODATA);
  assert_int_equal(vr_timeseries_hurst(200, flat, &h, &e), -EDOM);
  assert_int_equal(vr_timeseries_hurst(100, flat, &h, &e), -ENODATA);
  assert_int_equal(vr_timeseries_stationarity(200, nan, 4, &s, &e), -ENODATA);
  assert_int_equal(vr_timeseries_stationarity(200, flat, 1, &s, &e), -EINVAL);
  assert_int_equal(vr_timeseries_stationarity(200, flat, 4, &s, &e), -EDOM);
  assert_int_equal(vr_timeseries_moments(200, nan).samples, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_with_numpy),
      cmocka_unit_test(spectrum_of_an_ar_by_hand),
      cmocka_unit_test(white_noise_has_no_memory),
      cmocka_unit_test(drift_is_told_from_slow_noise),
      cmocka_unit_test(bad_series_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

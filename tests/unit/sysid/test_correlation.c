/* SPDX-License-Identifier: MIT */
#include "fixture.h"
#include "reference.h"

#include "../unit.h"

#include "sysid/clock_offset.h"
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
  assert_int_equal(vr_sysid_prewhitened_xcorr(&t.d, 0, lags, order, &x, NULL),
                   0);
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
  assert_int_equal(vr_sysid_test_residuals(&arx, &t.d, lags, &r, NULL), 0);
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
  assert_int_equal(vr_sysid_test_residuals(&arx, &m.d, 25, &r, NULL), 0);
  assert_true(r.p_white > 0.01);
  assert_true(r.outside <= 2 && r.outside_u[0] <= 2);
  vr_residual_test_clear(&r);
  b[0] = 0.25;
  assert_int_equal(vr_sysid_test_residuals(&arx, &m.d, 25, &r, NULL), 0);
  assert_true(r.outside_u[0] >= 2);
  assert_true(fabs(r.r_eu[1]) > 3 * r.band_u[0]);
  vr_residual_test_clear(&r);
  made_free(&m);
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

/* The same of a guest that is sampled an eighth as often: the offset is found
 * in steps of the host, across several of them. */
static void clock_offset_below_the_guests_step(void **state) {
  (void)state;
  enum { N = 1000, RATIO = 8, HOST = N * RATIO, FIRST = 3 };
  double *host = calloc(2 * HOST, sizeof(*host)), *means = host + HOST;
  double guest[N];
  unsigned long long seed = 95;
  const double offsets[] = {0, 0.4, -2.75, 11.3, -20.9};
  for (int t = 0; t < HOST; t++)
    host[t] = t % 501 == 50 ? NAN : 10 + normal(&seed);
  vr_clock_means(host, HOST, RATIO, means);
  for (size_t c = 0; c < sizeof(offsets) / sizeof(*offsets); c++) {
    double o = offsets[c], f = o - floor(o);
    for (int t = 0; t < N; t++) {
      int at = FIRST + t * RATIO + (int)floor(o);
      guest[t] = at >= 0 && at + 1 < HOST
                     ? 0.5 * ((1 - f) * means[at] + f * means[at + 1])
                     : (double)NAN;
    }
    const struct vr_clock_rates rates = {.n = N,
                                         .n_host = HOST,
                                         .guest = guest,
                                         .host = means,
                                         .ratio = RATIO,
                                         .first = FIRST};
    struct vr_clock_offset r;
    assert_int_equal(vr_estimate_clock_offset_of(&rates, 24, &r, NULL), 0);
    assert_true(fabs(r.offset - o) < 1e-9);
    assert_true(fabs(r.gain - 0.5) < 1e-9);
  }
  free(host);
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
  struct vr_error e;
  assert_int_equal(vr_sysid_prewhitened_xcorr(&m.d, 1, 5, 5, &x, &e), -EINVAL);
  assert_int_equal(vr_sysid_prewhitened_xcorr(&m.d, 0, 50, 5, &x, &e),
                   -ENODATA);
  m.u[0] = flat;
  assert_int_equal(vr_sysid_prewhitened_xcorr(&m.d, 0, 5, 5, &x, &e), -EDOM);
  assert_non_null(strstr(e.message, "input 1 is constant"));
  assert_int_equal(vr_estimate_clock_offset(60, flat, flat, 2, &o, &e), -EDOM);
  assert_int_equal(vr_estimate_clock_offset(20, m.values, m.values, 2, &o, &e),
                   -ENODATA);
  assert_int_equal(vr_estimate_clock_offset(60, m.values, flat, NAN, &o, &e),
                   -EINVAL);
  made_free(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(prewhitened_correlation_agrees_with_numpy),
      cmocka_unit_test(residual_tests_agree_with_numpy),
      cmocka_unit_test(the_true_model_passes_and_a_wrong_one_does_not),
      cmocka_unit_test(clock_offset_of_exact_data),
      cmocka_unit_test(clock_offset_of_a_counter),
      cmocka_unit_test(clock_offset_below_the_guests_step),
      cmocka_unit_test(what_cannot_be_estimated_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

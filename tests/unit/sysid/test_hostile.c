/* SPDX-License-Identifier: MIT
 *
 * Every function on data that nobody should have: each call either gives finite
 * numbers, or a negative errno and a text, and leaves its results alone. Seeds
 * are fixed; VR_HOSTILE_RUNS=N goes on for longer.
 */
#include "reference.h"

#include "../unit.h"

#include "sysid/clock_offset.h"
#include "sysid/coverage.h"
#include "sysid/known_poles.h"
#include "sysid/long_memory.h"
#include "sysid/refine.h"
#include "sysid/regularised.h"
#include "sysid/residual.h"
#include "sysid/search.h"
#include "sysid/spectrum.h"
#include "sysid/static_gain.h"
#include "sysid/stationarity.h"
#include "sysid/timeseries.h"
#include "sysid/xcorr.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 160, SIGNALS = 4 };

static unsigned long long seed;

static unsigned below(unsigned n) {
  seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
  return (unsigned)(seed >> 33) % n;
}

static double weird_value(void) {
  switch (below(12)) {
  case 0:
    return 0;
  case 1:
    return 1e12;
  case 2:
    return -1e-12;
  case 3:
    return 5e-324;
  case 4:
    return 1e139;
  case 5:
    return (double)below(3);
  default:
    return normal(&seed);
  }
}

/* One of several kinds of bad signal; OTHERS are the ones made before. */
static void fill(double *x, size_t n, double signals[][LONGEST],
                 unsigned others) {
  unsigned kind = below(9);
  double scale = pow(10, (int)below(600) / 2 - 150), level = weird_value();
  for (size_t t = 0; t < n; t++) {
    double v = normal(&seed);
    switch (kind) {
    case 0: /* constant */
      v = level;
      break;
    case 1: /* of any size */
      v *= scale;
      break;
    case 2: /* hardly anything on a large level */
      v = 1e9 + 1e-6 * v;
      break;
    case 3: /* another signal again */
      v = others > 0 ? signals[below(1)][t] * 2 : v;
      break;
    case 4: /* one spike */
      v = t == n / 2 ? 1e6 : 0;
      break;
    case 5: /* a ramp */
      v = (double)t;
      break;
    case 6:
      v = weird_value();
      break;
    case 7: /* two values */
      v = v > 0;
      break;
    }
    x[t] = v;
  }
}

struct hostile {
  double signals[SIGNALS][LONGEST];
  const double *u[SIGNALS];
  struct vr_segment whole;
  struct vr_dataset d;
  unsigned nb[SIGNALS], nk[SIGNALS];
  struct vr_orders o;
};

static void make_hostile(struct hostile *h) {
  size_t n = below(8) == 0 ? below(12) : 40 + below(LONGEST - 40);
  unsigned nu = below(SIGNALS);
  for (unsigned i = 0; i <= nu; i++)
    fill(h->signals[i], n, h->signals, i);
  if (below(3) == 0) /* gaps */
    for (size_t k = 0; n > 0 && k < 3; k++)
      h->signals[below(nu + 1)][below((unsigned)n)] =
          below(2) ? NAN : -INFINITY;
  for (unsigned i = 0; i < nu; i++) {
    h->u[i] = h->signals[i + 1];
    h->nb[i] = below(20) == 0 ? below(100000) : 1 + below(4);
    h->nk[i] = below(20) == 0 ? below(4000000000u) : below(6);
  }
  h->whole = (struct vr_segment){.n = n, .y = h->signals[0], .u = h->u};
  h->d = (struct vr_dataset){.nu = nu, .n_segments = 1, .segments = &h->whole};
  h->o = (struct vr_orders){below(20) == 0 ? below(4000000000u) : below(5), nu,
                            h->nb, h->nk};
}

/* 0 with a result, or an error that says something. */
static bool good(int r, const struct vr_error *e) {
  if (r >= 0)
    return true;
  assert_true(r == -EINVAL || r == -ENODATA || r == -EDOM || r == -ENOTUNIQ);
  assert_true(strlen(e->message) > 5);
  return false;
}

static void finite_model(const struct vr_arx *arx) {
  for (unsigned k = 1; k <= arx->na; k++)
    assert_true(isfinite(arx->a[k]));
  for (unsigned i = 0; i < arx->nu; i++)
    for (unsigned k = 0; k < arx->inputs[i].nb; k++)
      assert_true(isfinite(arx->inputs[i].b[k]));
}

static void use_model(struct vr_arx *arx, const struct vr_dataset *d) {
  struct vr_error e = {""};
  struct vr_residual_test t;
  struct vr_score score;
  double *residuals;
  size_t n;
  finite_model(arx);
  assert_int_equal(vr_simulate_score_free_run(arx, d, below(2), &score), 0);
  assert_int_equal(
      vr_simulate_residuals(arx, d, below(2), below(2), &residuals, &n), 0);
  double q;
  good(vr_conformal_width(n, residuals, 1 + below(30), 0.9, &q, &e), &e);
  free(residuals);
  if (good(vr_sysid_test_residuals(arx, d, 1 + below(10), &t, &e), &e))
    vr_residual_test_clear(&t);
  if (good(vr_sysid_stabilise(arx, d, 0.01, NULL, &e), &e)) {
    finite_model(arx);
    assert_true(arx->na == 0 || vr_arx_spectral_radius(arx) < 1);
  }
  struct vr_steiglitz_options options = {.iterations = 2};
  if (good(vr_sysid_steiglitz_mcbride(arx, d, d, 0, &options, NULL, &e), &e))
    finite_model(arx);
}

static void fit_all(const struct vr_dataset *d, const struct vr_orders *o) {
  struct vr_error e = {""};
  struct vr_fit_options options = {.ridge = below(3) == 0 ? 1e-3 : 0,
                                   .force_tsqr = below(4) == 0};
  struct vr_arx arx;
  struct vr_fit_info info;
  if (good(vr_estimate_arx(d, o, &options, &arx, &info, &e), &e)) {
    assert_true(isfinite(info.rss) && info.rss >= 0);
    use_model(&arx, d);
    vr_arx_clear(&arx);
    vr_estimate_info_clear(&info);
  }
  const double a[] = {1, -0.9, 0, 0, 0};
  struct vr_output_error_options known = {.nonnegative_gain = below(2)};
  if (o->na < 5 &&
      good(vr_sysid_fit_known_poles(d, o, a, &known, &arx, NULL, &e), &e)) {
    finite_model(&arx);
    vr_arx_clear(&arx);
  }
  struct vr_orders fir = *o;
  fir.na = 0;
  if (good(vr_regularised_fit_fir(d, &fir, &arx, NULL, &e), &e)) {
    finite_model(&arx);
    vr_arx_clear(&arx);
  }
  double ridge = 0;
  if (good(vr_sysid_choose_ridge(d, o, &ridge, &e), &e))
    assert_true(isfinite(ridge) && ridge > 0);
}

static void search_all(const struct vr_dataset *d) {
  struct vr_error e = {""};
  struct vr_range nb[SIGNALS], nk[SIGNALS];
  for (unsigned i = 0; i < SIGNALS; i++) {
    nb[i] = (struct vr_range){below(2), below(4)};
    nk[i] = (struct vr_range){below(3), below(4)};
  }
  struct vr_search_grid grid = {
      {below(2), below(4)}, d->nu, nb, nk, below(2) == 0};
  struct vr_search_options options = {.keep = 5, .criterion = below(3)};
  struct vr_search_result r;
  if (good(vr_search(d, NULL, &grid, &options, &r, &e), &e)) {
    assert_true(r.n > 0 && r.n_singular < r.n_structures);
    vr_search_result_clear(&r);
  }
}

static void characterise(const struct hostile *h) {
  struct vr_error e = {""};
  const double *x = h->whole.y;
  size_t n = h->whole.n;
  double values[200];
  struct vr_ar ar;
  struct vr_hurst hurst;
  struct vr_stationarity s;
  struct vr_clock_offset c;
  vr_timeseries_moments(n, x);
  good(vr_timeseries_autocorrelation(n, x, below(20), values, &e), &e);
  if (good(vr_timeseries_ar(n, x, below(20), &ar, &e), &e))
    vr_timeseries_ar_clear(&ar);
  good(vr_spectrum_of_series(n, x, 16, values, NULL, &e), &e);
  good(vr_timeseries_hurst(n, x, &hurst, &e), &e);
  good(vr_timeseries_stationarity(n, x, below(6), &s, &e), &e);
  if (h->d.nu > 0)
    good(vr_estimate_clock_offset(n, h->u[0], x, below(4) / 2.0, &c, &e), &e);
}

static void nothing_breaks(void **state) {
  (void)state;
  const char *runs = getenv("VR_HOSTILE_RUNS");
  long n = runs ? atol(runs) : 600;
  for (long k = 0; k < n; k++) {
    struct hostile h;
    struct vr_dataset d;
    struct vr_error e = {""};
    struct vr_static_gain gain;
    struct vr_xcorr x;
    seed = (unsigned long long)k;
    make_hostile(&h);
    characterise(&h);
    fit_all(&h.d, &h.o); /* gaps and all: has to be refused, not to break */
    if (!good(vr_dataset_split(h.whole.n, h.whole.y, h.d.nu, h.u, below(5), &d,
                               &e),
              &e))
      continue;
    fit_all(&d, &h.o);
    search_all(&d);
    if (d.nu > 0) {
      good(vr_sysid_fit_static_gain(&d, 0, &gain, &e), &e);
      if (good(vr_sysid_prewhitened_xcorr(&d, 0, below(10), below(10), &x, &e),
               &e))
        vr_xcorr_clear(&x);
    }
    vr_dataset_clear(&d);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_breaks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

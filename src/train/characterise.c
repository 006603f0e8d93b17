/* SPDX-License-Identifier: MIT */
#include "train/list.h"

#include "basic/cleanup.h"
#include "sysid/series.h"
#include "train/numbers.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { MAX_LAG = 600, MAX_ORDER = 30, BLOCKS = 10, MIN_SAMPLES = 30 };

double vr_memory_seconds(size_t n, const double *x, double step) {
  double r[MAX_LAG + 1];
  unsigned lags = n / 3 < MAX_LAG ? (unsigned)(n / 3) : MAX_LAG;
  if (vr_series_autocorrelation(n, x, lags, r, NULL) < 0)
    return NAN;
  for (unsigned k = 0; k <= lags; k++)
    if (r[k] < exp(-1))
      return k * step;
  return INFINITY;
}

/* Share of the variance that AR has below 1/60 Hz, by summing its spectrum. */
static double slow_share(const struct vr_ar *ar, double step) {
  const int n = 4096;
  double slow = 0, all = 0;
  for (int k = 0; k < n; k++) {
    double f = (k + 0.5) * 0.5 / n, s = vr_ar_spectrum(ar, f);
    all += s;
    if (f / step < 1.0 / 60)
      slow += s;
  }
  return all > 0 ? slow / all : NAN;
}

int vr_characterise(size_t n, const double *x, double step,
                    struct vr_character *ret) {
  struct vr_moments m = vr_series_moments(n, x);
  *ret = (struct vr_character){.samples = m.samples,
                               .mean = m.mean,
                               .sd = m.sd,
                               .min = m.min,
                               .max = m.max,
                               .memory = NAN,
                               .ar_share = NAN,
                               .slow = NAN,
                               .hurst = NAN,
                               .hurst_se = NAN,
                               .drift = NAN,
                               .drift_p = NAN};
  if (m.samples < MIN_SAMPLES || !(m.sd > 0))
    return -ENODATA;
  struct vr_ar ar;
  struct vr_hurst h;
  struct vr_stationarity s;
  unsigned order =
      m.samples / 10 < MAX_ORDER ? (unsigned)(m.samples / 10) : MAX_ORDER;
  ret->memory = vr_memory_seconds(n, x, step);
  if (vr_series_ar(n, x, order, &ar, NULL) == 0) {
    ret->ar = ar.order;
    ret->ar_share = 1 - ar.variance / (m.sd * m.sd);
    ret->slow = slow_share(&ar, step);
    vr_ar_clear(&ar);
  }
  if (vr_series_hurst(n, x, &h, NULL) == 0) {
    ret->hurst = h.h;
    ret->hurst_se = h.se;
  }
  if (vr_series_stationarity(n, x, BLOCKS, &s, NULL) == 0) {
    ret->drift = s.mean_spread;
    ret->drift_p = s.p_mean;
  }
  return 0;
}

/* One series at a time: counters first, then sources. */
static bool nth_series(const struct vr_guest_data *d, size_t i,
                       const char **ret_name, const double **ret_x) {
  if (i < VR_TALK_COUNTERS) {
    *ret_name = vr_counter_info((enum vr_counter)i)->name;
    *ret_x = d->y[i];
    return true;
  }
  i -= VR_TALK_COUNTERS;
  if (i >= vr_n_sources)
    return false;
  *ret_name = vr_sources[i].name;
  *ret_x = d->u[i];
  return true;
}

static void print_series(const char *kind, const char *name,
                         const struct vr_character *c, FILE *f) {
  fprintf(f, "  %-7s %-20s", kind, name);
  vr_print_digits(f, c->mean, 5, 11);
  vr_print_digits(f, c->sd, 4, 10);
  vr_print_digits(f, c->min, 4, 10);
  vr_print_digits(f, c->max, 5, 11);
  vr_print_digits(f, c->memory, 4, 7);
  fprintf(f, " %3u", c->ar);
  vr_print_digits(f, 100 * c->ar_share, 3, 6);
  vr_print_digits(f, 100 * c->slow, 3, 6);
  vr_print_digits(f, c->hurst, 2, 6);
  vr_print_digits(f, c->drift, 2, 6);
  vr_print_digits(f, c->drift_p, 2, 8);
  fputc('\n', f);
}

int vr_characterise_print(const struct vr_guest_data *d, FILE *f) {
  vr_list_print(d, f);
  fprintf(f, "  %-7s %-20s %11s %10s %10s %11s %7s %3s %6s %6s %6s %6s %8s\n",
          "kind", "series", "mean", "sd", "least", "greatest", "memory", "AR",
          "expl%", "slow%", "Hurst", "drift", "chance");
  const char *name;
  const double *x;
  for (size_t i = 0; nth_series(d, i, &name, &x); i++) {
    struct vr_character c;
    if (!x)
      continue;
    vr_characterise(d->grid.rows, x, d->grid.step, &c);
    print_series(i < VR_TALK_COUNTERS ? "counter" : "input", name, &c, f);
  }
  fputc('\n', f);
  return 0;
}

json_t *vr_characterise_json(const struct vr_guest_data *d) {
  json_t *list = json_array();
  const char *name;
  const double *x;
  for (size_t i = 0; nth_series(d, i, &name, &x); i++) {
    struct vr_character c;
    if (!x)
      continue;
    vr_characterise(d->grid.rows, x, d->grid.step, &c);
    json_array_append_new(
        list,
        json_pack("{s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:o, "
                  "s:o, s:o, s:o, s:o}",
                  "kind", i < VR_TALK_COUNTERS ? "counter" : "input", "series",
                  name, "samples", (json_int_t)c.samples, "mean",
                  vr_json_number(c.mean), "sd", vr_json_number(c.sd), "min",
                  vr_json_number(c.min), "max", vr_json_number(c.max),
                  "memory_seconds", vr_json_number(c.memory), "ar_order",
                  (int)c.ar, "ar_explained", vr_json_number(c.ar_share),
                  "slow_share", vr_json_number(c.slow), "hurst",
                  vr_json_number(c.hurst), "hurst_se",
                  vr_json_number(c.hurst_se), "drift", vr_json_number(c.drift),
                  "drift_p", vr_json_number(c.drift_p)));
  }
  json_t *o = vr_list_json(d);
  if (o)
    json_object_set_new(o, "series", list);
  else
    json_decref(list);
  return o;
}

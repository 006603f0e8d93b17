/* SPDX-License-Identifier: MIT */
#include "train/report/characterise.h"

#include "train/evaluate/describe_series.h"
#include "train/report/list.h"
#include "train/report/numbers.h"

#include <math.h>
#include <string.h>

static void print_header(FILE *f) {
  fprintf(f, "  %-7s %-42s %11s %10s %10s %11s %7s %3s %6s %6s %6s %6s %8s\n",
          "kind", "series", "mean", "sd", "least", "greatest", "memory", "AR",
          "expl%", "slow%", "Hurst", "drift", "chance");
}

/* An estimate that stopped at its bound may lie anywhere beyond. */
static void print_hurst(FILE *f, const struct vr_hurst *h) {
  char text[16];
  if (!isfinite(h->h))
    snprintf(text, sizeof(text), "-");
  else
    snprintf(text, sizeof(text), "%s%.2g",
             !h->at_bound ? ""
             : h->h > 0.5 ? ">="
                          : "<=",
             h->h);
  fprintf(f, " %6s", text);
}

static void print_series(const char *kind, const char *name,
                         const struct vr_series_statistics *c, void *data) {
  FILE *f = data;
  fprintf(f, "  %-7s %-42s", kind, name);
  vr_report_print_digits(f, c->mean, 5, 11);
  vr_report_print_digits(f, c->sd, 4, 10);
  vr_report_print_digits(f, c->min, 4, 10);
  vr_report_print_digits(f, c->max, 5, 11);
  vr_report_print_digits(f, c->memory, 4, 7);
  fprintf(f, " %3u", c->ar.order);
  vr_report_print_digits(f, 100 * c->ar_explains, 3, 6);
  vr_report_print_digits(f, 100 * c->slow, 3, 6);
  print_hurst(f, &c->hurst);
  vr_report_print_digits(f, c->drift, 2, 6);
  vr_report_print_digits(f, c->drift_p, 2, 8);
  fputc('\n', f);
}

/* The guests' own host stands for the host in archives that have no other. */
static bool has_host(const struct vr_pair *pair) {
  return strcmp(pair->host, pair->guest) != 0;
}

void vr_report_characterise_host(const struct vr_guest_data *d,
                                 const struct vr_pair *pair,
                                 const struct vr_pairs *pairs, FILE *f) {
  if (!has_host(pair))
    return;
  fprintf(f, "host %s: ", pair->host);
  vr_list_print_span(d, f);
  fputc('\n', f);
  print_header(f);
  vr_describe_host(d, pair, pairs, print_series, f);
  fputc('\n', f);
}

void vr_report_characterise_guest(const struct vr_guest_data *d,
                                  const struct vr_pair *pair, FILE *f) {
  vr_list_print(d, f);
  fputc('\n', f);
  print_header(f);
  vr_describe_guest(d, pair, print_series, f);
  fputc('\n', f);
}

static json_t *correlation_json(const struct vr_series_statistics *c) {
  return c->lags == 0 ? json_null()
                      : json_pack("{s:o, s:f}", "r",
                                  vr_report_json_numbers(c->r, c->lags + 1),
                                  "band", c->band);
}

static json_t *ar_json(const struct vr_series_statistics *c) {
  return !c->ar.a
             ? json_null()
             : json_pack("{s:i, s:o, s:o, s:o, s:o}", "order", (int)c->ar.order,
                         "a", vr_report_json_numbers(c->ar.a, c->ar.order + 1),
                         "variance", vr_report_json_number(c->ar.variance),
                         "aic", vr_report_json_number(c->ar.aic), "explained",
                         vr_report_json_number(c->ar_explains));
}

static json_t *spectrum_json(const struct vr_series_statistics *c) {
  if (c->n_density == 0)
    return json_null();
  json_t *frequencies = json_array();
  for (size_t k = 0; k < c->n_density; k++)
    json_array_append_new(frequencies, json_real((double)k * c->frequency));
  return json_pack("{s:o, s:o, s:I}", "frequencies", frequencies, "density",
                   vr_report_json_numbers(c->density, c->n_density), "windows",
                   (json_int_t)c->windows);
}

static json_t *hurst_json(const struct vr_hurst *h) {
  return !isfinite(h->h)
             ? json_null()
             : json_pack("{s:f, s:f, s:b, s:o}", "h", h->h, "se", h->se,
                         "at_bound", h->at_bound, "h_variance",
                         vr_report_json_number(h->h_variance));
}

static void append_series(const char *kind, const char *name,
                          const struct vr_series_statistics *c, void *data) {
  json_array_append_new(
      data,
      json_pack(
          "{s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
          "s:o, s:o, s:o, s:o}",
          "kind", kind, "series", name, "samples", (json_int_t)c->samples,
          "mean", vr_report_json_number(c->mean), "sd",
          vr_report_json_number(c->sd), "min", vr_report_json_number(c->min),
          "max", vr_report_json_number(c->max), "memory_seconds",
          vr_report_json_number(c->memory), "autocorrelation",
          correlation_json(c), "ar", ar_json(c), "slow_share",
          vr_report_json_number(c->slow), "spectrum", spectrum_json(c), "hurst",
          hurst_json(&c->hurst), "drift", vr_report_json_number(c->drift),
          "drift_p", vr_report_json_number(c->drift_p)));
}

json_t *vr_report_characterise_host_json(const struct vr_guest_data *d,
                                         const struct vr_pair *pair,
                                         const struct vr_pairs *pairs) {
  if (!has_host(pair))
    return json_null();
  json_t *series = json_array();
  vr_describe_host(d, pair, pairs, append_series, series);
  return json_pack("{s:s, s:f, s:f, s:I, s:o}", "host", pair->host, "begin",
                   d->grid.begin, "step", d->grid.step, "rows",
                   (json_int_t)d->grid.rows, "series", series);
}

json_t *vr_report_characterise_guest_json(const struct vr_guest_data *d,
                                          const struct vr_pair *pair) {
  json_t *series = json_array(), *o = vr_list_json(d);
  vr_describe_guest(d, pair, append_series, series);
  if (o)
    json_object_set_new(o, "series", series);
  else
    json_decref(series);
  return o;
}

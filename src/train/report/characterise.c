/* SPDX-License-Identifier: MIT */
#include "train/report/characterise.h"

#include "basic/cleanup.h"
#include "train/data/truth.h"
#include "train/evaluate/statistics.h"
#include "train/report/list.h"
#include "train/report/numbers.h"

#include <math.h>
#include <string.h>

/* Is told of one series at a time. */
typedef void (*series_fn)(const char *kind, const char *name,
                          const struct vr_character *c, double step,
                          void *data);

static void tell(const struct vr_guest_data *d, const char *kind,
                 const char *name, const double *x, series_fn fn, void *data) {
  struct vr_character c;
  if (vr_statistics_of(d->grid.rows, x, d->grid.step, &c) < 0)
    return;
  fn(kind, name, &c, d->grid.step, data);
  vr_statistics_clear(&c);
}

/* Every data source of FILE. */
static void tell_file(const struct vr_guest_data *d,
                      const struct vr_archive_file *file, const char *kind,
                      bool with_plugin, series_fn fn, void *data) {
  const struct vr_history *h = vr_reader_history(d->reader, file);
  for (size_t i = 0; h && i < h->n_ds; i++) {
    vr_auto_free char *name = NULL;
    if (asprintf(&name, "%s%s%s:%s", with_plugin ? file->plugin : "",
                 with_plugin ? "/" : "", file->type, h->ds[i]) < 0) {
      name = NULL;
      return;
    }
    tell(d, kind, name, h->values + i * h->rows, fn, data);
  }
}

static void tell_guest(const struct vr_guest_data *d,
                       const struct vr_pair *pair, series_fn fn, void *data) {
  const struct vr_archive *a = vr_reader_archive(d->reader);
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    if (d->y[c])
      tell(d, "counter", vr_counter_info((enum vr_counter)c)->name, d->y[c], fn,
           data);
  size_t first, end = vr_archive_host_range(a, pair->where, &first);
  for (size_t i = first; i < end; i++)
    if (strcmp(a->files[i].plugin, pair->plugin) == 0)
      tell_file(d, &a->files[i], "process", false, fn, data);
}

/* Is PLUGIN of HOST about the host itself? */
static bool is_of_host(const struct vr_pairs *pairs, const char *host,
                       const char *plugin) {
  if (vr_truth_is_own_output(host, plugin) || strncmp(plugin, "virt", 4) == 0 ||
      strncmp(plugin, VR_PLUGIN_READ "-", sizeof(VR_PLUGIN_READ)) == 0 ||
      strncmp(plugin, VR_INTROSPECTED_PLUGIN,
              sizeof(VR_INTROSPECTED_PLUGIN) - 1) == 0)
    return false;
  for (size_t i = 0; i < pairs->n; i++)
    if (strcmp(pairs->pairs[i].where, host) == 0 &&
        strcmp(pairs->pairs[i].plugin, plugin) == 0)
      return false;
  return true;
}

static void tell_host(const struct vr_guest_data *d, const struct vr_pair *pair,
                      const struct vr_pairs *pairs, series_fn fn, void *data) {
  const struct vr_archive *a = vr_reader_archive(d->reader);
  size_t first, end = vr_archive_host_range(a, pair->host, &first);
  for (size_t i = first; i < end; i++)
    if (is_of_host(pairs, pair->host, a->files[i].plugin))
      tell_file(d, &a->files[i], "host",
                strcmp(a->files[i].plugin, VR_PLUGIN_READ) != 0, fn, data);
}

/* --- for people --- */

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
                         const struct vr_character *c, double step,
                         void *data) {
  FILE *f = data;
  (void)step;
  fprintf(f, "  %-7s %-42s", kind, name);
  vr_report_print_digits(f, c->mean, 5, 11);
  vr_report_print_digits(f, c->sd, 4, 10);
  vr_report_print_digits(f, c->min, 4, 10);
  vr_report_print_digits(f, c->max, 5, 11);
  vr_report_print_digits(f, c->memory, 4, 7);
  fprintf(f, " %3u", c->ar.order);
  vr_report_print_digits(f, 100 * c->ar_share, 3, 6);
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
  tell_host(d, pair, pairs, print_series, f);
  fputc('\n', f);
}

void vr_report_characterise_guest(const struct vr_guest_data *d,
                                  const struct vr_pair *pair, FILE *f) {
  vr_list_print(d, f);
  print_header(f);
  tell_guest(d, pair, print_series, f);
  fputc('\n', f);
}

/* --- for machines --- */

static json_t *correlation_json(const struct vr_character *c) {
  return c->lags == 0 ? json_null()
                      : json_pack("{s:o, s:f}", "r",
                                  vr_report_json_numbers(c->r, c->lags + 1),
                                  "band", c->band);
}

static json_t *ar_json(const struct vr_character *c) {
  return !c->ar.a
             ? json_null()
             : json_pack("{s:i, s:o, s:o, s:o, s:o}", "order", (int)c->ar.order,
                         "a", vr_report_json_numbers(c->ar.a, c->ar.order + 1),
                         "variance", vr_report_json_number(c->ar.variance),
                         "aic", vr_report_json_number(c->ar.aic), "explained",
                         vr_report_json_number(c->ar_share));
}

static json_t *spectrum_json(const struct vr_character *c) {
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
                          const struct vr_character *c, double step,
                          void *data) {
  (void)step;
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
  tell_host(d, pair, pairs, append_series, series);
  return json_pack("{s:s, s:f, s:f, s:I, s:o}", "host", pair->host, "begin",
                   d->grid.begin, "step", d->grid.step, "rows",
                   (json_int_t)d->grid.rows, "series", series);
}

json_t *vr_report_characterise_guest_json(const struct vr_guest_data *d,
                                          const struct vr_pair *pair) {
  json_t *series = json_array(), *o = vr_list_json(d);
  tell_guest(d, pair, append_series, series);
  if (o)
    json_object_set_new(o, "series", series);
  else
    json_decref(series);
  return o;
}

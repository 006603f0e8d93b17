/* SPDX-License-Identifier: MIT */
#include "train/evaluate/score.h"

#include "basic/cleanup.h"
#include "model/fit.h"
#include "schema/plugin_names.h"
#include "train/data/definitions.h"
#include "train/data/guest_clock.h"
#include "train/data/totals.h"
#include "train/evaluate/compare_sets.h"
#include "train/evaluate/score_models.h"
#include "train/fit/model_run.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void vr_score_clear(struct vr_guest_score *s) {
  free(s->host);
  free(s->guest);
  free(s->truth);
  *s = (struct vr_guest_score){0};
}

/* The columns that one row of the table compares. */
struct columns {
  double *published;
  double *model; /* of the VM process alone */
  double *best;  /* inferred */
  double *baseline;
};

static int columns_new(size_t rows, struct columns *c) {
  double *all = malloc((4 * rows + 1) * sizeof(*all));
  if (!all)
    return -ENOMEM;
  for (size_t i = 0; i < 4 * rows; i++)
    all[i] = NAN;
  *c = (struct columns){all, all + rows, all + 2 * rows, all + 3 * rows};
  return 0;
}

static void columns_clear(struct columns *c) { free(c->published); }

/* Series of our own output plugin PLUGIN-GUEST, at the truth's times. */
static int own_series(const struct vr_guest_data *d, enum vr_counter c,
                      const char *plugin, const char *type, const char *ds,
                      double *ret) {
  vr_auto_free char *name = NULL;
  if (asprintf(&name, "%s-%s", plugin, d->guest) < 0) {
    name = NULL;
    return -ENOMEM;
  }
  const double *x = vr_reader_column(d->host_reader, d->host, name, type, ds);
  if (!x)
    return -ENOENT;
  return vr_data_guest_align(d, vr_data_clock_group(c), x, ret);
}

static void counter_type(const struct vr_counter_info *info, char *text,
                         size_t size) {
  snprintf(text, size, "%s%s%s", info->type, *info->type_instance ? "-" : "",
           info->type_instance);
}

static size_t known(const double *x, size_t rows) {
  size_t n = 0;
  for (size_t i = 0; i < rows; i++)
    n += isfinite(x[i]) != 0;
  return n;
}

static void compare_means(const double *y, const double *yhat, size_t first,
                          size_t rows, struct vr_score_row *row) {
  double n = 0, both = 0, sum = 0, sum_published = 0;
  for (size_t i = first; i < rows; i++) {
    if (!isfinite(y[i]))
      continue;
    n++;
    sum += y[i];
    if (!isfinite(yhat[i]))
      continue;
    both++;
    sum_published += yhat[i];
  }
  row->measured_mean = n > 0 ? sum / n : NAN;
  row->published_mean = both > 0 ? sum_published / both : NAN;
  row->ratio = vr_totals_ratio(y, yhat, first, rows);
}

/* The last level of FILE that is a provenance, in the span of D's grid. It is
 * recorded at a step of its own, QualityEvery times that of the values. */
static enum vr_provenance last_level(const struct vr_guest_data *d,
                                     const struct vr_archive_file *file) {
  struct vr_extent e;
  struct vr_error error;
  vr_cleanup(vr_history_clear) struct vr_history h = {0};
  double end = d->grid.begin + ((double)d->grid.rows + 1) * d->grid.step;
  if (vr_archive_extent(file, -INFINITY, &e, &error) < 0 || !(e.step > 0))
    return 0;
  double rows = floor((fmin(end, e.end) - e.begin) / e.step) + 1;
  if (!(rows >= 1))
    return 0;
  const struct vr_timeline grid = {e.begin, e.step, (size_t)rows};
  if (vr_archive_fetch(file, &grid, &h, &error) < 0)
    return 0;
  const double *x = vr_history_column(&h, "value");
  for (size_t i = x ? h.rows : 0; i-- > 0;)
    if (isfinite(x[i]) && x[i] >= VR_DIRECT - 0.5 &&
        x[i] < VR_PROVENANCES + 0.5)
      return (enum vr_provenance)lround(x[i]);
  return 0;
}

static enum vr_provenance last_of(const struct vr_guest_data *d,
                                  const char *plugin, const char *prefix,
                                  const char *counter) {
  char type[64];
  vr_auto_free char *name = NULL;
  snprintf(type, sizeof(type), "gauge-%s%s", prefix, counter);
  if (asprintf(&name, "%s-%s", plugin, d->guest) < 0) {
    name = NULL;
    return 0;
  }
  const struct vr_archive_file *file =
      vr_archive_find(vr_reader_archive(d->reader), d->host, name, type);
  return file ? last_level(d, file) : 0;
}

/* Of a measurement nothing is said: then it is what the counter's definition
 * says, and introspected where it has none. */
static enum vr_provenance measured_provenance(enum vr_counter c) {
  const struct vr_direct *def = vr_definitions_of(c, 0);
  return def ? def->provenance : VR_INTROSPECTED;
}

/* As it was said last, by this version or by former ones. */
static enum vr_provenance last_provenance(const struct vr_guest_data *d,
                                          const struct vr_counter_info *info,
                                          enum vr_counter c) {
  enum vr_provenance p = last_of(d, VR_PLUGIN_QUALITY, "", info->name);
  if ((int)p == 0)
    p = last_of(d, VR_PLUGIN_INFERRED, "provenance_", info->name);
  return (int)p != 0 ? p : measured_provenance(c);
}

/* The fit of X against expected values; NAN where there are none. */
static double expected_fit(const struct vr_guest_data *d, size_t first,
                           const struct vr_score_row *row, const double *x) {
  const double *expected = d->expected[row->counter];
  return expected ? vr_model_fit_of(expected + first, x + first, NULL,
                                    d->grid.rows - first)
                  : NAN;
}

static void score_levels(const struct vr_guest_data *d, size_t first,
                         const struct columns *k, struct vr_score_row *row) {
  struct vr_score_levels *l = &row->levels;
  l->known = d->expected[row->counter] != NULL;
  if (!l->known)
    return;
  l->published_snapshot =
      vr_model_fit_of(d->snapshot[row->counter] + first, k->published + first,
                      NULL, d->grid.rows - first);
  l->published = expected_fit(d, first, row, k->published);
  l->model = expected_fit(d, first, row, k->model);
  l->best = expected_fit(d, first, row, k->best);
}

/* Fits of the two baselines that MODEL carries; a generic one has them for a
 * guest of size one. */
static int score_baselines(const struct vr_guest_data *d, size_t first,
                           const struct vr_model *m, const double *y, double *x,
                           struct vr_score_row *row) {
  const struct vr_model_baseline *b = &m->baseline;
  size_t rows = d->grid.rows - first;
  double per = !m->generic                    ? 1
               : m->output.per == VR_PER_VCPU ? d->vcpus
               : m->output.per == VR_PER_GIB  ? d->gib
                                              : 1;
  for (size_t i = 0; i < d->grid.rows; i++)
    x[i] = per * b->mean;
  row->mean_fit = vr_model_fit_of(y + first, x + first, NULL, rows);
  row->levels.mean = expected_fit(d, first, row, x);
  if (!b->has_gain)
    return 0;
  int r = vr_data_guest_input(d, &b->gain_input, x);
  for (size_t i = 0; r == 0 && i < d->grid.rows; i++)
    x[i] = per * (b->gain * x[i] + b->constant);
  if (r == 0)
    row->gain_fit = vr_model_fit_of(y + first, x + first, NULL, rows);
  if (r == 0)
    row->levels.gain = expected_fit(d, first, row, x);
  return r == -ENOENT ? 0 : r;
}

/* What MODEL gave live, if it is the one that the target SHOWED, or gives now.
 * Returns 1 in that case, 0, or a negative errno. */
static int model_series(const struct vr_guest_data *d, enum vr_counter c,
                        size_t first, const struct vr_model *model, bool shown,
                        const char *type, const char *ds, double *ret) {
  int r = shown ? own_series(d, c, VR_PLUGIN_MODEL, type, ds, ret) : -ENOENT;
  if (r == -ENOENT ||
      (r == 0 && known(ret + first, d->grid.rows - first) == 0)) {
    r = model ? vr_fit_run_model(d, model, ret) : 0;
    return r < 0 ? r : model != NULL;
  }
  return r;
}

/* Without its inputs in the archive a model gives nothing. */
static bool is_fatal(int r) { return r < 0 && r != -ENOENT && r != -EINVAL; }

/* The models of a counter: the one on VM-process counters, which is scored, and
 * the BEST, which may be the same. */
static int score_models(const struct vr_guest_data *d, size_t first,
                        const struct vr_model *model,
                        const struct vr_model *best, const char *type,
                        const double *y, struct columns *k,
                        struct vr_score_row *row) {
  const char *ds = vr_counter_info(row->counter)->data_source;
  size_t rows = d->grid.rows;
  int r = model_series(d, row->counter, first, model, model == best, type, ds,
                       k->model);
  row->replayed = r == 1;
  if (r >= 0)
    row->model_fit =
        vr_model_fit_of(y + first, k->model + first, NULL, rows - first);
  if (is_fatal(r))
    return r;
  if (model == best) {
    memcpy(k->best, k->model, rows * sizeof(*k->best));
    return 0;
  }
  r = model_series(d, row->counter, first, best, true, type, ds, k->best);
  return is_fatal(r) ? r : 0;
}

/* What was published of the counter. */
static int published_series(const struct vr_guest_data *d, size_t first,
                            enum vr_counter c, const char *type, double *x) {
  const struct vr_counter_info *info = vr_counter_info(c);
  char alone[64];
  int r = own_series(d, c, VR_PLUGIN_INFERRED, type, info->data_source, x);
  bool found = r == 0 && known(x + first, d->grid.rows - first) > 0;
  if (found || !info->is_rate || (r < 0 && r != -ENOENT))
    return r;
  /* Where the other counter of its list is not known it stands alone. */
  snprintf(alone, sizeof(alone), "derive-%s", info->name);
  return own_series(d, c, VR_PLUGIN_INFERRED, alone, "value", x);
}

static int score_counter(const struct vr_guest_data *d, size_t first,
                         const struct vr_model_set *set, struct columns *k,
                         struct vr_score_row *row) {
  const struct vr_counter_info *info = vr_counter_info(row->counter);
  const struct vr_score_models m = vr_score_models_for(set, d, row->counter);
  const double *y = d->y[row->counter];
  size_t rows = d->grid.rows - first;
  char type[128];
  counter_type(info, type, sizeof(type));
  row->provenance = last_provenance(d, info, row->counter);
  int r = published_series(d, first, row->counter, type, k->published);
  row->published = r == 0 && known(k->published + first, rows) > 0;
  row->best = m.best;
  row->trained_fit = m.best ? m.best->fit.free_run : NAN;
  if (r < 0 && r != -ENOENT)
    return r;
  row->has_truth = y != NULL;
  if (!y) {
    row->published_mean = vr_totals_mean_of_known(k->published + first, rows);
    return 0;
  }
  compare_means(y, k->published, first, d->grid.rows, row);
  row->published_fit =
      vr_model_fit_of(y + first, k->published + first, NULL, rows);
  r = score_models(d, first, m.model, m.best, type, y, k, row);
  if (r == 0 && m.baseline)
    r = score_baselines(d, first, m.baseline, y, k->baseline, row);
  score_levels(d, first, k, row);
  return r;
}

static int export_row(const struct vr_guest_data *d, size_t first,
                      enum vr_counter c, const struct columns *k,
                      const struct vr_score_export *to,
                      struct vr_error *ret_error) {
  const struct vr_score_series series = {.data = d,
                                         .first = first,
                                         .counter = c,
                                         .published = k->published,
                                         .model = k->model,
                                         .best = k->best};
  return to->write(to->data, &series, ret_error);
}

int vr_score_guest(const struct vr_guest_data *d, double begin,
                   const struct vr_model_set *set,
                   const struct vr_score_export *export_to,
                   struct vr_guest_score *ret_score,
                   struct vr_error *ret_error) {
  size_t first = vr_compare_first_row(d, begin);
  if (first == d->grid.rows)
    return vr_error_set(ret_error, -ENODATA,
                        "guest %s: nothing was recorded in the span", d->guest);
  struct vr_guest_score s = {.host = strdup(d->host),
                             .guest = strdup(d->guest),
                             .truth = strdup(d->truth),
                             .grid = d->grid,
                             .clock = d->clock};
  s.grid.begin += (double)first * d->grid.step;
  s.grid.rows -= first;
  int r = s.host && s.guest && s.truth ? 0 : -ENOMEM;
  snprintf(ret_error->message, sizeof(ret_error->message), "guest %s: %s",
           d->guest, strerror(ENOMEM));
  for (int c = vr_counter_trainable(0); r == 0 && c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    vr_cleanup(columns_clear) struct columns k = {0};
    s.rows[c] = (struct vr_score_row){.counter = (enum vr_counter)c,
                                      .measured_mean = NAN,
                                      .published_mean = NAN,
                                      .ratio = NAN,
                                      .published_fit = NAN,
                                      .model_fit = NAN,
                                      .mean_fit = NAN,
                                      .gain_fit = NAN,
                                      .trained_fit = NAN,
                                      .levels = {.mean = NAN, .gain = NAN}};
    r = columns_new(d->grid.rows, &k);
    if (r == 0)
      r = score_counter(d, first, set, &k, &s.rows[c]);
    if (r == 0 && export_to)
      r = export_row(d, first, (enum vr_counter)c, &k, export_to, ret_error);
  }
  if (r < 0)
    vr_score_clear(&s);
  else
    *ret_score = s;
  return r;
}

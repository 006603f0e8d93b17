/* SPDX-License-Identifier: MIT */
#include "train/report/pool_report.h"

#include "model/publishable.h"
#include "train/report/numbers.h"
#include "train/report/standing.h"
#include "train/report/verdict.h"

#include <math.h>

static void print_interval(const struct vr_pool_row *row, size_t guests,
                           FILE *f) {
  const struct vr_coverage *i = &row->interval.coverage;
  if (!row->interval.is_there || !isfinite(i->mean_width)) {
    fprintf(f, "  %-22s", "too few blocks");
    return;
  }
  fprintf(f, "  %5.1f (%5.1f to %5.1f)", 100 * i->coverage, 100 * i->lower,
          100 * i->upper);
  vr_report_print_digits(f, i->mean_width, 4, 10);
  vr_report_print_digits(f, row->interval.spread, 4, 10);
  fputc(' ', f);
  for (size_t g = 0; g < guests; g++)
    vr_report_print_decimals(f, 100 * row->interval.by_guest[g], 0, 3);
}

/* Does the definition of K's counter give way? */
static bool gave_way(const struct vr_pool_counter *k) {
  return k->inferred.is_there && k->inferred.model.preferred;
}

/* What the target does with it. A definition is in no pooled file, but shipped,
 * and needs only its fits to be judged by. */
static const char *verdict(const struct vr_pool_counter *k,
                           const struct vr_pool_row *row,
                           const struct vr_pool_model *of, double min_fit,
                           bool *ret_published) {
  const struct vr_model definition = {
      .provenance = row->provenance,
      .n_inputs = 1,
      .fit.free_run = row->fit,
      .baseline = {.mean_fit = row->mean_fit,
                   .has_gain = isfinite(row->gain_fit),
                   .gain_fit = row->gain_fit}};
  const struct vr_model *m = of && of->is_there ? &of->model : &definition;
  if (!of && gave_way(k)) {
    *ret_published = false;
    return VR_VERDICT_GAVE_WAY;
  }
  *ret_published = vr_model_publishable(m, min_fit);
  return vr_report_verdict(m, min_fit);
}

/* "by guest: held 80.6, one 81.8, two 79.5, mean 80.6" */
static void print_fits(const struct vr_pool *p, const struct vr_pool_fits *fits,
                       const char *what, FILE *f) {
  if (!fits->of || !isfinite(fits->mean))
    return;
  fprintf(f, "    %s:", what);
  for (size_t g = 0; g < p->n_guests; g++)
    if (isfinite(fits->of[g]))
      fprintf(f, " %s %.1f,", p->guests[g], fits->of[g]);
  fprintf(f, " mean %.1f\n", fits->mean);
}

/* OF is the model that ROW is about; NULL: a definition. */
static void print_row(const struct vr_pool *p, const struct vr_pool_counter *k,
                      const struct vr_pool_row *row,
                      const struct vr_pool_model *of, double min_fit, FILE *f) {
  bool published;
  const char *inputs = of ? of->inputs : "";
  if (!row->known)
    return;
  fprintf(f, "  %-13s %-11s", vr_counter_info(k->counter)->name,
          vr_provenance_name(row->provenance));
  vr_report_print_decimals(f, row->fit, 1, 8);
  vr_report_print_decimals(f, row->one_step, 1, 8);
  vr_report_print_decimals(f, row->reference_fit, 1, 8);
  vr_report_print_decimals(f, row->mean_fit, 1, 8);
  vr_report_print_decimals(f, row->gain_fit, 1, 8);
  print_interval(row, p->n_guests, f);
  fprintf(f, "  %s%s%s\n", verdict(k, row, of, min_fit, &published),
          *inputs ? "; from " : "", inputs);
  if (isfinite(row->expected_fit))
    fprintf(f, "    against expected values %.1f %% (mean %.1f, gain %.1f)\n",
            row->expected_fit, row->mean_expected, row->gain_expected);
  print_fits(p, &row->by_guest, "by guest", f);
  if (row == &k->definition)
    print_fits(p, &k->calibrated, "with weights from the other guests", f);
}

/* The model that serves where all its inputs are; NULL: the definition does. */
static const struct vr_pool_model *serving(const struct vr_pool_counter *k,
                                           double min_fit) {
  return gave_way(k)           ? &k->inferred
         : k->definition.known ? NULL
         : k->assisted.is_there &&
                 vr_model_publishable(&k->assisted.model, min_fit)
             ? &k->assisted
             : &k->inferred;
}

static struct vr_standing standing_of(const struct vr_pool_counter *k,
                                      double min_fit) {
  const struct vr_pool_model *of = serving(k, min_fit);
  const struct vr_pool_row *row = of ? &of->row : &k->definition;
  struct vr_standing s = {.fit = row->known ? row->fit : NAN,
                          .by = row->provenance,
                          .than_gain = row->gain_fit > 0 &&
                                       !(row->gain_fit < row->mean_fit)};
  if (!row->known) {
    s.kind = VR_STANDING_NO_INPUT;
    return s;
  }
  verdict(k, row, of, min_fit, &s.published);
  bool better = row->fit > fmax(fmax(row->mean_fit, row->gain_fit), 0);
  s.kind = better && !s.published && row->fit >= min_fit ? VR_STANDING_UNSURE
           : !s.published || !better          ? VR_STANDING_NOT_BETTER
           : row->fit >= VR_STANDING_GOOD_FIT ? VR_STANDING_GOOD
                                              : VR_STANDING_WEAK;
  return s;
}

/* How many guests a line names at most. */
enum { NAMED = 16 };

static void print_guests(const struct vr_pool *p, FILE *f) {
  fprintf(f, "%zu guests, each left out once:", p->n_guests);
  for (size_t i = 0; i < p->n_guests && i < NAMED; i++)
    fprintf(f, " %s", p->guests[i]);
  fputs(p->n_guests > NAMED ? " ...\n" : "\n", f);
}

size_t vr_report_pool_rows(const struct vr_pool *p, double min_fit, FILE *f) {
  size_t published = 0;
  print_guests(p, f);
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    struct vr_standing s = standing_of(&p->counters[c], min_fit);
    char name[32];
    snprintf(name, sizeof(name),
             "%s:", vr_counter_info((enum vr_counter)c)->name);
    fprintf(f, "  %-14s ", name);
    vr_standing_print(&s, f);
    fputc('\n', f);
    published += s.published;
  }
  fputc('\n', f);
  return published;
}

void vr_report_pool_print(const struct vr_pool *p, double min_fit, FILE *f) {
  print_guests(p, f);
  fprintf(f, "  %-13s %-11s %8s %8s %8s %8s %8s  %-22s %9s %10s  %s\n",
          "counter", "provenance", "free run", "one step", "20,17,50", "mean",
          "gain", "90 % intervals cover", "mean width", "spread",
          "cover by guest");
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    const struct vr_pool_counter *k = &p->counters[c];
    print_row(p, k, &k->definition, NULL, min_fit, f);
    print_row(p, k, &k->assisted.row, &k->assisted, min_fit, f);
    print_row(p, k, &k->inferred.row, &k->inferred, min_fit, f);
  }
  fputc('\n', f);
}

/* NULL, which json_pack() leaves out, where nothing is known. */
static json_t *fits_json(const struct vr_pool_fits *fits, size_t guests) {
  if (!fits->of || !isfinite(fits->mean))
    return NULL;
  json_t *of = json_array();
  for (size_t g = 0; g < guests; g++)
    json_array_append_new(of, vr_report_json_number(fits->of[g]));
  return json_pack("{s:o, s:f}", "guests", of, "mean", fits->mean);
}

/* NULL where it was not judged so. */
static json_t *expected_json(const struct vr_pool_row *row) {
  return isfinite(row->expected_fit) ? json_real(row->expected_fit) : NULL;
}

static json_t *row_json(const struct vr_pool_counter *k,
                        const struct vr_pool_row *row,
                        const struct vr_pool_model *of, size_t guests,
                        double min_fit) {
  bool published;
  const char *inputs = of ? of->inputs : "";
  const char *text = verdict(k, row, of, min_fit, &published);
  const struct vr_coverage *i = &row->interval.coverage;
  json_t *by_guest = json_array();
  for (size_t g = 0; row->interval.is_there && g < guests; g++)
    json_array_append_new(by_guest,
                          vr_report_json_number(row->interval.by_guest[g]));
  json_t *interval =
      row->interval.is_there && isfinite(i->mean_width)
          ? json_pack("{s:f, s:o, s:o, s:o, s:o, s:o, s:I, s:O}", "level",
                      VR_INTERVAL_LEVEL, "coverage",
                      vr_report_json_number(i->coverage), "lower",
                      vr_report_json_number(i->lower), "upper",
                      vr_report_json_number(i->upper), "mean_width",
                      vr_report_json_number(i->mean_width), "spread",
                      vr_report_json_number(row->interval.spread), "blocks",
                      (json_int_t)i->blocks, "by_guest", by_guest)
          : json_null();
  json_decref(by_guest);
  return json_pack(
      "{s:s, s:s, s:s, s:o, s:o*, s:o*, s:o, s:o, s:o, s:o, s:o, "
      "s:b, s:s, s:o*}",
      "counter", vr_counter_info(k->counter)->name, "provenance",
      vr_provenance_name(row->provenance), "inputs", inputs, "free_run",
      vr_report_json_number(row->fit), "by_guest",
      fits_json(&row->by_guest, guests), "calibrated",
      row == &k->definition ? fits_json(&k->calibrated, guests) : NULL,
      "one_step", vr_report_json_number(row->one_step), "seed_fit",
      vr_report_json_number(row->reference_fit), "mean_fit",
      vr_report_json_number(row->mean_fit), "gain_fit",
      vr_report_json_number(row->gain_fit), "interval", interval, "published",
      published, "verdict", text, "expected_fit", expected_json(row));
}

json_t *vr_report_pool_json(const struct vr_pool *p, double min_fit) {
  json_t *guests = json_array(), *rows = json_array();
  for (size_t i = 0; i < p->n_guests; i++)
    json_array_append_new(guests, json_string(p->guests[i]));
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    const struct vr_pool_counter *k = &p->counters[c];
    if (k->definition.known)
      json_array_append_new(
          rows, row_json(k, &k->definition, NULL, p->n_guests, min_fit));
    const struct vr_pool_model *models[] = {&k->assisted, &k->inferred};
    for (size_t i = 0; i < 2; i++)
      if (models[i]->row.known)
        json_array_append_new(rows, row_json(k, &models[i]->row, models[i],
                                             p->n_guests, min_fit));
  }
  return json_pack("{s:o, s:o, s:o}", "left_out", guests, "step",
                   vr_report_json_number(p->step), "counters", rows);
}

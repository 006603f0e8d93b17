/* SPDX-License-Identifier: MIT */
#include "train/report/score_report.h"

#include "basic/cleanup.h"
#include "basic/file.h"
#include "train/data/truth.h"
#include "train/report/needed_history.h"
#include "train/report/numbers.h"
#include "train/report/verdict.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Below a row of a level that was sampled finely. */
static void print_levels(const struct vr_score_levels *l, FILE *f) {
  if (!l->known)
    return;
  fputs("  published against samples", f);
  vr_report_print_decimals(f, l->published_snapshot, 1, 0);
  fputs(" %; against expected values: published", f);
  vr_report_print_decimals(f, l->published, 1, 0);
  fputs(" %, ARX", f);
  vr_report_print_decimals(f, l->model, 1, 0);
  fputs(", mean", f);
  vr_report_print_decimals(f, l->mean, 1, 0);
  fputs(", gain", f);
  vr_report_print_decimals(f, l->gain, 1, 0);
  fputc('\n', f);
}

static void print_row(const struct vr_guest_score *s,
                      const struct vr_score_row *row, double min_fit, FILE *f) {
  char reason[VR_VERDICT_SIZE];
  fprintf(f, "%-16s %-13s", s->guest, vr_counter_info(row->counter)->name);
  vr_report_print_digits(f, row->measured_mean, 6, 12);
  vr_report_print_digits(f, row->published ? row->published_mean : NAN, 6, 12);
  vr_report_print_decimals(f, row->published ? row->ratio : NAN, 4, 8);
  vr_report_print_decimals(f, row->published ? row->published_fit : NAN, 1, 8);
  vr_report_print_decimals(f, row->model_fit, 1, 8);
  vr_report_print_decimals(f, row->mean_fit, 1, 8);
  vr_report_print_decimals(f, row->gain_fit, 1, 8);
  fprintf(f, "  %-12s",
          row->published && row->provenance
              ? vr_provenance_name(row->provenance)
              : "-");
  if (row->published)
    fputs(" yes", f);
  else {
    vr_report_reason(row->best, min_fit, reason);
    fprintf(f, " no, %s", reason);
  }
  if (!row->has_truth)
    fputs(vr_truth_is_introspected(s->truth)
              ? "; not among what is read from a guest's kernel"
              : "; the guest's own series are missing",
          f);
  fputc('\n', f);
  print_levels(&row->levels, f);
}

void vr_report_score_print(const struct vr_guest_score *s, double min_fit,
                           FILE *f) {
  if (vr_truth_is_introspected(s->truth))
    fprintf(f, "measured: introspected, read from the kernel of %s (%s)\n",
            s->guest, s->truth);
  fprintf(f, "%-16s %-13s %12s %12s %8s %8s %8s %8s %8s  %-12s %s\n", "guest",
          "counter", "measured", "published", "ratio", "fit", "ARX fit", "mean",
          "gain", "provenance", "published");
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    print_row(s, &s->rows[c], min_fit, f);
}

static json_t *row_json(const struct vr_score_row *row, double min_fit) {
  char reason[VR_VERDICT_SIZE];
  double needs =
      row->published || !row->best ? 0 : vr_needed_by(row->best, min_fit);
  vr_report_reason(row->best, min_fit, reason);
  json_t *o = json_pack(
      "{s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:b, s:o, "
      "s:f}",
      "counter", vr_counter_info(row->counter)->name, "measured_mean",
      vr_report_json_number(row->measured_mean), "published_mean",
      vr_report_json_number(row->published ? row->published_mean : NAN),
      "ratio", vr_report_json_number(row->published ? row->ratio : NAN),
      "published_fit",
      vr_report_json_number(row->published ? row->published_fit : NAN),
      "model_fit", vr_report_json_number(row->model_fit), "model_replayed",
      row->replayed, "mean_fit", vr_report_json_number(row->mean_fit),
      "gain_fit", vr_report_json_number(row->gain_fit), "trained_fit",
      vr_report_json_number(row->trained_fit), "provenance",
      row->published && row->provenance
          ? json_string(vr_provenance_name(row->provenance))
          : json_null(),
      "published", row->published, "reason",
      row->published ? json_null() : json_string(reason), "needs_seconds",
      needs);
  const struct vr_score_levels *l = &row->levels;
  if (o && l->known)
    json_object_set_new(
        o, "levels",
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "published_snapshot",
                  vr_report_json_number(l->published_snapshot),
                  "published_expected", vr_report_json_number(l->published),
                  "model_expected", vr_report_json_number(l->model),
                  "best_expected", vr_report_json_number(l->best),
                  "mean_expected", vr_report_json_number(l->mean),
                  "gain_expected", vr_report_json_number(l->gain)));
  return o;
}

json_t *vr_report_score_json(const struct vr_guest_score *s, double min_fit) {
  json_t *rows = json_array();
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    json_array_append_new(rows, row_json(&s->rows[c], min_fit));
  return json_pack(
      "{s:s, s:s, s:s, s:o, s:o, s:I, s:o, s:o}", "host", s->host, "guest",
      s->guest, "truth", s->truth, "begin",
      vr_report_json_number(s->grid.begin), "step",
      vr_report_json_number(s->grid.step), "samples", (json_int_t)s->grid.rows,
      "clock_offset",
      vr_report_json_number(s->clock.pairs ? s->clock.seconds : NAN),
      "counters", rows);
}

static void print_cell(FILE *f, double x) {
  if (isfinite(x))
    fprintf(f, "\t%.17g", x);
  else
    fputs("\tNaN", f);
}

static void print_series(const struct vr_score_series *s, FILE *f) {
  const struct vr_guest_data *d = s->data;
  const double *y = d->y[s->counter];
  fputs("# time\tmeasured\tpublished\tmodel\tbest\n", f);
  for (size_t i = s->first; i < d->grid.rows; i++) {
    fprintf(f, "%.3f", d->grid.begin + (double)i * d->grid.step);
    print_cell(f, y ? y[i] : NAN);
    print_cell(f, s->published[i]);
    print_cell(f, s->model[i]);
    print_cell(f, s->best[i]);
    fputc('\n', f);
  }
}

int vr_report_score_export(void *directory,
                           const struct vr_score_series *series,
                           struct vr_error *ret_error) {
  vr_auto_free char *path = NULL, *text = NULL;
  size_t size = 0;
  if (asprintf(&path, "%s/%s-%s.tsv", (const char *)directory,
               series->data->guest,
               vr_counter_info(series->counter)->name) < 0) {
    path = NULL;
    return -ENOMEM;
  }
  FILE *f = open_memstream(&text, &size);
  if (!f)
    return -ENOMEM;
  print_series(series, f);
  int r = fclose(f) == 0 ? vr_file_write_atomic(path, text, size) : -ENOMEM;
  return r < 0 ? vr_error_set(ret_error, r, "%.400s: cannot write: %s", path,
                              strerror(-r))
               : 0;
}

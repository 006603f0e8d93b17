/* SPDX-License-Identifier: MIT */
#include "train/report/list.h"

#include "train/report/heading.h"
#include "train/report/needed_history.h"

#include <math.h>

static double last_row(const struct vr_guest_data *d) {
  return d->grid.begin + (double)(d->grid.rows - 1) * d->grid.step;
}

static int known_percent(const double *x, size_t rows) {
  size_t n = 0;
  for (size_t i = 0; i < rows; i++)
    n += isfinite(x[i]) != 0;
  return (int)(100 * n / rows);
}

static size_t n_sources(const struct vr_guest_data *d) {
  size_t n = 0;
  for (size_t s = 0; s < vr_sources_count; s++)
    n += d->u[s] != NULL && !vr_sources[s].own;
  return n;
}

void vr_list_print_span(const struct vr_guest_data *d, FILE *f) {
  vr_report_print_time(d->grid.begin, f);
  fputs(" to ", f);
  vr_report_print_time(last_row(d), f);
  fprintf(f, " UTC, %zu rows of %g s", d->grid.rows, d->grid.step);
}

void vr_list_print(const struct vr_guest_data *d, FILE *f) {
  fprintf(f, "%s on %s (%s%s): ", d->guest, d->host,
          d->truth ? "own series: " : "no series of its own",
          d->truth ? d->truth : "");
  vr_list_print_span(d, f);
  fprintf(f, ", %zu inputs; counters, %% known:", n_sources(d));
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    if (d->y[c])
      fprintf(f, " %s %d", vr_counter_info((enum vr_counter)c)->name,
              known_percent(d->y[c], d->grid.rows));
}

json_t *vr_list_json(const struct vr_guest_data *d) {
  json_t *counters = json_object(), *inputs = json_array();
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    if (d->y[c])
      json_object_set_new(counters, vr_counter_info((enum vr_counter)c)->name,
                          json_integer(known_percent(d->y[c], d->grid.rows)));
  for (size_t s = 0; s < vr_sources_count; s++)
    if (d->u[s] && !vr_sources[s].own)
      json_array_append_new(inputs, json_string(vr_sources[s].name));
  return json_pack("{s:s, s:s, s:s?, s:f, s:f, s:f, s:I, s:o, s:o}", "host",
                   d->host, "guest", d->guest, "truth", d->truth, "begin",
                   d->grid.begin, "end", last_row(d), "step", d->grid.step,
                   "rows", (json_int_t)d->grid.rows, "counters", counters,
                   "inputs", inputs);
}

/* Prints the counters of D that lack MISSING seconds of history at STEP when
 * there are KNOWN. Returns how many. */
static unsigned print_counters(const struct vr_guest_data *d, double step,
                               double known, double missing, FILE *f) {
  unsigned n = 0;
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    if (d->y[c] &&
        fmax(0, vr_needed_seconds((enum vr_counter)c, step) - known) == missing)
      fprintf(f, "%s%s", n++ ? ", " : "",
              vr_counter_info((enum vr_counter)c)->name);
  return n;
}

/* The least history that a counter of D lacks beyond LESS seconds; INFINITY: no
 * counter does. */
static double next_missing(const struct vr_guest_data *d, double step,
                           double known, double less) {
  double next = INFINITY;
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    double missing = vr_needed_seconds((enum vr_counter)c, step) - known;
    if (d->y[c] && missing > less)
      next = fmin(next, missing);
  }
  return next;
}

static void print_use(const struct vr_guest_data *d, double step, double known,
                      FILE *f) {
  fputs(": enough for ", f);
  if (print_counters(d, step, known, 0, f) == 0)
    fputs("no counter", f);
  for (double missing = 0;
       isfinite(missing = next_missing(d, step, known, missing));) {
    char more[40];
    vr_needed_text(missing, more, sizeof(more));
    fprintf(f, "; %s needed for ", more);
    print_counters(d, step, known, missing, f);
  }
}

void vr_list_print_consolidation(const struct vr_guest_data *d,
                                 const struct vr_consolidation *k, FILE *f) {
  bool both = k->both.rows > 0;
  const struct vr_timeline *grid = both ? &k->both : &k->host;
  double seconds = (double)grid->rows * grid->step;
  char length[40];
  vr_report_length(seconds, length, sizeof(length));
  fprintf(f, "%g s: %s, %zu rows", grid->step, length, grid->rows);
  if (!both)
    fputs(" of its host alone", f);
  else if (grid->step > VR_NEEDED_LONGEST_STEP)
    fprintf(f, ": laws and gains only (--step %g)", grid->step);
  else
    print_use(d, grid->step, seconds, f);
}

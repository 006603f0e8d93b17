/* SPDX-License-Identifier: MIT */
#include "train/report/list.h"

#include "train/report/heading.h"

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
    n += d->u[s] != NULL;
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
  fputc('\n', f);
}

json_t *vr_list_json(const struct vr_guest_data *d) {
  json_t *counters = json_object(), *inputs = json_array();
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    if (d->y[c])
      json_object_set_new(counters, vr_counter_info((enum vr_counter)c)->name,
                          json_integer(known_percent(d->y[c], d->grid.rows)));
  for (size_t s = 0; s < vr_sources_count; s++)
    if (d->u[s])
      json_array_append_new(inputs, json_string(vr_sources[s].name));
  return json_pack("{s:s, s:s, s:s?, s:f, s:f, s:f, s:I, s:o, s:o}", "host",
                   d->host, "guest", d->guest, "truth", d->truth, "begin",
                   d->grid.begin, "end", last_row(d), "step", d->grid.step,
                   "rows", (json_int_t)d->grid.rows, "counters", counters,
                   "inputs", inputs);
}

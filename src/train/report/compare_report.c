/* SPDX-License-Identifier: MIT */
#include "train/report/compare_report.h"

#include "train/report/numbers.h"

#include <math.h>
#include <stdbool.h>

static bool is_compared(const struct vr_compare_row *row) {
  return isfinite(row->own) || isfinite(row->introspected);
}

static void print_rows(const char *guest, const struct vr_compare_row *rows,
                       FILE *f) {
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    if (!is_compared(&rows[c]))
      continue;
    fprintf(f, "%-16s %-13s", guest, vr_counter_info((enum vr_counter)c)->name);
    vr_report_print_decimals(f, rows[c].own, 1, 12);
    vr_report_print_decimals(f, rows[c].introspected, 1, 12);
    vr_report_print_decimals(f, rows[c].mean, 1, 12);
    vr_report_print_digits(f, rows[c].apart, 5, 12);
    fputc('\n', f);
  }
}

void vr_report_compare(const struct vr_compare *c, FILE *f) {
  fprintf(f,
          "%zu guests, each left out once; free-run fit against its own "
          "collectd of models trained on the others':\n",
          c->n_guests);
  fprintf(f, "%-16s %-13s %12s %12s %12s %12s\n", "guest", "counter",
          "own series", "introspected", "mean", "truths apart");
  for (size_t g = 0; g < c->n_guests; g++)
    print_rows(c->guests[g], c->rows[g], f);
  print_rows("all", c->all, f);
}

static json_t *rows_json(const struct vr_compare_row *rows) {
  json_t *list = json_array();
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    if (is_compared(&rows[c]))
      json_array_append_new(
          list,
          json_pack("{s:s, s:o, s:o, s:o, s:o}", "counter",
                    vr_counter_info((enum vr_counter)c)->name, "own_fit",
                    vr_report_json_number(rows[c].own), "introspected_fit",
                    vr_report_json_number(rows[c].introspected), "mean_fit",
                    vr_report_json_number(rows[c].mean), "truths_apart",
                    vr_report_json_number(rows[c].apart)));
  return list;
}

json_t *vr_report_compare_json(const struct vr_compare *c) {
  json_t *guests = json_array();
  for (size_t g = 0; g < c->n_guests; g++)
    json_array_append_new(guests, json_pack("{s:s, s:o}", "guest", c->guests[g],
                                            "counters", rows_json(c->rows[g])));
  return json_pack("{s:o, s:o}", "guests", guests, "all", rows_json(c->all));
}

/* SPDX-License-Identifier: MIT */
#include "train/report/sets_report.h"

#include "train/report/numbers.h"

static const struct {
  const char *text, *key;
} verdicts[] = {
    [VR_SETS_NO_TRUTH] = {"the guest did not send it", "no_truth"},
    [VR_SETS_NEITHER] = {"neither publishes it", "neither"},
    [VR_SETS_ONLY_FIRST] = {"only the first publishes it", "only_first"},
    [VR_SETS_ONLY_SECOND] = {"only the second publishes it", "only_second"},
    [VR_SETS_SAME] = {"the same", "same"},
    [VR_SETS_FIRST_BETTER] = {"the first is better", "first_better"},
    [VR_SETS_SECOND_BETTER] = {"the second is better", "second_better"},
    [VR_SETS_UNSURE] = {"no sure difference", "unsure"},
};

void vr_report_sets_heading(const char *const names[2], FILE *f) {
  fprintf(f, "first: %s\nsecond: %s\n%-16s %-13s %8s %8s %8s  %s\n", names[0],
          names[1], "guest", "counter", "first", "second", "mean", "verdict");
}

void vr_report_sets_print(const struct vr_sets_guest *g, FILE *f) {
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    const struct vr_sets_row *row = &g->rows_of[c];
    if (row->verdict == VR_SETS_NO_TRUTH)
      continue;
    fprintf(f, "%-16s %-13s", g->data->guest,
            vr_counter_info(row->counter)->name);
    vr_report_print_decimals(f, row->fit[0], 1, 8);
    vr_report_print_decimals(f, row->fit[1], 1, 8);
    vr_report_print_decimals(f, row->mean_fit, 1, 8);
    fprintf(f, "  %s", verdicts[row->verdict].text);
    if (row->seen[0] || row->seen[1])
      fprintf(f, " (%s trained on a part of this time)",
              row->seen[0] && row->seen[1] ? "both were"
              : row->seen[0]               ? "the first was"
                                           : "the second was");
    fputc('\n', f);
  }
}

json_t *vr_report_sets_json(const struct vr_sets_guest *g) {
  json_t *rows = json_array();
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    const struct vr_sets_row *row = &g->rows_of[c];
    json_array_append_new(
        rows, json_pack("{s:s, s:o, s:o, s:o, s:s, s:b, s:b}", "counter",
                        vr_counter_info(row->counter)->name, "first_fit",
                        vr_report_json_number(row->fit[0]), "second_fit",
                        vr_report_json_number(row->fit[1]), "mean_fit",
                        vr_report_json_number(row->mean_fit), "verdict",
                        verdicts[row->verdict].key, "first_saw_it",
                        row->seen[0], "second_saw_it", row->seen[1]));
  }
  return json_pack("{s:s, s:s, s:I, s:o}", "host", g->data->host, "guest",
                   g->data->guest, "samples", (json_int_t)g->rows, "counters",
                   rows);
}

/* SPDX-License-Identifier: MIT */
#include "train/report/operator_report.h"

#include "train/report/heading.h"
#include "train/report/needed_history.h"
#include "train/report/standing.h"
#include "train/report/standing_advice.h"

#include <math.h>

void vr_operator_rows(const struct vr_guest_result *r, double min_fit,
                      FILE *f) {
  vr_report_heading(r->data, f);
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    struct vr_standing s;
    char name[32];
    vr_standing_of(r, (enum vr_counter)c, min_fit, &s);
    snprintf(name, sizeof(name), "%s:", vr_counter_info(c)->name);
    fprintf(f, "  %-14s ", name);
    vr_standing_print(&s, f);
    vr_standing_advise(r, (enum vr_counter)c, &s, f);
    fputc('\n', f);
  }
}

void vr_operator_count(const struct vr_guest_result *r, double min_fit,
                       struct vr_operator_totals *totals) {
  totals->guests++;
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    struct vr_standing s;
    vr_standing_of(r, (enum vr_counter)c, min_fit, &s);
    totals->counters++;
    totals->published += s.published;
    if (vr_standing_wants_history(&s))
      totals->missing = fmax(totals->missing, s.missing);
  }
}

void vr_operator_sum_up(const struct vr_operator_totals *totals,
                        const char *directory, const char *name, FILE *f) {
  fprintf(f, "%zu guest%s trained, %zu of %zu counters published, ",
          totals->guests, totals->guests == 1 ? "" : "s", totals->published,
          totals->counters);
  if (name)
    fprintf(f,
            "%s/%s written; the target takes it up by itself where its "
            "ModelDir is %s",
            directory, name, directory);
  else
    fputs(directory ? "nothing written"
                    : "no models written (-o MODELDIR would)",
          f);
  if (totals->missing > 0) {
    char more[40];
    vr_needed_text(totals->missing, more, sizeof(more));
    fprintf(f, "; record %s and train again", more);
  }
  fputc('\n', f);
}

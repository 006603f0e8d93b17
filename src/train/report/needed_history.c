/* SPDX-License-Identifier: MIT */
#include "train/report/needed_history.h"

#include "model/publishable.h"
#include "train/fit/memories.h"

#include <math.h>
#include <stdio.h>

/* How many memories. Models of the recorded hour were trained on 5 to 40
 * minutes of it and run over the rest (tests/bench/history; docs/evaluation.md
 * has the table). From 15 minutes on, which are 90 memories of 10 s, the median
 * of what came later was within 13 points of what the models had said of
 * themselves, wherever at least four were published; on less it was up to 190
 * below. Load, at 60 s, was 35 to 42 points below up to 30 minutes and 4 after
 * 40: its hour and a half is carried over from the others, and no recording was
 * long enough to show it. */
enum { MEMORIES = 90 };

double vr_needed_seconds(enum vr_counter c, double step) {
  double memory = vr_memories_seconds(c);
  return memory > 0 ? MEMORIES * fmax(memory, step) : 0;
}

double vr_needed_missing(enum vr_counter c, double step, double known,
                         bool is_unsure) {
  double missing = fmax(0, vr_needed_seconds(c, step) - known);
  return missing == 0 && is_unsure ? known : missing;
}

double vr_needed_by(const struct vr_model *m, double min_fit) {
  bool is_unsure =
      m->withheld && m->fit.free_run >= min_fit && vr_model_beats_baselines(m);
  if (m->provenance != VR_INFERRED || m->generic || m->n_inputs == 0 ||
      vr_model_publishable(m, min_fit))
    return 0;
  return vr_needed_missing(m->counter, m->step, m->fit.rows * m->step,
                           is_unsure);
}

void vr_needed_text(double seconds, char *ret, size_t size) {
  double minutes = ceil(seconds / 60);
  if (minutes < 100)
    snprintf(ret, size, "%.0f more minute%s", minutes, minutes == 1 ? "" : "s");
  else if (minutes < 48 * 60)
    snprintf(ret, size, "%.1f more hours", ceil(minutes / 6) / 10);
  else
    snprintf(ret, size, "%.1f more days", ceil(minutes / 144) / 10);
}

/* SPDX-License-Identifier: MIT */
#include "train/report/verdict.h"

#include "basic/text.h"
#include "model/publishable.h"
#include "train/report/needed_history.h"

#include <math.h>

const char *vr_report_verdict(const struct vr_model *m, double min_fit) {
  if (m->n_inputs == 0)
    return isfinite(m->baseline.mean_fit)
               ? "no model: nothing recorded explains it"
               : "no model: constant";
  if (m->provenance != VR_INFERRED)
    return vr_model_beats_baselines(m)
               ? "published"
               : "published, though no better than a trivial baseline";
  if (!isfinite(m->fit.free_run))
    return "not published: not validated";
  if (!vr_model_beats_baselines(m))
    return "not published: no better than a trivial baseline";
  if (m->fit.free_run < min_fit)
    return "not published: below MinFit";
  if (m->withheld)
    return "not published: no clear gain over a trivial baseline";
  return "published";
}

static void append_needs(double seconds, const char *before,
                         struct vr_text *text) {
  char more[40];
  if (!(seconds > 0))
    return;
  vr_needed_text(seconds, more, sizeof(more));
  vr_text_append(text, "%s %s needed", before, more);
}

void vr_report_verdict_needs(const struct vr_model *m, double min_fit,
                             char text[static VR_VERDICT_SIZE]) {
  struct vr_text t = {.at = text, .left = VR_VERDICT_SIZE};
  vr_text_append(&t, "%s", vr_report_verdict(m, min_fit));
  append_needs(vr_needed_by(m, min_fit), ",", &t);
}

/* What an estimated model of this guest that is not published lacks. */
static const char *lack(const struct vr_model *m, double min_fit) {
  double known = m->fit.rows * m->step;
  if (!vr_model_beats_baselines(m))
    return "its model is no better than a trivial baseline";
  if (m->fit.free_run < min_fit)
    return "its model is below MinFit";
  return vr_needed_missing(m->counter, m->step, known, false) > 0
             ? "its history is too short"
             : "its model is not surely better than a trivial baseline";
}

void vr_report_reason(const struct vr_model *m, double min_fit,
                      char text[static VR_VERDICT_SIZE]) {
  struct vr_text t = {.at = text, .left = VR_VERDICT_SIZE};
  if (!m)
    vr_text_append(&t, "it has no model");
  else if (m->n_inputs == 0 || !isfinite(m->fit.free_run))
    vr_text_append(&t, "its model was not validated");
  else if (m->generic)
    vr_text_append(&t, "the model for every guest had %.1f %% in training",
                   m->fit.free_run);
  else if (vr_model_publishable(m, min_fit))
    vr_text_append(&t, "its model had %.1f %% in training", m->fit.free_run);
  else {
    vr_text_append(&t, "%s (%.1f %% in training)", lack(m, min_fit),
                   m->fit.free_run);
    append_needs(vr_needed_by(m, min_fit), ":", &t);
  }
}

/* SPDX-License-Identifier: MIT */
#include "train/report/standing.h"

#include "model/publishable.h"
#include "train/report/needed_history.h"

#include <math.h>

const struct vr_trained *vr_standing_model(const struct vr_counter_result *k,
                                           double min_fit) {
  const struct vr_trained *all[VR_TRAINED_KINDS];
  vr_train_counter_order(k, all);
  const struct vr_trained *best = NULL;
  for (size_t i = 0; i < 3; i++) {
    const struct vr_model *m = &all[i]->model;
    if (!all[i]->is_there || m->n_inputs == 0)
      continue;
    if (vr_model_publishable(m, min_fit))
      return all[i];
    if (!best || !(m->fit.free_run <= best->model.fit.free_run))
      best = all[i];
  }
  return best;
}

static enum vr_standing_kind kind_of(const struct vr_counter_result *k,
                                     const struct vr_trained *t,
                                     double min_fit) {
  if (!k->has_truth)
    return VR_STANDING_NO_TRUTH;
  if (!t)
    return k->inferred.is_there &&
                   !isfinite(k->inferred.model.baseline.mean_fit)
               ? VR_STANDING_CONSTANT
               : VR_STANDING_NO_INPUT;
  if (t->model.withheld && t->model.fit.free_run >= min_fit &&
      vr_model_beats_baselines(&t->model))
    return VR_STANDING_UNSURE;
  if (!vr_model_publishable(&t->model, min_fit) ||
      !vr_model_beats_baselines(&t->model))
    return VR_STANDING_NOT_BETTER;
  return t->model.fit.free_run >= VR_STANDING_GOOD_FIT ? VR_STANDING_GOOD
                                                       : VR_STANDING_WEAK;
}

/* Is the best trivial baseline a static gain, and better than nothing? */
static bool is_near_gain(const struct vr_model_baseline *b) {
  return b->has_gain && b->gain_fit > 0 &&
         b->gain_fit >= vr_model_best_baseline(b);
}

void vr_standing_of(const struct vr_guest_result *r, enum vr_counter c,
                    double min_fit, struct vr_standing *ret) {
  const struct vr_guest_data *d = r->data;
  const struct vr_counter_result *k = &r->counters[c];
  const struct vr_trained *t = vr_standing_model(k, min_fit);
  struct vr_standing s = {
      .kind = kind_of(k, t, min_fit),
      .published = t && vr_model_publishable(&t->model, min_fit),
      .than_gain = t && is_near_gain(&t->model.baseline),
      .fit = t ? t->model.fit.free_run : NAN,
      .by = t ? t->model.provenance : VR_INFERRED,
      .known = (double)vr_data_guest_known(d, c) * d->grid.step};
  /* What is measured is not estimated, and needs no history. */
  if (s.by == VR_INFERRED && s.kind != VR_STANDING_NO_INPUT)
    s.missing = vr_needed_missing(c, d->grid.step, s.known,
                                  s.kind == VR_STANDING_UNSURE);
  *ret = s;
}

static const char *origin(enum vr_provenance by) {
  switch (by) {
  case VR_DIRECT:
    return ", measured by the host";
  case VR_COOPERATIVE:
    return ", reported by its balloon driver";
  case VR_INTROSPECTED:
    return ", read from its kernel";
  case VR_DERIVED:
    return ", by a law of its kernel";
  case VR_INFERRED:
    break;
  }
  return "";
}

void vr_standing_print(const struct vr_standing *s, FILE *f) {
  static const char *const words[] = {
      [VR_STANDING_GOOD] = "good",
      [VR_STANDING_WEAK] = "weak",
      [VR_STANDING_UNSURE] = "not surely better than the mean",
      [VR_STANDING_NOT_BETTER] = "not better than the mean",
      [VR_STANDING_CONSTANT] = "did not change",
      [VR_STANDING_NO_INPUT] = "no input",
      [VR_STANDING_NO_TRUTH] = "no truth"};
  const char *than_gain[] = {
      [VR_STANDING_UNSURE] = "not surely better than a static gain",
      [VR_STANDING_NOT_BETTER] = "not better than a static gain"};
  bool unpublished =
      s->kind == VR_STANDING_UNSURE || s->kind == VR_STANDING_NOT_BETTER;
  fputs(unpublished && s->than_gain ? than_gain[s->kind] : words[s->kind], f);
  if (isfinite(s->fit) && (s->published || s->kind != VR_STANDING_NOT_BETTER))
    fprintf(f, " (%.0f %%)", s->fit);
  if (s->published)
    fputs(origin(s->by), f);
  if (vr_standing_wants_history(s)) {
    char more[40];
    vr_needed_text(s->missing, more, sizeof(more));
    fprintf(f, ", %s needed", more);
  }
}

bool vr_standing_wants_history(const struct vr_standing *s) {
  return s->missing > 0 && s->kind <= VR_STANDING_NOT_BETTER;
}

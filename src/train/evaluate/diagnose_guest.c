/* SPDX-License-Identifier: MIT */
#include "train/evaluate/diagnose_guest.h"

#include <stdbool.h>

void vr_diagnose_guest_clear(struct vr_guest_diagnoses *d) {
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    vr_diagnosis_clear(&d->definition[c]);
    vr_diagnosis_clear(&d->assisted[c]);
    vr_diagnosis_clear(&d->inferred[c]);
  }
}

static int diagnose(const struct vr_guest_data *d, const struct vr_trained *t,
                    struct vr_diagnosis *ret) {
  return t->is_there
             ? vr_evaluate_diagnose(d, &t->model, t->one_step, t->used, ret)
             : 0;
}

int vr_diagnose_guest(const struct vr_guest_result *result,
                      struct vr_guest_diagnoses *ret) {
  struct vr_guest_diagnoses d = {0};
  int r = 0;
  for (int c = vr_counter_trainable(0); r == 0 && c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    const struct vr_counter_result *k = &result->counters[c];
    r = diagnose(result->data, &k->definition, &d.definition[c]);
    if (r == 0)
      r = diagnose(result->data, &k->assisted, &d.assisted[c]);
    if (r == 0)
      r = diagnose(result->data, &k->inferred, &d.inferred[c]);
  }
  if (r < 0)
    vr_diagnose_guest_clear(&d);
  else
    *ret = d;
  return r;
}

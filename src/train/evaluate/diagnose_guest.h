/* SPDX-License-Identifier: MIT
 *
 * The diagnoses of all models of one guest.
 */
#ifndef VR_TRAIN_EVALUATE_DIAGNOSE_GUEST_H
#define VR_TRAIN_EVALUATE_DIAGNOSE_GUEST_H

#include "train/evaluate/diagnosis.h"
#include "train/fit/train_guest.h"

struct vr_guest_diagnoses {
  struct vr_diagnosis definition[VR_COUNTERS], assisted[VR_COUNTERS],
      inferred[VR_COUNTERS]; /* all 0 where there is no model */
};
void vr_diagnose_guest_clear(struct vr_guest_diagnoses *d);

/* Diagnoses the models in RESULT, from which *ret borrows names. Returns 0 or
 * -ENOMEM. */
int vr_diagnose_guest(const struct vr_guest_result *result,
                      struct vr_guest_diagnoses *ret);

#endif

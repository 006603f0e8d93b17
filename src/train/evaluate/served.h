/* SPDX-License-Identifier: MIT
 *
 * What a set of models would have published for a guest in recorded time.
 */
#ifndef VR_TRAIN_EVALUATE_SERVED_H
#define VR_TRAIN_EVALUATE_SERVED_H

#include "train/data/guest_data.h"

/* The model of SET that a target with MinFit = MIN_FIT takes for counter C of
 * D: the first in the set's order that may be published and whose inputs were
 * recorded, the guest's own before generic ones; NULL: none. What it gives goes
 * to SERIES (grid rows), all NAN where there is none. Returns 0 or -ENOMEM. */
int vr_served_model(const struct vr_model_set *set,
                    const struct vr_guest_data *d, enum vr_counter c,
                    double min_fit, double *series,
                    const struct vr_model **ret_model);

/* The first model of SET for the guest called GUEST itself that is about C and
 * may be published; NULL: none. */
const struct vr_model *vr_served_own(const struct vr_model_set *set,
                                     const char *guest, enum vr_counter c,
                                     double min_fit);

/* Is that of no step, or of D's own? */
bool vr_served_has_step(const struct vr_model *m,
                        const struct vr_guest_data *d);

#endif

/* SPDX-License-Identifier: MIT
 *
 * All features that a guest is trained on: of its whole recording and of the
 * time before the outer part, with the VM process's sources and with all that
 * the host knows. One walk over the rows serves as many of them as it can.
 */
#ifndef VR_TRAIN_FIT_GUEST_FEATURES_H
#define VR_TRAIN_FIT_GUEST_FEATURES_H

#include "train/fit/features.h"
#include "train/fit/train_options.h"

/* Of one stretch of time. */
struct vr_guest_features {
  bool has_alone, has_all;
  struct vr_features alone; /* the VM process's sources */
  struct vr_features all;   /* and the others; not where orders are given */
};

void vr_guest_features_clear(struct vr_guest_features *s);

/* The features of DATA into *RET, without inner products. LENDER (NULL: nobody)
 * is of a recording that begins as DATA does, and outlives them. Returns 0; the
 * errors of vr_features_build() where not even `alone' is there. */
int vr_guest_features_lay_out(const struct vr_guest_data *data,
                              const struct vr_train_options *options,
                              const struct vr_guest_features *lender,
                              struct vr_guest_features *ret,
                              struct vr_error *ret_error);

/* The inner products that S lacks; on the way those of EARLY (may be NULL), its
 * first rows, as far as they come of the same walk. Returns 0 or -ENOMEM. */
int vr_guest_features_compute(struct vr_guest_features *s,
                              struct vr_guest_features *early);

#endif

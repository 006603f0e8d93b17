/* SPDX-License-Identifier: MIT
 *
 * From the data of one guest to its models: of each counter one that is
 * inferred from the VM process, one from all that the host knows where only a
 * model can give it, and the direct or cooperative definition where its series
 * were recorded, each with its free-run fit on time that its estimation did not
 * see. An inferred model that would be published is confirmed on the last part
 * of the time, which no choice saw (outer.h).
 */
#ifndef VR_TRAIN_FIT_TRAIN_GUEST_H
#define VR_TRAIN_FIT_TRAIN_GUEST_H

#include "train/fit/train_counter.h"

struct vr_guest_result {
  const struct vr_guest_data *data; /* borrowed */
  char *error;                      /* NULL, or why there is no model */
  struct vr_counter_result counters[VR_COUNTERS];
};

/* Trains all counters of DATA. Returns 0 (single counters may have no model),
 * -ENOMEM, or another negative errno with *ret_error filled. */
int vr_fit_guest(const struct vr_guest_data *data,
                 const struct vr_train_options *options,
                 struct vr_guest_result *ret_result,
                 struct vr_error *ret_error);
/* Lets go of what R has for each row. */
void vr_fit_guest_result_let_go(struct vr_guest_result *r);
void vr_fit_guest_result_clear(struct vr_guest_result *r);

#endif

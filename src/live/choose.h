/* SPDX-License-Identifier: MIT
 *
 * Which model serves which counter of a guest: the first in the catalog's order
 * of preference that can run on what the guest has.
 */
#ifndef VR_LIVE_CHOOSE_H
#define VR_LIVE_CHOOSE_H

#include "live/guest_state.h"

struct vr_choice {
  const struct vr_catalog_model *model;
  vr_time step;     /* at which it runs */
  vr_time interval; /* at which its values are published: that of its inputs */
  bool published, model_series; /* what it is chosen for */
};

struct vr_choices {
  size_t n;
  struct vr_choice items[2 * VR_COUNTERS];
};

void vr_live_choose(const struct vr_live_guest *g,
                    const struct vr_live_context *context,
                    struct vr_choices *ret_choices);

/* Why a model cannot run on a guest. */
enum vr_refusal {
  VR_NOT_REFUSED,
  VR_OF_OTHER_GUESTS,
  VR_ACCELERATOR_UNKNOWN,
  VR_OF_OTHER_ACCELERATOR,
  VR_OF_OTHER_CLOCK,  /* for guests with a steal clock, or without */
  VR_OF_OTHER_SYSTEM, /* a law of Linux, and the guest is none */
  VR_IDLE_NOT_SEEN,   /* the guest is idle without its threads' sleeping */
  VR_INPUT_MISSING,
  VR_SIZE_UNKNOWN,
  VR_INPUT_TOO_COARSE, /* for the model's step */
  VR_INPUT_TOO_FINE,
};
enum vr_refusal vr_live_choose_refusal(const struct vr_live_guest *g,
                                       const struct vr_catalog_model *m);

/* Was M made on a host that is itself a guest, and G's is none? */
bool vr_live_choose_is_elsewhere(const struct vr_live_guest *g,
                                 const struct vr_catalog_model *m);

/* The longest interval of M's inputs; 0 if one is not there. */
vr_time vr_live_choose_interval(const struct vr_live_guest *g,
                                const struct vr_catalog_model *m);

/* Can values that come every INTERVAL not be averaged to ticks of STEP: because
 * they come less often than the ticks, or far more often? */
bool vr_live_choose_too_coarse(vr_time interval, vr_time step);
bool vr_live_choose_too_fine(vr_time interval, vr_time step);

#endif

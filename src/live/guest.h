/* SPDX-License-Identifier: MIT
 *
 * A guest, and the samples that arrive for it. All functions but the first want
 * the guest's lock held by the caller, unless no other thread has the guest.
 */
#ifndef VR_LIVE_GUEST_H
#define VR_LIVE_GUEST_H

#include "live/guest_state.h"

/* A guest without any sample. CATALOG gains a reference. NULL when out of
 * memory. */
struct vr_live_guest *vr_live_guest_new(const char *key, size_t key_length,
                                        struct vr_live_context *context,
                                        struct vr_catalog *catalog);
void vr_live_guest_free(struct vr_live_guest *g,
                        struct vr_live_context *context);

/* One sample of a signal. */
struct vr_arrival {
  uint32_t signal;    /* in the present catalog */
  const char *member; /* of a signal that has members: which; else NULL */
  bool names_host;    /* the series does, or the guest is its own host */
  enum vr_kind kind;
  vr_time interval;
  struct vr_sample sample;
};

/* Adds one sample of a signal of CATALOG. Returns 0 or -ENOMEM. */
int vr_live_guest_add(struct vr_live_guest *g, struct vr_live_context *context,
                      struct vr_catalog *catalog,
                      const struct vr_arrival *arrival);

/* Adds one sample of the I-th series of vr_live_drift_series(), which the guest
 * itself sends as the host SENDER, stamped by its own clock. Returns 0 or
 * -ENOMEM. */
int vr_live_guest_add_own(struct vr_live_guest *g, const char *sender,
                          unsigned i, enum vr_kind kind, vr_time interval,
                          const struct vr_sample *sample);

/* Another target has published a tick of INTERVAL that ended at TIME: nothing
 * is published here for three of its intervals from then on, or of the guest's
 * own where that is shorter. */
void vr_live_guest_standby(struct vr_live_guest *g,
                           const struct vr_live_context *context, vr_time time,
                           vr_time interval);

#endif

/* SPDX-License-Identifier: MIT
 *
 * What has to be done so that forwarding databases say what they should: the
 * wanted entries minus those that are there. Pure.
 */
#ifndef VR_OVERLAY_OVERLAY_PLAN_H
#define VR_OVERLAY_OVERLAY_PLAN_H

#include "basic/mac.h"
#include "overlay/address.h"

#include <stdbool.h>
#include <stddef.h>

struct vr_overlay_entry {
  unsigned port; /* index of the bridge's port, or of the VXLAN */
  bool of_vxlan; /* whose: the VXLAN's, or the bridge's */
  bool sticky;   /* of a bridge: no frame takes the address to another port */
  struct vr_mac mac;    /* zero: of a VXLAN's flooding list */
  struct vr_address to; /* of a VXLAN */
};

struct vr_overlay_plan {
  void *ctx;
  int (*set)(void *ctx, const struct vr_overlay_entry *e);
  /* May find that setting another one has replaced it already. */
  int (*remove)(void *ctx, const struct vr_overlay_entry *e);
};

/* Calls what is to be set, then what is to be removed, so that an address is
 * never without an entry in between. Returns 0, or the first negative errno of
 * one of the functions; the others are tried all the same. */
int vr_overlay_plan_run(const struct vr_overlay_plan *plan,
                        const struct vr_overlay_entry *wanted, size_t n_wanted,
                        const struct vr_overlay_entry *present,
                        size_t n_present);

#endif

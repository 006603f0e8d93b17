/* SPDX-License-Identifier: MIT
 *
 * What the configuration says of the overlay: hosts, LANs, who may relay.
 */
#ifndef VR_PLUGINS_OVERLAY_CONFIG_H
#define VR_PLUGINS_OVERLAY_CONFIG_H

#include "guest_options.h"

#include "overlay/overlay.h"

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"

struct vr_overlay_config {
  struct vr_guest_options guests;
  struct vr_host_options host;
  struct vr_overlay_options overlay;
  size_t lans_capacity;
  cdtime_t interval;
};

/* The defaults. Returns 0 or -ENOMEM. */
int vr_overlay_config_init(struct vr_overlay_config *c);

/* Takes one option. Returns 0, or -1 for what cannot be used; a message has
 * said why. */
int vr_overlay_config_option(struct vr_overlay_config *c,
                             const oconfig_item_t *ci);

/* When all is read: does it make sense as a whole? 1: yes; 0: nothing is
 * configured, nothing is to be done; -1: no, and a message has said why. */
int vr_overlay_config_check(struct vr_overlay_config *c);

#endif

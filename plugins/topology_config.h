/* SPDX-License-Identifier: MIT
 *
 * The <Plugin vmrecon_topology> block.
 */
#ifndef VR_PLUGINS_TOPOLOGY_CONFIG_H
#define VR_PLUGINS_TOPOLOGY_CONFIG_H

#include "topology/observer.h"

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"

struct vr_topology_config {
  struct vr_observer_options observer; /* its texts live as long as this */
  char *instance, *underlay;           /* paths, or NULL */
  bool decide;                         /* which ways hosts are to have */
  cdtime_t window;                     /* 0: the plugin's interval */
};

/* Returns 0, or -1 for a value that cannot be used, which is logged. */
int vr_topology_config_read(oconfig_item_t *ci);

/* What was read. *RET is valid until vr_topology_config_clear(). */
void vr_topology_config_get(struct vr_topology_config *ret);

/* Passes on what an observer is told after it was made. */
int vr_topology_config_apply(struct vr_observer *o);
void vr_topology_config_clear(void);

#endif

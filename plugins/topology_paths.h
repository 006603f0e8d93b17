/* SPDX-License-Identifier: MIT
 *
 * What the topology plugin says of the underlay: what is lost between hosts,
 * and which ways they are to have.
 */
#ifndef VR_PLUGINS_TOPOLOGY_PATHS_H
#define VR_PLUGINS_TOPOLOGY_PATHS_H

#include "topology_config.h"

/* CONFIG and O are kept; INTERVAL is that of what is dispatched. */
void vr_topology_paths_begin(const struct vr_topology_config *config,
                             struct vr_observer *o, cdtime_t interval);
void vr_topology_paths_end(void);

/* Members of a struct vr_observer_sink. */
void vr_topology_paths_underlay(void *ctx, struct vr_instance *i);
void vr_topology_paths_loss(void *ctx, const struct vr_conservation_pair *p);

#endif

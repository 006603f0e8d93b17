/* SPDX-License-Identifier: MIT
 *
 * What is measured of the underlay, in the part "underlay" of instance.json:
 * "interfaces" of hosts and what is "seen" between two of them.
 */
#ifndef VR_TOPOLOGY_INSTANCE_SEEN_H
#define VR_TOPOLOGY_INSTANCE_SEEN_H

#include "topology/instance.h"

#include <jansson.h>

/* Reads both from UNDERLAY. What is unknown, or no number, stays unknown: it
 * was measured, and nothing depends on a single one. */
void vr_instance_seen_read(const json_t *underlay, struct vr_instance *i);

/* Adds them; *OK becomes false where memory is short. */
void vr_instance_seen_write(const struct vr_instance *i, json_t *underlay,
                            bool *ok);

#endif

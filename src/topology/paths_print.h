/* SPDX-License-Identifier: MIT
 *
 * A plan of paths as text, as JSON and as a picture.
 */
#ifndef VR_TOPOLOGY_PATHS_PRINT_H
#define VR_TOPOLOGY_PATHS_PRINT_H

#include "topology/instance.h"

/* The ways that differ from the default, and what gets through, as text and as
 * a JSON object (one line). The caller frees them; NULL without memory. Names
 * are escaped. */
char *vr_paths_text(const struct vr_instance *i,
                    const struct vr_paths_plan *plan);
char *vr_paths_json(const struct vr_instance *i,
                    const struct vr_paths_plan *plan);

/* For dot(1): hosts, their flows over the ways as they are now, and dashed
 * those that PLAN changes. */
char *vr_paths_dot(const struct vr_instance *i,
                   const struct vr_paths_plan *plan);

#endif

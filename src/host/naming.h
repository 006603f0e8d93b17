/* SPDX-License-Identifier: MIT
 *
 * The names under which guests are reported. A guest that has its name alone is
 * reported under it. While several guests have one name each carries a suffix,
 * of its uuid, its VMID or its process. A second process of the same guest (it
 * is being moved to a new QEMU) carries one until the first has ended.
 */
#ifndef VR_HOST_NAMING_H
#define VR_HOST_NAMING_H

#include "host/owners.h"
#include "host/vmprocess.h"

/* Names the N guests at V anew, after one has come or gone. What the operator
 * reads about it is bounded by LIMIT. Without memory new guests have no name
 * and the others keep theirs: returns -ENOMEM. */
int vr_naming_update(struct vr_vmproc **v, size_t n, struct vr_owners *owners,
                     struct vr_log_limit *limit);

#endif

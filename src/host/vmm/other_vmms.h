/* SPDX-License-Identifier: MIT
 *
 * The VMMs other than QEMU: how their processes are recognised, and what their
 * command lines, and the files named there, show of the guest. What is relied
 * on is each VMM's own documentation or source; the fixtures in tests/data/proc
 * name it.
 */
#ifndef VR_HOST_VMM_OTHER_VMMS_H
#define VR_HOST_VMM_OTHER_VMMS_H

#include "host/vmm/recogniser.h"

/* Ends with a row without a name. */
extern const struct vr_recogniser vr_vmm_others[];

#endif

/* SPDX-License-Identifier: MIT
 *
 * Programs that manage QEMU and hold, or expect free, its only QMP socket.
 */
#ifndef VR_HOST_VMM_MANAGERS_H
#define VR_HOST_VMM_MANAGERS_H

#include <stdbool.h>

/* Whether the QMP socket PATH, of the character device ID ("": without), is a
 * manager's: then nobody else connects to it. */
bool vr_vmm_managers_own(const char *path, const char *id);

#endif

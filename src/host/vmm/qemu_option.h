/* SPDX-License-Identifier: MIT
 *
 * Options of QEMU's, which are written in two ways.
 */
#ifndef VR_HOST_VMM_QEMU_OPTION_H
#define VR_HOST_VMM_QEMU_OPTION_H

#include "host/vmm/cmdline.h"

/* One key of an option that is written as "k=v,k=v", the first key perhaps
 * IMPLIED, or as a JSON object. Copies the value (a number of JSON in digits)
 * and returns true if the key is there. */
bool vr_qemu_option_key(const char *option, const char *key,
                        const char *implied, char *value, size_t size);

#endif

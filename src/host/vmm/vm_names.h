/* SPDX-License-Identifier: MIT
 *
 * Names of guests as parts of collectd's identifiers.
 */
#ifndef VR_HOST_VMM_VM_NAMES_H
#define VR_HOST_VMM_VM_NAMES_H

#include "host/vmm/vm.h"

#include <stddef.h>

/* Longest name given out, in bytes: room for a suffix within VR_NAME_MAX. */
enum { VR_NAME_LENGTH = 100 };

/* RAW with "/", control characters and bytes that are no UTF-8 replaced by "_",
 * no leading dot, cut to VR_NAME_LENGTH bytes without splitting a character. */
void vr_vm_name_sanitise(const char *raw, char ret[VR_NAME_MAX]);

/* NAME with "-SUFFIX" behind it, sanitised as well. */
void vr_vm_name_suffix(char name[VR_NAME_MAX], const char *suffix);

/* WHOLE as it fits into SIZE bytes (at least 32) with its NUL. One that is too
 * long is cut, without splitting a character, and ends with "-" and a hash of
 * the whole: two texts that differ stay two. */
void vr_vm_name_fit(const char *whole, char *ret, size_t size);

#endif

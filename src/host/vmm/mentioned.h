/* SPDX-License-Identifier: MIT
 *
 * The guests that a configuration mentions by name. A name that matches nobody
 * is a mistake that nothing else shows: after a while one line says so.
 */
#ifndef VR_HOST_VMM_MENTIONED_H
#define VR_HOST_VMM_MENTIONED_H

#include "host/vmm/vm.h"

#include <stddef.h>

struct vr_mentioned;

int vr_mentioned_new(struct vr_mentioned **ret);
void vr_mentioned_free(struct vr_mentioned *m);

/* NAME is a name, a UUID or "/a regular expression/", as of
 * vr_vmm_select_add(); one that is none of them is passed over. Returns 0 or
 * -ENOMEM. */
int vr_mentioned_add(struct vr_mentioned *m, const char *name);

/* VM was found, whether it is wanted or not. */
void vr_mentioned_see(struct vr_mentioned *m, const struct vr_vm *vm);

/* A reading is over, SECONDS after the one before. A minute after the first,
 * and once only, this logs each name that matched nobody, beside those of
 * guests that were found, or that none was found at all. */
void vr_mentioned_end_reading(struct vr_mentioned *m, double seconds);

#endif

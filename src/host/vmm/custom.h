/* SPDX-License-Identifier: MIT
 *
 * Guests that the configuration names itself, for VMMs that the table of
 * recognisers does not have:
 *   <VM "name"> PidFile "/run/x.pid" </VM>
 *   <VM "name"> Match "/regular expression/" </VM>
 */
#ifndef VR_HOST_VMM_CUSTOM_H
#define VR_HOST_VMM_CUSTOM_H

#include "host/vmm/cmdline.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct vr_custom; /* a list of them */

int vr_custom_new(struct vr_custom **ret);
void vr_custom_free(struct vr_custom *c);

/* The process whose number stands in the file PATH is the guest NAME, if the
 * file counts for it (pidfile.h) and if it was not started after the file was
 * written: then the number is another's by now. */
int vr_custom_add_pidfile(struct vr_custom *c, const char *name,
                          const char *path);

/* Processes whose command line (arguments joined by blanks) matches EXPRESSION,
 * with or without slashes around it, are. Returns -EINVAL, and why in MESSAGE,
 * if it is none. */
int vr_custom_add_match(struct vr_custom *c, const char *name,
                        const char *expression, char *message, size_t size);

/* Whether any is found by its command line, which a process may change. */
bool vr_custom_matches(const struct vr_custom *c);

/* Reads the pid files, and calls FN for every number that was not there before;
 * to be called before a scan. */
typedef void (*vr_custom_fn)(void *ctx, pid_t pid);
void vr_custom_refresh(struct vr_custom *c, vr_custom_fn fn, void *ctx);

/* The name for process PID of USER, started START_TICKS after boot (0: not
 * known yet), with command line TEXT of LENGTH bytes, or NULL. C may be NULL.
 */
const char *vr_custom_find(const struct vr_custom *c, pid_t pid, uid_t user,
                           uint64_t start_ticks, const char *text,
                           size_t length);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Windows of traffic as a file:
 *
 *   {"format": "vmrecon-windows", "version": 1,
 *    "guests": [{"name": "web", "host": "h1"}],
 *    "windows": [[{"from": "web", "to": "db", "bytes_per_second": 1200}]]}
 *
 * "guests" may be absent. Of more than six windows the last six count.
 */
#ifndef VR_TOPOLOGY_WINDOWS_FILE_H
#define VR_TOPOLOGY_WINDOWS_FILE_H

#include "basic/error.h"
#include "topology/survey.h"
#include "topology/windows.h"

/* Fills *W and *S, which are initialised. Returns 0; -EINVAL with *ret_error
 * naming the field; another negative errno. */
int vr_windows_parse(const char *name, const char *text, struct vr_windows *w,
                     struct vr_survey *s, struct vr_error *ret_error);
int vr_windows_read(const char *path, struct vr_windows *w, struct vr_survey *s,
                    struct vr_error *ret_error);

/* M as a file of one window; the caller frees it. NULL without memory. */
char *vr_windows_format(const struct vr_matrix *m, const struct vr_survey *s);

#endif

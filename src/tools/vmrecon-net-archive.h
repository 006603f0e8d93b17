/* SPDX-License-Identifier: MIT
 *
 * Traffic, machines and addresses from recorded history.
 */
#ifndef VR_TOOLS_VMRECON_NET_ARCHIVE_H
#define VR_TOOLS_VMRECON_NET_ARCHIVE_H

#include "tools/vmrecon-net-options.h"
#include "topology/survey.h"
#include "topology/windows.h"

/* Calls FN for each guest's address that the archive at ROOT has. */
typedef int (*vr_tools_mac_fn)(void *ctx, const char *mac, const char *host,
                               const char *guest);
int vr_tools_archive_macs(const char *root, vr_tools_mac_fn fn, void *ctx,
                          struct vr_error *ret_error);
int vr_tools_archive_read(const struct vr_tools_options *o,
                          struct vr_windows *w, struct vr_survey *s,
                          struct vr_error *ret_error);

#endif

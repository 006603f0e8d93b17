/* SPDX-License-Identifier: MIT
 *
 * The command "overlay": what the plugin vmrecon_overlay knows on this host,
 * and how to be rid of what it has made.
 */
#ifndef VR_TOOLS_VMRECON_NET_OVERLAY_H
#define VR_TOOLS_VMRECON_NET_OVERLAY_H

#include "basic/exit_status.h"
#include "tools/vmrecon-net-options.h"

/* INPUT is a state file (default: the plugin's), or "remove". */
enum vr_exit vr_tools_overlay(const struct vr_tools_options *o);

#endif

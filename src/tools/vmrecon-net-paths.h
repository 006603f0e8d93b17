/* SPDX-License-Identifier: MIT
 *
 * vmrecon-net paths: which ways between hosts would carry more.
 */
#ifndef VR_TOOLS_VMRECON_NET_PATHS_H
#define VR_TOOLS_VMRECON_NET_PATHS_H

#include "tools/vmrecon-net-options.h"

struct vr_instance;

enum vr_exit vr_tools_paths(const struct vr_tools_options *o);

/* The same as a picture. */
enum vr_exit vr_tools_paths_dot(const struct vr_tools_options *o);

/* The plan of an instance that has an underlay, as JSON; the caller frees it.
 * NULL without memory. */
char *vr_tools_paths_again(const struct vr_instance *i);

#endif

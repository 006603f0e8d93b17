/* SPDX-License-Identifier: MIT
 *
 * Commands of vmrecon-net that print what was read.
 */
#ifndef VR_TOOLS_VMRECON_NET_SHOW_H
#define VR_TOOLS_VMRECON_NET_SHOW_H

#include "tools/vmrecon-net-input.h"

enum vr_exit vr_tools_matrix(const struct vr_tools_options *o,
                             const struct vr_tools_input *in);
enum vr_exit vr_tools_topology(const struct vr_tools_options *o,
                               const struct vr_tools_input *in);
enum vr_exit vr_tools_dot(const struct vr_tools_options *o,
                          const struct vr_tools_input *in);
enum vr_exit vr_tools_advise(const struct vr_tools_options *o,
                             const struct vr_tools_input *in);
enum vr_exit vr_tools_advise_file(const struct vr_tools_options *o);
enum vr_exit vr_tools_replay(const struct vr_tools_options *o);

#endif

/* SPDX-License-Identifier: MIT
 *
 * The command doctor of vmrecon-net.
 */
#ifndef VR_TOOLS_VMRECON_NET_DOCTOR_H
#define VR_TOOLS_VMRECON_NET_DOCTOR_H

#include "tools/vmrecon-net-options.h"

enum vr_exit vr_tools_doctor(const struct vr_tools_options *o);

#endif

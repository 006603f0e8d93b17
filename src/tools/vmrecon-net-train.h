/* SPDX-License-Identifier: MIT
 *
 * vmrecon-net train: what the way to another host carries, by trains of packets
 * that are sent one behind the other. The narrowest link spreads them: what
 * arrives in a second is what it carries (dispersion; Dovrolis, Ramanathan,
 * Moore: Packet-dispersion techniques and a capacity-estimation methodology,
 * 2004). Where other traffic shares that link it is more than what is free.
 */
#ifndef VR_TOOLS_VMRECON_NET_TRAIN_H
#define VR_TOOLS_VMRECON_NET_TRAIN_H

#include "tools/vmrecon-net-options.h"

/* O->input: the other host's address, where "answer" runs, or "answer". */
enum vr_exit vr_tools_train(const struct vr_tools_options *o);

#endif

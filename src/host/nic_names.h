/* SPDX-License-Identifier: MIT
 *
 * Which of a guest's network cards is behind an interface of the host.
 */
#ifndef VR_HOST_NIC_NAMES_H
#define VR_HOST_NIC_NAMES_H

#include "host/net/taps.h"
#include "host/vmm/nics.h"

/* What the card behind TAPS->v[I] is called in series: the 12 digits of its
 * address, where it is known by the descriptor or the name that the VMM was
 * given, by the address that libvirt gives a tap and that a macvtap has, or
 * because there is one of each. Else the interface's own name on the host.
 * SYSFD is /sys, or -1. */
void vr_nic_names_find(const struct vr_nics *nics, const struct vr_taps *taps,
                       size_t i, int sysfd, char ret[VR_IFNAME_MAX]);

#endif

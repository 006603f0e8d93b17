/* SPDX-License-Identifier: MIT
 *
 * Which virtual function of an SR-IOV network card a PCI device is.
 */
#ifndef VR_HOST_NET_VF_IDENTIFY_H
#define VR_HOST_NET_VF_IDENTIFY_H

#include "host/net/netdev.h"

/* Which virtual function the PCI device in the directory DEVICE below SYSFD
 * (/sys) is: the interface of its physical function, and its number there.
 * Returns 0 or a negative errno when it is none or that cannot be known for
 * certain; then the results are untouched. */
int vr_vf_identify(int sysfd, const char *device, char ret_pf[VR_IFNAME_MAX],
                   unsigned *ret_vf);

#endif

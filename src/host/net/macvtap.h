/* SPDX-License-Identifier: MIT
 *
 * Which interface a macvtap's device is: in our tree of /sys, or in that of a
 * process, which may be anything that its user mounted there.
 */
#ifndef VR_HOST_NET_MACVTAP_H
#define VR_HOST_NET_MACVTAP_H

#include "host/net/netdev.h"

#include <stdbool.h>
#include <sys/types.h>

/* The interface of the device TAPN ("tap5") with the number DEVICE, in the tree
 * of /sys at SYSFD. Each network namespace has numbers of its own, so another's
 * may be called the same. */
bool vr_macvtap_find(int sysfd, const char *tapn, dev_t device,
                     char ret_name[VR_IFNAME_MAX]);

/* The same in the tree that the process sees whose /proc directory is PROCESS,
 * if that is of the same kind of file system as SYSFD (-1: sysfs) all the way.
 * False also when it does not answer in a fifth of a second. */
bool vr_macvtap_find_theirs(int process, int sysfd, const char *tapn,
                            dev_t device, char ret_name[VR_IFNAME_MAX]);

#endif

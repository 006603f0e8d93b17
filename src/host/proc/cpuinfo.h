/* SPDX-License-Identifier: MIT
 *
 * What /proc/cpuinfo says of the machine.
 */
#ifndef VR_HOST_PROC_CPUINFO_H
#define VR_HOST_PROC_CPUINFO_H

/* Is the machine of PROCFD, /proc, itself a guest: do its processors have the
 * flag hypervisor? Returns 1, or 0; also where it does not say so, as other
 * processors than x86. */
int vr_cpuinfo_is_guest(int procfd);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Whether a process reads and writes its disks past the host's page cache: then
 * what the kernel counts of it (/proc/PID/io) is what its guest did.
 */
#ifndef VR_HOST_PROC_DIRECTIO_H
#define VR_HOST_PROC_DIRECTIO_H

#include <stdbool.h>

/* Whether the process of the /proc directory DIRFD has disks open (block
 * devices, and files that it may read), and every one with O_DIRECT. What
 * cannot be read counts as one without. */
bool vr_directio_holds(int dirfd);

#endif

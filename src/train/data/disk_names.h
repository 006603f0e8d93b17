/* SPDX-License-Identifier: MIT
 *
 * What the name of a disk's series says: the kernel's name, or, with the disk
 * plugin's UdevNameAttr, one of udev's.
 */
#ifndef VR_TRAIN_DATA_DISK_NAMES_H
#define VR_TRAIN_DATA_DISK_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* Is it a device whose bytes pass through another one, or none that holds a
 * guest's data: device mapper, RAID, loop, memory, CD? */
bool vr_disk_names_is_virtual(const char *name);

/* If NAME is that of a partition, how many characters of it are the disk's;
 * else 0. */
size_t vr_disk_names_whole(const char *name);

#endif

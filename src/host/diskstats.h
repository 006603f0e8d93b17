/* SPDX-License-Identifier: MIT
 *
 * diskstats: bytes and operations of the machine's disks, summed over whole
 * disks that have hardware (SYS/block/NAME/device): no partitions, loop, ram,
 * device mapper or md devices, so that no byte counts twice.
 */
#ifndef VR_HOST_DISKSTATS_H
#define VR_HOST_DISKSTATS_H

#include "host/procfile.h"

#include <stdbool.h>
#include <stdint.h>

struct vr_disks {
  uint64_t read_bytes, write_bytes;
  uint64_t read_ops, write_ops;
};

struct vr_diskstats;

int vr_diskstats_new(struct vr_diskstats **ret);
void vr_diskstats_free(struct vr_diskstats *d, struct vr_fd_budget *budget);

/* Reads DIRFD/diskstats. Returns 0, -ENODEV when no disk has hardware, or
 * another negative errno. */
int vr_diskstats_read(struct vr_diskstats *d, struct vr_fd_budget *budget,
                      int dirfd, int sysfd, struct vr_text *text,
                      struct vr_disks *ret);

#endif

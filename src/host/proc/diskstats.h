/* SPDX-License-Identifier: MIT
 *
 * diskstats: bytes and operations of the machine's disks, summed over whole
 * disks that have hardware (SYS/block/NAME/device): no partitions, loop, ram,
 * device mapper or md devices, so that no byte counts twice.
 */
#ifndef VR_HOST_PROC_DISKSTATS_H
#define VR_HOST_PROC_DISKSTATS_H

#include "host/proc/procfile.h"

#include <stdbool.h>
#include <stdint.h>

/* The times are summed over requests: of those in flight together each counts.
 * They grow when a request ends. Only who reports a guest's disks has them. */
struct vr_disks {
  uint64_t read_bytes, write_bytes;
  uint64_t read_ops, write_ops;
  bool have_times, have_flush_time, have_errors;
  uint64_t read_ns, write_ns, flush_ns;
  uint64_t errors; /* operations that failed */
};

/* A guest's disks one by one, each with its name's key (accumulator.h). Those
 * beyond the last are added to it. */
enum { VR_DISKS_MAX = 64, VR_DISK_NAME_MAX = 40 };
struct vr_disk_list {
  size_t count;
  struct vr_disk {
    uint64_t key;
    char name[VR_DISK_NAME_MAX]; /* as who reports it calls it; cleaned */
    struct vr_disks counters;
  } v[VR_DISKS_MAX];
};

/* Adds D. */
void vr_diskstats_add(struct vr_disks *sum, const struct vr_disks *d);

/* Calls DISK so; characters that do not belong into a name of a series become
 * "_". */
void vr_diskstats_name(struct vr_disk *disk, const char *name);

/* The place for one more disk. */
struct vr_disk *vr_diskstats_list_next(struct vr_disk_list *l);

struct vr_diskstats;

int vr_diskstats_new(struct vr_diskstats **ret);
void vr_diskstats_free(struct vr_diskstats *d, struct vr_fd_budget *budget);

/* Reads DIRFD/diskstats. Returns 0, -ENODEV when no disk has hardware, or
 * another negative errno. */
int vr_diskstats_read(struct vr_diskstats *d, struct vr_fd_budget *budget,
                      int dirfd, int sysfd, struct vr_procfile_text *text,
                      struct vr_disks *ret);

#endif

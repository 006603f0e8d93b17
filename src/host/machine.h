/* SPDX-License-Identifier: MIT
 *
 * The machine's own counters: processors, load, faults, memory, disks. (Those
 * of its network cards come with its guests' taps: networks.h.)
 */
#ifndef VR_HOST_MACHINE_H
#define VR_HOST_MACHINE_H

#include "host/proc/tree.h"
#include "host/sample.h"

struct vr_machine {
  struct vr_procfile stat_file, load_file, vmstat_file, meminfo_file;
  struct vr_diskstats *disks;
};

/* Returns 0 or -ENOMEM. To be freed in any case. */
int vr_machine_init(struct vr_machine *m);
void vr_machine_free(struct vr_machine *m, struct vr_tree *t);

/* Reads loadavg into the sample. Returns the number of the newest process, or 0
 * where that is not known. */
pid_t vr_machine_read_load(struct vr_machine *m, struct vr_tree *t,
                           struct vr_host_sample *s);

/* Reads the rest. */
void vr_machine_read(struct vr_machine *m, struct vr_tree *t,
                     struct vr_host_sample *s);

#endif

/* SPDX-License-Identifier: MIT
 *
 * The plan of addresses for one located kernel: which ranges one read fetches,
 * and where each counter lies in what comes back.
 */
#ifndef VR_INTROSPECT_PLAN_H
#define VR_INTROSPECT_PLAN_H

#include "introspect/batch.h"
#include "introspect/kernel.h"

#define VR_PLAN_MAX_INODES 256 /* block devices with partitions */
#define VR_PLAN_MAX_ZONES 32   /* memory zones of all nodes */

/* Numbers of ranges in the batch; -1 where something is not available. */
struct vr_plan_cpu {
  int own_offset, processes, running, switches, iowait, uninterruptible;
  int cpustat, idle_flags, idle_entry, idle_sleep, iowait_sleep, idle_elapse;
  int events[VR_VMS_COUNT];
};

/* One inode of the block devices' file system: its pages are the buffers. */
struct vr_plan_inode {
  uint64_t node; /* virtual address of its list node */
  int next, mapping, pages;
};

struct vr_plan {
  struct vr_kernel kernel;
  struct vr_batch batch;
  int banner, percpu, online, jiffies, last_tick, nohz;
  int load, threads, forks, total, reserve, swap;
  int stats[VR_VMS_COUNT]; /* global items of zones and nodes */
  struct vr_plan_cpu cpus[VR_KERNEL_MAX_CPUS];
  struct {
    int low, boost;
  } zones[VR_PLAN_MAX_ZONES];
  unsigned n_zones;
  bool has_zones;
  uint64_t inodes_head; /* virtual address of the list's head, 0: none */
  int inodes_first;
  struct vr_plan_inode inodes[VR_PLAN_MAX_INODES];
  unsigned n_inodes;
  bool inodes_stale; /* the list changed: build the plan anew */
  bool incomplete;   /* something is not there that may come: as above, soon */
  int idle_tasks;    /* kernel threads in state I, -1 if not known */
};

/* Lays out the plan for K, whose memory is in a search (vr_gmem_begin_search):
 * it then has only pages that are there. Returns 0 or a negative errno; free it
 * with vr_plan_free(). */
int vr_plan_build(const struct vr_kernel *k, struct vr_plan **ret);
void vr_plan_free(struct vr_plan *p);

/* The same, without counting tasks. */
int vr_plan_lay_out(const struct vr_kernel *k, struct vr_plan **ret);

/* The list of block devices' inodes, read by following it. Returns 0, or
 * -ENOENT when it cannot be followed to its end. */
int vr_plan_find_inodes(struct vr_plan *p);

#endif

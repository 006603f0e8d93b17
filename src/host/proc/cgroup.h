/* SPDX-License-Identifier: MIT
 *
 * The control group (v2) of one guest, where it has one of its own: CPU time
 * and throttling, memory, disk bytes, and pressure (PSI). A group that a guest
 * shares with other processes, such as a login session, does not describe it
 * and is not read.
 */
#ifndef VR_HOST_PROC_CGROUP_H
#define VR_HOST_PROC_CGROUP_H

#include "host/proc/accumulator.h"
#include "host/proc/procfile.h"

#include <stdbool.h>
#include <stdint.h>

struct vr_cgroup_sample {
  bool have_cpu, have_throttled, have_memory, have_io;
  bool have_cpu_pressure, have_memory_pressure, have_io_pressure;
  uint64_t usage_ns, throttled_ns;
  uint64_t memory; /* bytes */
  uint64_t read_bytes, write_bytes, read_ops, write_ops;
  /* How long some thread of the group was stalled for want of it, ns. */
  uint64_t cpu_pressure_ns, memory_pressure_ns, io_pressure_ns;
};

enum { VR_CGROUP_FILES = 6 };

enum { VR_CGROUP_PATH_MAX = 1024 };

/* Begins as vr_cgroup_init() makes it. */
struct vr_cgroup {
  char path[VR_CGROUP_PATH_MAX]; /* below /sys; "": none of its own */
  struct vr_procfile files[VR_CGROUP_FILES];
  bool
      missing[VR_CGROUP_FILES]; /* not opened again until the owner clears it */
  struct vr_accumulator io;     /* of its block devices; freed by the owner */
  unsigned extra; /* with VR_CGROUP files are read that nobody needs, too */
};

void vr_cgroup_init(struct vr_cgroup *c);

/* The directory, below the root of the hierarchy, of the group that holds one
 * guest alone, from the text of /proc/PID/cgroup: systemd-machined's scope
 * (machine-qemu\x2d*.scope), Proxmox's (qemu.slice/N.scope), or the process's
 * own if that is called as the guest (NAME or UUID), as the Firecracker jailer
 * and Kata make. Returns false if there is none. */
bool vr_cgroup_path(const char *text, const char *name, const char *uuid,
                    char *path, size_t size);

/* Takes the group PATH below SYSFD (/sys). Returns 0 or a negative errno. */
int vr_cgroup_open(int sysfd, const char *path, struct vr_cgroup *c);
void vr_cgroup_close(struct vr_cgroup *c, struct vr_fd_budget *budget);

/* What cannot be read, because a controller is off or the kernel has none, is
 * marked as not known. A group that has gone is closed. */
void vr_cgroup_read(struct vr_cgroup *c, int sysfd, struct vr_fd_budget *budget,
                    struct vr_cgroup_sample *ret);

#endif

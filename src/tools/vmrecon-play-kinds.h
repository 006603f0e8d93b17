/* SPDX-License-Identifier: MIT
 *
 * Load of other kinds than busy processors: one process for each kind, which
 * does a little some ten times a second, at random instants.
 */
#ifndef VR_TOOLS_VMRECON_PLAY_KINDS_H
#define VR_TOOLS_VMRECON_PLAY_KINDS_H

#include "basic/error.h"

#include <stdbool.h>
#include <stdint.h>

/* Number, option, unit, what it is, whether the amplitude is a level and no
 * rate per second; how it is opened (NULL: not), how it is done. */
#define VR_TOOLS_KINDS(X)                                                      \
  X(SWITCHES, "switches", "switches/s", "context switches", false,             \
    vr_tools_switches_open, vr_tools_switches_do)                              \
  X(FORKS, "forks", "forks/s", "processes started", false, NULL,               \
    vr_tools_forks_do)                                                         \
  X(MEMORY, "memory", "MiB", "memory held and written to", true,               \
    vr_tools_memory_open, vr_tools_memory_do)                                  \
  X(DISK, "disk", "bytes/s", "bytes written to a disk", false,                 \
    vr_tools_disk_open, vr_tools_disk_do)                                      \
  X(DISK_READ, "disk-read", "bytes/s", "bytes read from a disk", false,        \
    vr_tools_disk_read_open, vr_tools_disk_read_do)                            \
  X(NETWORK, "network", "bytes/s", "bytes sent over the network", false,       \
    vr_tools_network_open, vr_tools_network_do)
#define VR_TOOLS_KIND(id, ...) VR_TOOLS_KIND_##id,
enum vr_tools_kind { VR_TOOLS_KINDS(VR_TOOLS_KIND) VR_TOOLS_KIND_COUNT };

struct vr_tools_kind_info {
  const char *name, *unit, *what;
  bool is_level;
};
extern const struct vr_tools_kind_info vr_tools_kind_info[VR_TOOLS_KIND_COUNT];

struct vr_tools_kind_options {
  const char *directory; /* for files */
  const char *peer;      /* NULL: the loopback */
  double most;           /* of the amplitude */
  uint64_t seed;
};

struct vr_tools_kind_process;

/* Starts the process, with an amplitude of 0. Returns 0 or a negative errno. */
int vr_tools_kind_start(enum vr_tools_kind kind,
                        const struct vr_tools_kind_options *options,
                        struct vr_tools_kind_process **ret,
                        struct vr_error *ret_error);
void vr_tools_kind_set(struct vr_tools_kind_process *p, double amplitude);

/* So far: the sum of what was done; of a level, its integral over seconds. */
double vr_tools_kind_done(const struct vr_tools_kind_process *p);

void vr_tools_kind_stop(struct vr_tools_kind_process *p);

#endif

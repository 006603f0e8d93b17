/* SPDX-License-Identifier: MIT
 *
 * What a kind of load does, a little at a time, beside keeping processors busy.
 */
#ifndef VR_TOOLS_VMRECON_PLAY_ACTS_H
#define VR_TOOLS_VMRECON_PLAY_ACTS_H

#include "basic/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A kind's own: what it has open. */
struct vr_tools_act {
  const char *directory; /* for a file */
  const char *peer;      /* HOST:PORT to send to; NULL: to itself */
  double most;           /* of the amplitude */
  int in, out, sink;     /* descriptors; sink -1: none */
  bool direct;           /* the file is open past the page cache */
  char *memory;
  size_t size, touched; /* of the memory, bytes */
  off_t at;
};

/* Each is called once, in the program itself, and opens what is needed. */
typedef int vr_tools_act_open(struct vr_tools_act *a,
                              struct vr_error *ret_error);
/* Each does AMOUNT, which is in the kind's unit, and returns how much of it was
 * done; called in a process of its own. */
typedef double vr_tools_act_do(struct vr_tools_act *a, double amount);

vr_tools_act_open vr_tools_switches_open, vr_tools_memory_open;
vr_tools_act_do vr_tools_switches_do, vr_tools_forks_do, vr_tools_memory_do;

/* vmrecon-play-bytes.c */
vr_tools_act_open vr_tools_disk_open, vr_tools_disk_read_open;
vr_tools_act_open vr_tools_network_open;
vr_tools_act_do vr_tools_disk_do, vr_tools_disk_read_do, vr_tools_network_do;

#endif

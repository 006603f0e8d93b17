/* SPDX-License-Identifier: MIT
 *
 * The command line of vmrecon-net.
 */
#ifndef VR_TOOLS_VMRECON_NET_OPTIONS_H
#define VR_TOOLS_VMRECON_NET_OPTIONS_H

#include "basic/error.h"
#include "basic/exit_status.h"

#include <stdbool.h>
#include <stddef.h>

/* NAME=VALUE of the command line. */
struct vr_tools_pair {
  const char *name, *value;
};

enum { VR_TOOLS_PAIRS = 1024 };

struct vr_tools_options {
  const char *command, *input;
  bool json;
  double step;                  /* seconds; 0: the archive's */
  double at;                    /* end of the last window; 0: the newest */
  double max_steps, least_gain; /* NAN: as the file says */
  double overcommit;
  size_t n_hubs, n_apart, n_fdb, n_tunnels, n_limits;
  const char *hubs[VR_TOOLS_PAIRS];
  struct vr_tools_pair apart[VR_TOOLS_PAIRS];   /* guest, guest */
  struct vr_tools_pair fdb[VR_TOOLS_PAIRS];     /* host, file */
  struct vr_tools_pair tunnels[VR_TOOLS_PAIRS]; /* host, address */
  struct vr_tools_pair limits[VR_TOOLS_PAIRS];  /* host, cpu:memory:nic */
  const char *self;                             /* this host's name */
  const char *places;                           /* file of MAC HOST GUEST */
};

/* Fills *RET; ends the program where the command line is wrong, or asks for
 * help. The command has its input. */
void vr_tools_options_parse(int argc, char **argv,
                            struct vr_tools_options *ret);

/* Prints MESSAGE after the program's name; returns VR_EXIT_DATA. */
enum vr_exit vr_tools_failed(const struct vr_error *error);

#endif

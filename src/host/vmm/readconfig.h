/* SPDX-License-Identifier: MIT
 *
 * QEMU's options in a file (-readconfig), as LXD and Incus write them: each
 * section of the file is one option of the command line.
 */
#ifndef VR_HOST_VMM_READCONFIG_H
#define VR_HOST_VMM_READCONFIG_H

#include "host/vmm/cmdline.h"

struct vr_readconfig {
  struct vr_cmdline
      line;      /* the arguments, and those of the files behind them */
  bool complete; /* every file was read */
  char *text;
};

/* The command line C with the files that it names, as the process of the /proc
 * directory DIRFD sees them. Returns 0 or -ENOMEM; to be freed in any case. */
int vr_readconfig_expand(const struct vr_cmdline *c, int dirfd,
                         struct vr_readconfig *ret);
void vr_readconfig_free(struct vr_readconfig *r);

#endif

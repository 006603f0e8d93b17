/* SPDX-License-Identifier: MIT
 *
 * The file behind a mapping of another process. What is in the file need not be
 * in the process's page tables: pages of a file are dropped from them at any
 * time, and a memory image that was restored is mapped before it is used.
 */
#ifndef VR_INTROSPECT_BACKING_H
#define VR_INTROSPECT_BACKING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct vr_backing {
  uint64_t inode; /* 0: no file */
  unsigned major, minor;
  uint64_t offset; /* of the mapping's first byte, in the file */
};

/* Opens the file of the mapping at [BEGIN, END) for reading: by the kernel's
 * link to it, which needs CAP_CHECKPOINT_RESTORE, else by a descriptor that the
 * process has. Returns the descriptor, or a negative errno. */
int vr_backing_open(pid_t pid, uint64_t begin, uint64_t end,
                    const struct vr_backing *backing);

/* Has the file data at OFFSET, or is there a hole? */
bool vr_backing_has(int fd, uint64_t offset);

#endif

/* SPDX-License-Identifier: MIT
 *
 * What makes a process a virtual machine monitor (VMM) of one kind, and how its
 * command line is read. One such row is all that a new VMM needs: see
 * other_vmms.c.
 */
#ifndef VR_HOST_VMM_RECOGNISER_H
#define VR_HOST_VMM_RECOGNISER_H

#include "host/vmm/cmdline.h"
#include "host/vmm/vm.h"

struct vr_recogniser {
  const char *vmm; /* names a guest that has no name of its own */
  /* Patterns (fnmatch) of the program's base name, NULL-terminated. */
  const char *const *programs;
  /* Patterns of the names of threads that execute the guest's processors; NULL:
   * those of any VMM. */
  const char *const *vcpu_threads;
  /* What executes the guest, if there is no choice. */
  enum vr_accelerator accelerator;
  /* Reads the command line into the zeroed *RET; DIRFD is the process's /proc
   * directory. Returns 0, or -ENOENT when it runs no guest. */
  int (*parse)(const struct vr_cmdline *c, int dirfd, struct vr_vm *ret);
};

#define VR_PATTERNS(...)                                                       \
  (const char *const[]) { __VA_ARGS__, NULL }

#endif

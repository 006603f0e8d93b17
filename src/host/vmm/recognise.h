/* SPDX-License-Identifier: MIT
 *
 * Which processes are virtual machines: one table, one row a monitor.
 */
#ifndef VR_HOST_VMM_RECOGNISE_H
#define VR_HOST_VMM_RECOGNISE_H

#include "host/vmm/cmdline.h"
#include "host/vmm/vm.h"

#include <stdbool.h>

struct vr_recogniser {
  const char *monitor;
  /* Patterns (fnmatch) of the program's base name, NULL-terminated. */
  const char *const *programs;
  /* Patterns of the names of threads that execute the guest's processors. */
  const char *const *vcpu_threads;
  /* What executes the guest, if there is no choice. */
  enum vr_accelerator accelerator;
  /* Reads the command line into the zeroed *RET; DIRFD is the process's /proc
   * directory. Returns 0, or -ENOENT when it runs no guest. */
  int (*parse)(const struct vr_cmdline *c, int dirfd, struct vr_vm *ret);
};

/* For processes that the configuration names: any monitor's names of threads.
 */
extern const struct vr_recogniser vr_recognise_custom;

/* Whose row fits the program of C, or NULL. */
const struct vr_recogniser *vr_recognise(const struct vr_cmdline *c);

/* Whether a thread of this NAME (/proc/PID/task/TID/comm) is a vCPU. */
bool vr_recognise_is_vcpu_thread(const struct vr_recogniser *r,
                                 const char *name);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Which processes are virtual machines: QEMU and the table of other VMMs.
 */
#ifndef VR_HOST_VMM_RECOGNISE_H
#define VR_HOST_VMM_RECOGNISE_H

#include "host/vmm/recogniser.h"

#include <stdbool.h>

/* For processes that the configuration names: any VMM's names of threads. */
extern const struct vr_recogniser vr_recognise_custom;

enum { VR_EXE_MAX = 1024 };

/* The file of the program that a process executes, by the link PATH
 * (/proc/PID/exe, relative to DIRFD); "" where it may not be read. */
void vr_recognise_exe(int dirfd, const char *path, char ret[VR_EXE_MAX]);

/* Whose row fits the program of the file EXE ("": not known) or of the command
 * line C, or NULL. A QEMU is also found by its options. Where another program
 * executes that one, its arguments are taken off C. */
const struct vr_recogniser *vr_recognise_program(struct vr_cmdline *c,
                                                 const char *exe);

/* By the command line alone. */
const struct vr_recogniser *vr_recognise(struct vr_cmdline *c);

/* Whether NAME (/proc/PID/comm, cut by the kernel) is that of a VMM's process.
 */
bool vr_recognise_is_process_name(const char *name);

/* Whether a thread of this NAME (/proc/PID/task/TID/comm) is a vCPU. */
bool vr_recognise_is_vcpu_thread(const struct vr_recogniser *r,
                                 const char *name);

#endif

/* SPDX-License-Identifier: MIT
 *
 * A Linux guest's counters, read from its kernel's own variables in the memory
 * of its VM process. Read-only, scalars only; nothing runs in the guest.
 *
 *   vr_introspect_open(&process, &i);
 *   vr_introspect_search(i, NULL);   in a thread of its own: bounded CPU time
 *   vr_introspect_read(i, &values);  every interval: one process_vm_readv
 *   vr_introspect_close(i);
 *
 * What holds: a value that is given was in the guest kernel's variable at the
 * time of the call (but for idle_tasks); what is not known, not consistent, or
 * of a guest whose clock does not advance is withheld. A search takes at most 2
 * s of CPU time and 64 MiB, whatever the memory holds. A guest that lies about
 * its memory falsifies its own values only.
 */
#ifndef VR_INTROSPECT_INTROSPECT_H
#define VR_INTROSPECT_INTROSPECT_H

#include "host/proc/procfile.h"
#include "introspect/introspect_values.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct vr_introspect;

/* What the last search took and found. */
struct vr_introspect_search_stats {
  uint64_t cpu_ns;
  uint64_t bytes_read;
  uint64_t wall_ns;
};

/* Whose memory. */
struct vr_introspect_process {
  pid_t pid;
  uint64_t start;  /* field 22 of its stat, 0: whichever has that number */
  uint64_t memory; /* of the guest, bytes; 0: not known */
};

/* BUDGET is what a descriptor that is kept open counts in, and must outlive it;
 * NULL: there is no limit. Returns 0, -ESRCH when the process is gone or
 * another one, -ENOMEM or another negative errno. */
int vr_introspect_open(const struct vr_introspect_process *process,
                       struct vr_fd_budget *budget, struct vr_introspect **ret);

void vr_introspect_close(struct vr_introspect *i);

/* Searches the running kernel; may be called in another thread than read, one
 * search at a time. Returns 0 when reading may begin, -ENOENT when there is no
 * Linux kernel that can be read (other system, encrypted memory, still in the
 * firmware), -ETIME when the CPU time was used up, -EPERM or -EACCES without
 * the right to read the process (CAP_SYS_PTRACE), -ESRCH. */
int vr_introspect_search(struct vr_introspect *i,
                         struct vr_introspect_search_stats *ret_stats);

/* Ends the search that is under way, and each that begins later, soon: with
 * -ETIME. */
void vr_introspect_cancel(struct vr_introspect *i);

/* When it is time for a search (CLOCK_MONOTONIC, ns): 0 for the first,
 * UINT64_MAX while a kernel is known. After each that fails, the pause before
 * the next is doubled, from 5 s to 5 minutes; and before any, nine times the
 * CPU time that the last one took must have passed. */
uint64_t vr_introspect_due(struct vr_introspect *i);

static inline bool vr_introspect_search_due(struct vr_introspect *i,
                                            uint64_t now_ns) {
  uint64_t due = vr_introspect_due(i);
  return due != UINT64_MAX && now_ns >= due;
}

/* Reads the counters. Returns
 *   0         *ret_values is filled in
 *   -EAGAIN   no kernel known: search first
 *   -ENODATA  the guest's clock does not advance (paused, or asleep for
 * seconds) or did not in this interval: values withheld -ESTALE   it is not
 * that kernel any more (reboot, kexec): search anew -ESRCH    the VM process is
 * gone -EPERM    no right to read it and leaves *ret_values untouched on error.
 */
int vr_introspect_read(struct vr_introspect *i,
                       struct vr_introspect_values *ret_values);

/* The kernel's banner ("Linux version …"), empty when none is known. Copies at
 * most SIZE bytes with the NUL. */
void vr_introspect_banner(struct vr_introspect *i, char *text, size_t size);

/* What a negative return value of these functions means, for messages. */
const char *vr_introspect_why(int r);

#endif

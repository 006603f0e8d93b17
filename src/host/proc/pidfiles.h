/* SPDX-License-Identifier: MIT
 *
 * Parsers of the files that Linux has for each process (/proc/PID) and each of
 * its threads (/proc/PID/task/TID). Each takes the file's NUL-terminated text
 * and returns 0, or -EBADMSG and leaves the result untouched; fields that are
 * not known are ignored, so newer kernels may add some. See proc(5).
 */
#ifndef VR_HOST_PROC_PIDFILES_H
#define VR_HOST_PROC_PIDFILES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* schedstat: of one thread, also in /proc/PID. */
struct vr_schedstat {
  uint64_t run_ns;     /* on a CPU */
  uint64_t wait_ns;    /* runnable, waiting on a run queue */
  uint64_t timeslices; /* times it was put on a CPU */
};
int vr_proc_schedstat_parse(const char *text, struct vr_schedstat *ret);

/* stat: of a thread, or of the whole process in /proc/PID. */
struct vr_pidstat {
  char state; /* R S D T Z X ... */
  uint64_t minflt, majflt;
  uint64_t threads;
  uint64_t start_ticks; /* since boot: shows that a number is reused */
  uint64_t guest_ticks; /* time in a guest: KVM's vCPU threads only */
};
int vr_proc_pidstat_parse(const char *text, struct vr_pidstat *ret);

/* Whether the process has ended and only waits for its parent. */
static inline bool vr_proc_has_ended(const struct vr_pidstat *stat) {
  return stat->state == 'Z' || stat->state == 'X';
}

/* stat: the process's name, filled up with NULs (none where all are used);
 * whoever executes a program gets another one. */
enum { VR_COMM_MAX = 16 };
void vr_proc_comm_parse(const char *text, char ret[VR_COMM_MAX]);

/* stat: whether it is a thread of the kernel, which has no program. */
bool vr_proc_is_kernel_thread(const char *text);

/* status: context switches of a thread. */
struct vr_switches {
  uint64_t voluntary, involuntary;
};
int vr_proc_switches_parse(const char *text, struct vr_switches *ret);

/* status: the users of a process. */
int vr_proc_uids_parse(const char *text, uid_t *ret_real, uid_t *ret_effective);

/* status: the process that started it, or 0. */
int vr_proc_ppid_parse(const char *text, pid_t *ret);

/* statm: resident memory, in pages. */
int vr_proc_statm_parse(const char *text, uint64_t *ret_resident_pages);

/* io: of the whole process. */
struct vr_pidio {
  uint64_t read_bytes, write_bytes; /* at the block layer */
  uint64_t read_calls, write_calls; /* system calls */
};
int vr_proc_pidio_parse(const char *text, struct vr_pidio *ret);

#endif

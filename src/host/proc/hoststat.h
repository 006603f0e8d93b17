/* SPDX-License-Identifier: MIT
 *
 * The machine itself: /proc/stat, loadavg, vmstat, meminfo.
 * Parsers take NUL-terminated text, return 0 or -EBADMSG, and leave the result
 * untouched on error.
 */
#ifndef VR_HOST_PROC_HOSTSTAT_H
#define VR_HOST_PROC_HOSTSTAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum vr_cpu_state {
  VR_CPU_USER,
  VR_CPU_NICE,
  VR_CPU_SYSTEM,
  VR_CPU_IDLE,
  VR_CPU_WAIT,
  VR_CPU_INTERRUPT,
  VR_CPU_SOFTIRQ,
  VR_CPU_STEAL,
  VR_CPU_STATES
};

struct vr_hoststat {
  uint64_t cpu[VR_CPU_STATES]; /* jiffies, all CPUs */
  unsigned cpus;
  uint64_t forks, context_switches;
  uint64_t running, blocked; /* threads, now */
};
int vr_hoststat_parse(const char *text, struct vr_hoststat *ret);

struct vr_loadavg {
  double shortterm, midterm, longterm;
  pid_t last_pid; /* the newest process or thread */
};
int vr_proc_loadavg_parse(const char *text, struct vr_loadavg *ret);

struct vr_faults {
  uint64_t minor, major; /* minor: all faults, as the kernel's pgfault */
};
int vr_proc_vmstat_parse(const char *text, struct vr_faults *ret);

/* Bytes. used = total - free - buffered - cached - slab, as collectd's memory
 * plugin has it. What the kernel does not print is not known: before 3.14 it
 * had no MemAvailable. */
struct vr_meminfo {
  bool have_free, have_buffered, have_cached, have_slab, have_available;
  bool have_used;
  uint64_t total, free, buffered, cached, slab, available, used;
};
int vr_proc_meminfo_parse(const char *text, struct vr_meminfo *ret);

#endif

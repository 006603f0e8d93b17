/* SPDX-License-Identifier: MIT
 *
 * The scalars of struct vr_introspect_values by name, for those who print or
 * dispatch them one by one.
 */
#ifndef VR_INTROSPECT_FIELDS_H
#define VR_INTROSPECT_FIELDS_H

#include "introspect/introspect.h"

/* X(name, bit of .have, expression on the values v, as double) */
#define VR_INTROSPECT_FIELDS(X)                                                \
  X(load1, VR_HAVE_LOAD, v->load[0])                                           \
  X(load5, VR_HAVE_LOAD, v->load[1])                                           \
  X(load15, VR_HAVE_LOAD, v->load[2])                                          \
  X(threads, VR_HAVE_THREADS, v->threads)                                      \
  X(processes, VR_HAVE_PROCESSES, v->processes)                                \
  X(forks, VR_HAVE_FORKS, v->forks)                                            \
  X(running, VR_HAVE_RUNNING, v->running)                                      \
  X(blocked, VR_HAVE_BLOCKED, v->blocked)                                      \
  X(uninterruptible, VR_HAVE_BLOCKED, v->uninterruptible)                      \
  X(idle_tasks, VR_HAVE_IDLE_TASKS, v->idle_tasks)                             \
  X(contextswitch, VR_HAVE_SWITCHES, v->switches)                              \
  X(cpu_user_ns, VR_HAVE_CPU, v->cpu.user)                                     \
  X(cpu_nice_ns, VR_HAVE_CPU, v->cpu.nice)                                     \
  X(cpu_system_ns, VR_HAVE_CPU, v->cpu.system)                                 \
  X(cpu_softirq_ns, VR_HAVE_CPU, v->cpu.softirq)                               \
  X(cpu_irq_ns, VR_HAVE_CPU, v->cpu.irq)                                       \
  X(cpu_steal_ns, VR_HAVE_CPU, v->cpu.steal)                                   \
  X(cpu_idle_ns, VR_HAVE_CPU_IDLE, v->cpu.idle)                                \
  X(cpu_iowait_ns, VR_HAVE_CPU_IDLE, v->cpu.iowait)                            \
  X(pgfault, VR_HAVE_FAULTS, v->pgfault)                                       \
  X(pgmajfault, VR_HAVE_FAULTS, v->pgmajfault)                                 \
  X(pgpgin_bytes, VR_HAVE_PAGING, v->pgpgin)                                   \
  X(pgpgout_bytes, VR_HAVE_PAGING, v->pgpgout)                                 \
  X(pswpin, VR_HAVE_SWAPPING, v->pswpin)                                       \
  X(pswpout, VR_HAVE_SWAPPING, v->pswpout)                                     \
  X(memory_total, VR_HAVE_TOTAL, v->total)                                     \
  X(memory_free, VR_HAVE_FREE, v->free)                                        \
  X(memory_buffered, VR_HAVE_BUFFERED, v->buffered)                            \
  X(memory_cached, VR_HAVE_CACHED, v->cached)                                  \
  X(memory_available, VR_HAVE_AVAILABLE, v->available)                         \
  X(memory_slab_recl, VR_HAVE_SLAB, v->slab_reclaimable)                       \
  X(memory_slab_unrecl, VR_HAVE_SLAB, v->slab_unreclaimable)                   \
  X(uptime, VR_HAVE_UPTIME, v->uptime)                                         \
  X(cpus, VR_HAVE_CPU, v->n_cpus)                                              \
  X(cpus_online, VR_HAVE_CPU, v->n_online)

#endif

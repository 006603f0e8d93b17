/* SPDX-License-Identifier: MIT
 *
 * One vCPU in the eyes of a guest without a steal clock; for all of them
 * together it is the law of cpu_terms.h.
 */
#ifndef VR_SCHEMA_CPU_TICKS_H
#define VR_SCHEMA_CPU_TICKS_H

/* What the guest sees as active: the part of its ticks, of which it misses most
 * while the vCPU was preempted and all while it waited after wake-up. All are
 * parts of the time, 0 to 1. */
double vr_schema_cpu_of_ticks(double run, double preempted, double other_wait);

#endif

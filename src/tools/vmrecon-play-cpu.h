/* SPDX-License-Identifier: MIT
 *
 * Processes that keep the processors busy: a load of 1.5 is one that is always
 * busy and one that is half busy.
 *
 * Each has a period of its own clock and is busy in its first part, until it
 * has used what it is to use; what it could not get is made up for in the next
 * periods. The kernel looks every five seconds who is active: with a
 * period of which a whole number fits in there it would see one part of it
 * always. This one leaves the golden section over, so that any few looks in
 * succession fall all over the period, wherever the first did (a Kronecker
 * sequence), and the kernel's average is that of the load with little noise.
 */
#ifndef VR_TOOLS_VMRECON_PLAY_CPU_H
#define VR_TOOLS_VMRECON_PLAY_CPU_H

#include "basic/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vr_tools_cpu;

/* Processes for a load up to MOST; SEED chooses their phases. They end with the
 * process that calls this. Returns 0 or a negative errno. */
int vr_tools_cpu_start(double most, uint64_t seed, struct vr_tools_cpu **ret,
                       struct vr_error *ret_error);

/* From now on N of them, a fraction too, are to be busy. Up to as many as there
 * are PROCESSORS they are to use so much CPU time; beyond, to be runnable for
 * so long. */
void vr_tools_cpu_set(struct vr_tools_cpu *c, double n, double processors);

/* Seconds, over all of them: of CPU time, and as runnable processes (running or
 * waiting for a processor). */
struct vr_tools_cpu_times {
  double cpu, runnable;
};
struct vr_tools_cpu_times vr_tools_cpu_read(const struct vr_tools_cpu *c);

void vr_tools_cpu_stop(struct vr_tools_cpu *c);

/* How many processors this process may use. */
double vr_tools_cpu_processors(void);

#endif

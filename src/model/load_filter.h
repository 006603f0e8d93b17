/* SPDX-License-Identifier: MIT
 *
 * The kernel's load average as a linear filter. Every 5 seconds Linux computes
 * load <- load e + n (1 - e), n being the number of active tasks and e the
 * fixed-point constants 1884, 2014, 2037 over 2048 for 1, 5 and 15 minutes
 * (include/linux/sched/loadavg.h; they stand for exp(-5/60), exp(-5/300),
 * exp(-5/900)). On a grid of another step the same decay per second is used:
 *
 *   load(t) = decay load(t-1) + (1 - decay) n(t),  decay = e^(step / 5)
 *
 * So the polynomial is A(q) = 1 - decay q^-1, and the part B(q) u of a model of
 * the 1-minute average is (1 - decay) n(t), from which the other two follow.
 */
#ifndef VR_MODEL_LOAD_FILTER_H
#define VR_MODEL_LOAD_FILTER_H

enum vr_load_average { VR_LOAD_1MIN, VR_LOAD_5MIN, VR_LOAD_15MIN };

/* The decay over one grid step of STEP seconds: below 1. */
double vr_load_filter_decay(enum vr_load_average which, double step);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Known physics as a model: the load average is the kernel's filter over the
 * number of active tasks. Busy vCPUs are as many of them, at least; what queues
 * behind them in the guest is not seen from outside, and is at most a constant
 * that can be learned.
 */
#ifndef VR_TRAIN_FIT_PHYSICS_H
#define VR_TRAIN_FIT_PHYSICS_H

#include "train/fit/features.h"

/* The better of the filter alone and the filter with a constant, for counter C
 * (index in F). What it predicts goes to PREDICTED, those of the constant on
 * blocks of time that it was not learned from; RUN is scratch, of F's rows
 * both. fit.free_run is that of these predictions. *ret_what says which it is.
 * -ENOENT for other counters than load, and where the vCPUs' time was not
 * recorded. */
int vr_physics_best(const struct vr_features *f, size_t c, double *run,
                    double *predicted, struct vr_model *ret_model,
                    const char **ret_what);

#endif

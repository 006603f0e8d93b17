/* SPDX-License-Identifier: MIT
 *
 * The law of CPU usage on one guest's data: how much of the time that its vCPUs
 * were preempted it counts depends on its kernel's HZ and on how long the host
 * lets it wait, so that it is calibrated where that is worth it.
 */
#ifndef VR_TRAIN_FIT_CPU_LAW_H
#define VR_TRAIN_FIT_CPU_LAW_H

#include "train/fit/features.h"
#include "train/fit/train_options.h"

/* The first definition of counter C (index in F) whose series were recorded, as
 * a model with its fit, and its held-out prediction in RUN (F's rows). -ENOENT
 * where there is none, as of any other counter, or where model files of the
 * version that OPTIONS asks for have no such structure; -ENOMEM. */
int vr_cpu_law_fit(const struct vr_features *f, size_t c,
                   const struct vr_train_options *options, double *run,
                   struct vr_model *ret_model);

/* What that definition gives for D, calibrated on the N guests OTHERS, of which
 * those that lack a series of it do not count, into RET (grid rows). Errors as
 * above. */
int vr_cpu_law_predict(const struct vr_guest_data *d, enum vr_counter counter,
                       const struct vr_guest_data *const *others, size_t n,
                       const struct vr_train_options *options, double *ret);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Counters that another plugin measures of the guest: the bytes of its disks
 * and interfaces as collectd's virt plugin has them from libvirt, summed over
 * all of them.
 */
#ifndef VR_TRAIN_FIT_MEASURED_H
#define VR_TRAIN_FIT_MEASURED_H

#include "train/fit/features.h"

/* The model of counter C (index in F) that is such a sum, with its fit and
 * without an interval; RUN (F's rows) becomes what it gives. Of an interface
 * either end may be meant by what is received: libvirt means the guest's, the
 * host itself means its own; the guest's values decide. A sum that does not fit
 * better than the mean of BASELINE, or clearly worse than some gain does, is
 * not the guest's number: a device may not be among those that were counted.
 * Returns 0, -ENOENT when there is none, or another negative errno. */
int vr_fit_measured(const struct vr_features *f, size_t c,
                    const struct vr_model_baseline *baseline, double *run,
                    struct vr_model *ret_model);

#endif

/* SPDX-License-Identifier: MIT
 *
 * The statistics of every series that an archive has of a guest or a host.
 */
#ifndef VR_TRAIN_EVALUATE_DESCRIBE_SERIES_H
#define VR_TRAIN_EVALUATE_DESCRIBE_SERIES_H

#include "train/data/guest_data.h"
#include "train/data/pairs.h"
#include "train/evaluate/statistics.h"

/* Receives one series at a time: of the KIND "counter", "process" or "host". */
typedef void (*vr_describe_fn)(const char *kind, const char *name,
                               const struct vr_series_statistics *c,
                               void *data);

/* Counters and VM-process series of PAIR, whose data is D. */
void vr_describe_guest(const struct vr_guest_data *d,
                       const struct vr_pair *pair, vr_describe_fn fn,
                       void *data);

/* The series of the host of PAIR itself, over the span of D, which is a guest
 * of it; PAIRS shows what else is recorded below its name. */
void vr_describe_host(const struct vr_guest_data *d, const struct vr_pair *pair,
                      const struct vr_pairs *pairs, vr_describe_fn fn,
                      void *data);

#endif

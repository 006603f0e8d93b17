/* SPDX-License-Identifier: MIT
 *
 * The second truth of counters that are levels, which collectd only samples:
 * what the sample would be on average. A model that knows the level exactly
 * cannot do better against samples than their noise lets it.
 */
#ifndef VR_TRAIN_DATA_LEVEL_TRUTHS_H
#define VR_TRAIN_DATA_LEVEL_TRUTHS_H

#include "train/data/guest_data.h"
#include "train/data/pairs.h"

/* Fills in the snapshots and expected values of D, the data of PAIR with its
 * grid and truth, where samples were recorded that are finer than its rows:
 *
 * processes: the mean of the guest's own samples within a row, or of what was
 * read from its kernel; the snapshot is the last one.
 *
 * load: the kernel's filter (load_filter.h) over what was read from the run
 * queues of its kernel, at least twice as often as the kernel itself looks at
 * them, every 5 seconds. What the guest's own collectd sees running is not its
 * run queue: it looks when it runs itself.
 *
 * Returns 0 or -ENOMEM. */
int vr_level_truths_read(const struct vr_archive *archive,
                         const struct vr_pair *pair, struct vr_guest_data *d);

#endif

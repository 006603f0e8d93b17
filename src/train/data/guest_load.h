/* SPDX-License-Identifier: MIT
 *
 * The data of one guest, read from an archive.
 */
#ifndef VR_TRAIN_DATA_GUEST_LOAD_H
#define VR_TRAIN_DATA_GUEST_LOAD_H

#include "train/data/guest_data.h"
#include "train/data/span.h"

/* Reads the data of PAIR within SPAN. Of files that cannot be read the others
 * are used. Returns 0;
 * -ENODATA if the span has none of host or guest; another negative errno. */
int vr_data_guest_load(const struct vr_archive *archive,
                       const struct vr_pair *pair, const struct vr_span *span,
                       struct vr_guest_data *ret_data,
                       struct vr_error *ret_error);

#endif

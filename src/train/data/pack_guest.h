/* SPDX-License-Identifier: MIT
 *
 * A guest's data as bytes for another process (pack.h). What its readers hold
 * does not go along: there they read ARCHIVE themselves, when they are asked.
 */
#ifndef VR_TRAIN_DATA_PACK_GUEST_H
#define VR_TRAIN_DATA_PACK_GUEST_H

#include "train/data/guest_data.h"
#include "train/share/pack.h"

void vr_pack_guest(struct vr_pack *p, const struct vr_archive *archive,
                   struct vr_guest_data *d);

#endif

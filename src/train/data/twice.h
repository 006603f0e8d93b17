/* SPDX-License-Identifier: MIT
 *
 * A guest whose VM process is in an archive twice: a host that was renamed and
 * its directory copied, or a backup beside it.
 */
#ifndef VR_TRAIN_DATA_TWICE_H
#define VR_TRAIN_DATA_TWICE_H

#include "train/data/pairs.h"

/* Of pairs of one guest whose VM-process series are the same, row by row over
 * the time that both have, all but the one that reaches furthest are dropped,
 * and counted in P; a notice names them. Two hosts between which a guest
 * migrated have different rows. */
void vr_twice_drop(struct vr_pairs *p, const struct vr_archive *a);

#endif

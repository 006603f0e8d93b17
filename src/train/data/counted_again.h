/* SPDX-License-Identifier: MIT
 *
 * Series that hold again what others of the same guest hold: a sum over all of
 * them must leave them out.
 */
#ifndef VR_TRAIN_DATA_COUNTED_AGAIN_H
#define VR_TRAIN_DATA_COUNTED_AGAIN_H

#include "archive/archive.h"
#include "schema/references.h"

/* Whether the series F of A, one of those of R, is such a one: a partition
 * whose disk was recorded, an instance that R names so. */
bool vr_counted_again(const struct vr_archive *a,
                      const struct vr_archive_file *f,
                      const struct vr_reference *r);

#endif

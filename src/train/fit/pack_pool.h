/* SPDX-License-Identifier: MIT
 *
 * What was pooled, as bytes for another process (pack.h).
 */
#ifndef VR_TRAIN_FIT_PACK_POOL_H
#define VR_TRAIN_FIT_PACK_POOL_H

#include "train/fit/pool_model.h"
#include "train/share/pack.h"

/* Of N guests each. */
void vr_pack_pool_fits(struct vr_pack *p, size_t n, struct vr_pool_fits *f);
void vr_pack_pool_row(struct vr_pack *p, size_t n, struct vr_pool_row *row);
void vr_pack_pool_model(struct vr_pack *p, size_t n, struct vr_pool_model *k);

#endif

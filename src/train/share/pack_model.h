/* SPDX-License-Identifier: MIT
 *
 * A model as bytes for another process (pack.h).
 */
#ifndef VR_TRAIN_SHARE_PACK_MODEL_H
#define VR_TRAIN_SHARE_PACK_MODEL_H

#include "model/model.h"
#include "train/share/pack.h"

void vr_pack_model(struct vr_pack *p, struct vr_model *m);

#endif

/* SPDX-License-Identifier: MIT
 *
 * What was trained of one guest as bytes for another process (pack.h).
 */
#ifndef VR_TRAIN_FIT_PACK_RESULT_H
#define VR_TRAIN_FIT_PACK_RESULT_H

#include "train/fit/train_guest.h"
#include "train/share/pack.h"

/* R's rows are DATA's, which it borrows. */
void vr_pack_result(struct vr_pack *p, const struct vr_guest_data *data,
                    struct vr_guest_result *r);

#endif

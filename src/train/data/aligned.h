/* SPDX-License-Identifier: MIT
 *
 * The last few sums of the host's signals that were brought to the guest's
 * time: models of one guest are run on the same ones many times.
 */
#ifndef VR_TRAIN_DATA_ALIGNED_H
#define VR_TRAIN_DATA_ALIGNED_H

#include "model/model.h"

struct vr_aligned;

/* NULL: no memory, and nothing is remembered. */
struct vr_aligned *vr_aligned_new(void);
void vr_aligned_free(struct vr_aligned *a);

/* Copies the sum of IN's signals, of ROWS rows, to RET, if A (may be NULL) has
 * it. From any thread, as is the next. */
bool vr_aligned_find(struct vr_aligned *a, const struct vr_model_input *in,
                     size_t rows, double *ret);

/* Remembers X as that sum, in the place of the one that was not asked for the
 * longest. */
void vr_aligned_keep(struct vr_aligned *a, const struct vr_model_input *in,
                     size_t rows, const double *x);

#endif

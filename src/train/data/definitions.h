/* SPDX-License-Identifier: MIT
 *
 * Counters that need no estimation, as schema/direct.h defines them: as models
 * without dynamics and with known gains, and as columns of an archive.
 */
#ifndef VR_TRAIN_DATA_DEFINITIONS_H
#define VR_TRAIN_DATA_DEFINITIONS_H

#include "model/model.h"
#include "schema/direct.h"
#include "train/data/reader.h"

#include <stdbool.h>

/* The I-th definition of counter C that is the guest's own number, in the order
 * of preference; NULL beyond the last. */
const struct vr_direct *vr_definitions_of(enum vr_counter c, size_t i);

/* Does a definition made for MODEL serve a guest under GUEST? A guest whose
 * accelerator is not known is served by none but one for any. */
bool vr_definitions_serve(enum vr_accelerator model, enum vr_accelerator guest);

/* The pattern of value I of DEF. */
void vr_definitions_pattern(const struct vr_direct *def, size_t i,
                            char ret_pattern[VR_SIGNAL_PATTERN_SIZE]);

/* DEF as a model for guests that match GUEST, not validated yet. WEIGHT is that
 * of the last value: 1, or what vr_fit_calibrate_wait() says. Returns 0 or
 * -ENOMEM. */
int vr_definitions_model(const struct vr_direct *def, const char *guest,
                         double weight, struct vr_model *ret_model);

/* What DEF gives for GUEST of HOST, in the counter's unit, on the reader's own
 * rows. Errors as vr_reader_input(). */
int vr_definitions_column(const struct vr_direct *def, struct vr_reader *reader,
                          const char *host, const char *guest, double *ret);

#endif

/* SPDX-License-Identifier: MIT
 *
 * How long counters remember, and how many such times an estimated model has to
 * have been learned from.
 */
#ifndef VR_TRAIN_FIT_MEMORIES_H
#define VR_TRAIN_FIT_MEMORIES_H

#include "schema/counters.h"

#include <stdbool.h>
#include <stddef.h>

/* The memory of counter C in seconds; 0 for one that is not trained. */
double vr_memories_seconds(enum vr_counter c);

/* Are there enough of them in the ROWS values Y of STEP seconds for a model to
 * be published at all? */
bool vr_memories_are_enough(const double *y, size_t rows, double step,
                            enum vr_counter c);

#endif

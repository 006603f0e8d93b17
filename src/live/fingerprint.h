/* SPDX-License-Identifier: MIT
 *
 * A hash of everything in a model that the memory of its run depends on: saved
 * memory is only continued by a model of the same fingerprint.
 */
#ifndef VR_LIVE_FINGERPRINT_H
#define VR_LIVE_FINGERPRINT_H

#include "model/model.h"

#include <stdint.h>

/* By names: another counter in the table of counters changes nothing. */
uint64_t vr_live_fingerprint(const struct vr_model *m);

/* As state files of version 1 to 3 have it: by the numbers that names had then.
 * 0 for a model of a counter that those versions did not have. */
uint64_t vr_live_fingerprint_v3(const struct vr_model *m);

/* The counter that was number I in these versions; NULL beyond the last. */
const char *vr_live_counter_v3(size_t i);

#endif

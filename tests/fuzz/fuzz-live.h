/* SPDX-License-Identifier: MIT
 *
 * For the harnesses of the reconstructor: one with models of every structure
 * whose answers are checked, and values that go in.
 */
#ifndef VR_TESTS_FUZZ_LIVE_H
#define VR_TESTS_FUZZ_LIVE_H

#include "live/reconstructor.h"

/* Models that are compatible with each other's state; SET is 0 or 1. */
void fuzz_live_models(struct vr_live *r, unsigned set);

/* A new one with the models of SET and OPTIONS, but for where answers go. */
struct vr_live *fuzz_live_new(struct vr_live_options options, unsigned set);

/* Feeds one value of the series NAME ("HOST/PLUGIN/TYPE:DATA_SOURCE"). */
void fuzz_live_feed(struct vr_live *r, const char *name, vr_time time,
                    vr_time interval, enum vr_kind kind, double value);

/* All series that the models want of GUEST on HOST at second T of an epoch,
 * as they are of a guest that works evenly. */
void fuzz_live_tick(struct vr_live *r, const char *host, const char *guest,
                    vr_time time, vr_time interval, double level);

#endif

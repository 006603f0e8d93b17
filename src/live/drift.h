/* SPDX-License-Identifier: MIT
 *
 * Where a guest sends its own values, they are reference series: does what it
 * measures lie within the prediction intervals of what is published about it? A
 * value leaves an interval of 90 % now and then, and single values always do; a
 * counter has drifted when more than half of its last minute's ticks or so lay
 * outside, and is back when less than a quarter does.
 *
 * A law has no intervals of that kind: its values are compared, and the verdict
 * says how near they come.
 *
 * The guest's clock stamps its own values. Nothing is compared where that clock
 * is so far off that they do not come within a few ticks of those of the host.
 */
#ifndef VR_LIVE_DRIFT_H
#define VR_LIVE_DRIFT_H

#include "basic/text.h"
#include "live/law_verdict.h"
#include "schema/counters.h"
#include "signal/resample.h"

#include <stdbool.h>

enum { VR_DRIFT_PATTERN_SIZE = 96 };

/* The pattern of the I-th series that a guest's own collectd may send and that
 * is compared; false beyond the last. */
bool vr_live_drift_series(unsigned i, char ret_pattern[VR_DRIFT_PATTERN_SIZE]);

struct vr_drift;
struct vr_drift *vr_live_drift_new(void); /* NULL when out of memory */
void vr_live_drift_free(struct vr_drift *d);

/* Whether HOST, which sends values of its own, is the guest NAME: it has that
 * name, or that name with a domain and nobody else has either. */
bool vr_live_drift_is_from(struct vr_drift *d, const char *host,
                           const char *name);

/* A sample of series I. Allocates with the first one of a counter only. Returns
 * 0 or -ENOMEM. */
int vr_live_drift_add(struct vr_drift *d, unsigned i, enum vr_kind kind,
                      vr_time interval, const struct vr_sample *sample);

/* A prediction interval: the counter's mean over (begin, end] is to lie between
 * lower and upper. Or the value of a law, without bounds (-INFINITY, INFINITY);
 * otherwise the value is NAN. */
struct vr_prediction {
  vr_time begin, end;
  double lower, upper;
  double value;
};

/* Predictions of one counter come in the order of their ends. Each is judged
 * when the guest's own values of its time are there. */
void vr_live_drift_predict(struct vr_drift *d, enum vr_counter c,
                           const struct vr_prediction *prediction);

/* What was found of the law of counter C; NULL before it was judged. */
struct vr_verdict *vr_live_drift_verdict(struct vr_drift *d, enum vr_counter c);

/* Has a counter drifted? */
bool vr_live_drift_is_there(const struct vr_drift *d);

/* Appends each one that has, with what was last seen outside of what. */
void vr_live_drift_describe(const struct vr_drift *d, struct vr_text *t);

#endif

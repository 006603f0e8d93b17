/* SPDX-License-Identifier: MIT
 *
 * How good is a law for one guest, by the guest's own values where it sends
 * them? A law has no fit from training. What is compared fades with an hour; a
 * law is judged when it was compared for VR_VERDICT_SECONDS, and then has a fit
 * like any model. One that is further from the guest's values than their mean
 * is withheld until it is clearly better.
 */
#ifndef VR_LIVE_LAW_VERDICT_H
#define VR_LIVE_LAW_VERDICT_H

#include <stdbool.h>

enum { VR_VERDICT_SECONDS = 1200, VR_VERDICT_VALUES = 20 };

/* All zero: nothing was compared. */
struct vr_verdict {
  double weight;             /* seconds compared, the older the less */
  double sum, square, error; /* of as many: x, x^2, (x - value)^2 */
  double seconds;            /* compared, up to VR_VERDICT_SECONDS */
  unsigned values;           /* the same, up to VR_VERDICT_VALUES */
  double fit;                /* percent, as last shown; see is_judged() */
  bool withheld, withheld_logged;
};

/* Of SECONDS the guest measured MEASURED and the law gave VALUE. Errors below
 * NEGLIGIBLE on average, in the counter's unit, withhold nothing: where the
 * guest's own values hardly move, their mean is hard to beat and nobody is
 * misled. */
void vr_live_verdict_add(struct vr_verdict *v, double seconds, double measured,
                         double value, double negligible);

/* Is there a fit? It changes by whole percents only. */
bool vr_live_verdict_is_judged(const struct vr_verdict *v);

#endif

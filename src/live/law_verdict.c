/* SPDX-License-Identifier: MIT */
#include "live/law_verdict.h"

#include "model/fit.h"

#include <math.h>

/* What was compared counts an e-th after so many seconds. */
static const double MEMORY = 3600;

/* Fits, percent: withheld below the mean's, and published again above. */
static const double WITHHELD = 0, BACK = 10;

bool vr_live_verdict_is_judged(const struct vr_verdict *v) {
  return v->seconds >= VR_VERDICT_SECONDS && v->values >= VR_VERDICT_VALUES;
}

static void judge(struct vr_verdict *v, bool is_first, double negligible) {
  double spread = fmax(v->square - v->sum * v->sum / v->weight, 0);
  double fit = vr_model_fit_percent(v->error, spread);
  bool is_small = sqrt(v->error / v->weight) < negligible;
  if (is_first || isnan(v->fit) || !(fabs(fit - v->fit) < 1))
    v->fit = round(fit);
  if (is_small || fit > BACK)
    v->withheld = false;
  else if (fit < WITHHELD || !(spread > 0))
    v->withheld = true;
}

void vr_live_verdict_add(struct vr_verdict *v, double seconds, double measured,
                         double value, double negligible) {
  bool was_judged = vr_live_verdict_is_judged(v);
  double keep = exp(-seconds / MEMORY), d = value - measured;
  v->weight = keep * v->weight + seconds;
  v->sum = keep * v->sum + seconds * measured;
  v->square = keep * v->square + seconds * measured * measured;
  v->error = keep * v->error + seconds * d * d;
  v->seconds = fmin(v->seconds + seconds, VR_VERDICT_SECONDS);
  if (v->values < VR_VERDICT_VALUES)
    v->values++;
  if (vr_live_verdict_is_judged(v))
    judge(v, !was_judged, negligible);
}

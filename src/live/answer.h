/* SPDX-License-Identifier: MIT
 *
 * What the reconstructor concludes about one guest at one tick.
 */
#ifndef VR_LIVE_ANSWER_H
#define VR_LIVE_ANSWER_H

#include "model/load_law.h"
#include "schema/counters.h"
#include "schema/provenance.h"
#include "signal/resample.h"

#include <stdbool.h>

/* One counter of one guest at one tick. */
struct vr_counter_answer {
  bool present; /* false: nothing is published about this counter */
  double value; /* level, or rate per second; NAN: unknown */
  /* Of a rate: a count that has risen by value times time since the answer
   * before; meaningless while value is NAN. */
  int64_t total;
  enum vr_provenance provenance;
  /* The model's validated free-run fit in percent; NAN where it was never
   * validated, as for what is measured, and while the run settles. Of a law:
   * what the guest's own values say, once they were compared for a while. */
  double fit;
  /* The provenance is to be published with this answer, and the fit, which
   * nobody has of a measurement (live/quality.h); never of a rate that is not
   * known. */
  bool quality_due, fit_due;
  double midterm, longterm; /* of the load; NAN where unknown */
  /* Only with the option intervals, and where the model has any. Of the load:
   * the 1-minute average's. NAN where the interval is not known; the totals
   * rise as the bounds do, and begin anew with the reconstructor. */
  bool has_interval;
  double lower, upper;
  int64_t lower_total, upper_total;
};

/* The bounds of a load that follows by law, of all three averages; whatever the
 * option intervals says. */
struct vr_load_bracket {
  bool present; /* the load is by law */
  bool wide; /* vr_load_law_is_wide() of the 1-minute average, or there may be
                more than the upper bound, since all vCPUs are busy */
  bool wide_due; /* that is to be published, as quality_due */
  double lower[VR_LOAD_AVERAGES], upper[VR_LOAD_AVERAGES]; /* NAN: unknown */
};

struct vr_answer {
  const char *host, *guest;
  vr_time time;     /* end of the tick */
  vr_time interval; /* its length */
  bool named;       /* of the guests of this name, the one that owns it */
  /* TIME is between the ends of ticks: that of a report of the guest's, and
   * only counts that it has reported are present (live/between.h). */
  bool between;
  unsigned details; /* kinds of devices that are published one by one: bits of
                       vr_detail_kind (schema/detail_names.h) */
  struct vr_counter_answer counters[VR_COUNTERS];
  struct vr_load_bracket load;
  /* The values of the best inferred models, published, withheld or not; only
   * with model_series. */
  bool has_models;
  struct vr_counter_answer models[VR_COUNTERS];
};

/* Called with the guest's lock held, for one guest in the order of its ticks.
 * Must not call the reconstructor. */
typedef void (*vr_answer_fn)(void *user, const struct vr_answer *answer);

#endif

/* SPDX-License-Identifier: MIT */
#include "host/qmp/qmp_report.h"

#include <math.h>

/* Reports that a driver may miss, and seconds for clocks that disagree. */
enum { REPORTS = 3, SLACK = 10 };

bool vr_qmp_balloon_is_fresh(time_t updated, unsigned period) {
  return updated > 0 &&
         time(NULL) - updated <= REPORTS * (time_t)period + SLACK;
}

/* QEMU says the second and leaves out its part: half of one is the mean. */
double vr_qmp_balloon_second(time_t updated, double now) {
  return fmin((double)updated + 0.5, now);
}

double vr_qmp_balloon_instant(time_t updated, unsigned period, double interval,
                              double before, double now) {
  double oldest = now - (period > interval ? interval : 2 * interval);
  double at = fmax(vr_qmp_balloon_second(updated, now), oldest);
  return at > before ? at : 0;
}

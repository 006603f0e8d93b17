/* SPDX-License-Identifier: MIT */
#include "host/qmp/qmp_report.h"

/* Reports that a driver may miss, and seconds for clocks that disagree. */
enum { REPORTS = 3, SLACK = 10 };

bool vr_qmp_balloon_is_fresh(time_t updated, unsigned period) {
  return updated > 0 &&
         time(NULL) - updated <= REPORTS * (time_t)period + SLACK;
}

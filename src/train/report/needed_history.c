/* SPDX-License-Identifier: MIT */
#include "train/report/needed_history.h"

#include <math.h>
#include <stdio.h>

/* Memory of each counter in seconds, as far as a model of it has to learn it.
 * On the recorded hour (tests/data/recorded, vmrecon-train --characterise) the
 * autocorrelation is below 1/e after 50 to 84 s of load, which is the one
 * minute of the kernel's filter, and after 4 to 15 s of all others but buffers.
 * These wander for 88 to 266 s, but a model of theirs is a gain on what the
 * balloon driver reports, and was as good from 15 minutes as from 40. */
static const double memories[VR_COUNTERS] = {
    [VR_LOAD] = 60,          [VR_PROCESSES] = 10,   [VR_CPU] = 10,
    [VR_CONTEXTSWITCH] = 10, [VR_PAGE_FAULTS] = 10, [VR_BUFFERS] = 10,
    [VR_DISK_READ] = 10,     [VR_DISK_WRITE] = 10,  [VR_NET_TX] = 10,
    [VR_NET_RX] = 10};

/* How many memories. Models of the recorded hour were trained on 5 to 40
 * minutes of it and run over the rest (tests/bench/history; docs/evaluation.md
 * has the table). From 15 minutes on, which are 90 memories of 10 s, the median
 * of what came later was within 13 points of what the models had said of
 * themselves, wherever at least four were published; on less it was up to 190
 * below. Load, at 60 s, was 35 to 42 points below up to 30 minutes and 4 after
 * 40: its hour and a half is carried over from the others, and no recording was
 * long enough to show it. */
enum { MEMORIES = 90 };

double vr_needed_seconds(enum vr_counter c, double step) {
  return memories[c] > 0 ? MEMORIES * fmax(memories[c], step) : 0;
}

void vr_needed_text(double seconds, char *ret, size_t size) {
  double minutes = ceil(seconds / 60);
  if (minutes < 100)
    snprintf(ret, size, "%.0f more minute%s", minutes, minutes == 1 ? "" : "s");
  else if (minutes < 48 * 60)
    snprintf(ret, size, "%.1f more hours", ceil(minutes / 6) / 10);
  else
    snprintf(ret, size, "%.1f more days", ceil(minutes / 144) / 10);
}

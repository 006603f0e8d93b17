/* SPDX-License-Identifier: MIT */
#include "train/fit/memories.h"

#include <math.h>

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

/* Of the recorded hour's load models that were trained on less than twenty
 * minutes six of fifteen broke their promise in the ten that followed
 * (tests/bench/promises). */
enum { LEAST_MEMORIES = 20 };

double vr_memories_seconds(enum vr_counter c) { return memories[c]; }

bool vr_memories_are_enough(const double *y, size_t rows, double step,
                            enum vr_counter c) {
  size_t known = 0;
  for (size_t i = 0; i < rows; i++)
    known += isfinite(y[i]) != 0;
  return (double)known * step >= LEAST_MEMORIES * fmax(memories[c], step);
}
